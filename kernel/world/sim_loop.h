#pragma once
// The simulation's motor: one virtual clock, what is due (by time and order), what is ready, whose turn it is.
//
// Time stands still while something is ready and then jumps to what is due next. Each turn belongs to a host; a turn
// of a host that has died since is destroyed without being run.
#include <kernel/world/sim_job.h>
#include <kernel/world/sim_log.h>
#include <kernel/world/sim_random.h>
#include <kernel/world/time_heap.h>

#include <argot/task.h>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace argot::kernel {

class SimLoop;

/// What the loop knows of a host. `life` grows by one at each death and at each start: even while it lives.
struct SimLife {
  SimLoop* loop = nullptr;
  std::string name;
  std::uint32_t index = 0;
  std::uint32_t life = 0;
  std::uint64_t turns = 0;
  std::uint64_t die_at_turn = ~std::uint64_t(0);
  bool die_after_turn = false;
  asio::any_completion_executor completion_executor;  ///< of this life, for handlers that name none

  bool alive() const { return life % 2 == 0; }
};

/// Something that happens at a time. Owned by the loop from at() until it has happened.
class SimEvent : public Timed {
 public:
  /// `self` is this: let it go, or keep it for a later at().
  virtual void happen(std::unique_ptr<SimEvent> self) = 0;
  /// The host whose death makes this void, or null.
  virtual SimLife* owner() const { return nullptr; }
  /// Called instead of happen() when the owner dies: hand what it holds to bury(), then it is deleted.
  virtual void drop() {}
};

class SimLoop {
 public:
  struct Options {
    bool shuffle = false;
    /// Turns without the clock moving: more is taken for an endless loop.
    std::uint64_t max_turns_per_instant = 10'000'000;
  };
  SimLoop(std::uint64_t seed, Options options, SimLog& log);
  ~SimLoop();

  Duration now() const { return now_; }
  /// Runs one turn or one event; false when there is nothing at all. What a turn throws comes out here.
  bool step();
  /// Runs `many`, which steps, as Asio runs its own loops: then it keeps small blocks of memory for the next handler
  /// instead of asking the heap each time.
  template <class F> void run_in_context(F many) {
    context_.restart();
    asio::post(context_, std::ref(many));
    context_.poll_one();
  }
  /// When something happens next: now, later, or never.
  std::optional<Duration> next();
  /// Sets the clock ahead; nothing may be due before.
  void advance_to(Duration at) { now_ = std::max(now_, at); }

  /// Times in the past mean now.
  void at(Duration when, SimEvent* event) { due_.push(std::max(when, now_).count(), event); }
  void cancel(SimEvent* event) { due_.cancel(event); }
  /// Queues a turn of a host as it lives now.
  void ready(SimLife& host, std::uint32_t life, SimJob job);
  /// From a SimEvent: a turn of `host` that starts now; in shuffling mode it queues with the others.
  template <class F> void turn(SimLife& host, std::uint32_t life, F f) {
    if (options_.shuffle) return ready(host, life, SimJob(std::move(f)));
    run(host, life, f);
  }
  /// Whose turn it is, or null.
  SimLife* current() const { return current_; }
  void set_current(SimLife* host) { current_ = host; }

  /// Destroys a function without running it, now or as soon as others like it are gone: destroying a waiting coroutine
  /// runs its destructors, which may leave more to be destroyed.
  void bury(SimJob job);
  /// Empties the queues of everything of this host; null: of every host.
  void drop(const SimLife* host);
  /// Destroys all that is due. Before what events refer to goes away.
  void clear();
  /// Called when a host has reached the turn it is to die at.
  std::function<void(SimLife&)> on_death;

  asio::io_context& context() { return context_; }
  SimLog& log() { return log_; }

 private:
  struct Turn {
    SimLife* host = nullptr;
    std::uint32_t life = 0;
    SimJob job;
  };
  template <class F> void run(SimLife& host, std::uint32_t life, F& f);
  void begin_turn(SimLife& host);
  void happen_next();
  void empty_graves();
  Turn take_ready();
  [[noreturn]] void stuck(const SimLife& host) const;

  Options options_;
  SimLog& log_;
  SmallRandom order_;
  asio::io_context
      context_;  ///< no reactor, no threads: what an executor must name, and where Asio would put its services
  Duration now_{0};
  TimeHeap due_;
  std::vector<Turn> ready_;  ///< a ring; its size is a power of two
  std::size_t ready_first_ = 0, ready_count_ = 0;
  SimLife* current_ = nullptr;
  std::uint64_t turns_at_instant_ = 0;
  Duration instant_{0};
  std::vector<SimJob> buried_;
  bool burying_ = false;
};

template <class F> void SimLoop::run(SimLife& host, std::uint32_t life, F& f) {
  if (host.turns + 1 >= host.die_at_turn && host.life == life) [[unlikely]]
    on_death(host);
  if (host.life != life) return bury(SimJob(std::move(f)));
  begin_turn(host);
  struct Scope {
    SimLoop& loop;
    SimLife& host;
    ~Scope() noexcept(false) {
      loop.current_ = nullptr;
      if (host.die_after_turn) [[unlikely]]
        loop.on_death(host);
    }
  } scope{*this, host};
  current_ = &host;
  f();
}

}  // namespace argot::kernel
