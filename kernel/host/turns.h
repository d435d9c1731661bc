#pragma once
// The kernel's ready queue: every turn of the loop belongs to an owner (one plugin instance, or the host), so that
// turns can be attributed and reclaimed. It stands on the world's executor and adds two things to it: a dead owner's
// turns are dropped wherever they come from, and dropping destroys the waiting coroutine at once, without running it.
#include <kernel/world/sim_job.h>

#include <argot/task.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>

namespace argot::kernel {

class Turns;

/// Whom turns belong to. Made by Turns::add_owner, lives as long as the Turns.
struct TurnOwner {
  std::string name;
  bool dead = false;
  bool telling = false;  ///< dead, but signals that say so still pass: Asio dispatches them to the executor
};

/// The executor of one owner; what Context::executor() gives. Meets Asio's executor requirements; cheap to copy.
/// Asio's any_io_executor holds three words in itself and makes a heap allocation for more, with every post: so what
/// would be a fourth, whether it may run now, is the lowest bit of the owner's address.
class OwnerExecutor {
 public:
  OwnerExecutor(std::shared_ptr<Turns> turns, TurnOwner* owner, bool may_run_now = true)
      : turns_(std::move(turns)), owner_(reinterpret_cast<std::uintptr_t>(owner) | may_run_now) {}

  asio::execution_context& query(asio::execution::context_t) const noexcept;
  asio::execution::blocking_t query(asio::execution::blocking_t) const noexcept {
    return may_run_now() ? asio::execution::blocking_t(asio::execution::blocking.possibly)
                         : asio::execution::blocking_t(asio::execution::blocking.never);
  }
  OwnerExecutor require(asio::execution::blocking_t::never_t) const { return {turns_, owner(), false}; }
  OwnerExecutor require(asio::execution::blocking_t::possibly_t) const { return {turns_, owner(), true}; }
  bool operator==(const OwnerExecutor& o) const noexcept { return owner_ == o.owner_; }
  bool operator!=(const OwnerExecutor& o) const noexcept { return !(*this == o); }

  template <class F> void execute(F&& f) const;

 private:
  TurnOwner* owner() const noexcept { return reinterpret_cast<TurnOwner*>(owner_ & ~std::uintptr_t(1)); }
  bool may_run_now() const noexcept { return owner_ & 1; }

  std::shared_ptr<Turns> turns_;
  std::uintptr_t owner_;
};
static_assert(sizeof(OwnerExecutor) <= 3 * sizeof(void*) && alignof(TurnOwner) > 1);

class Turns : public std::enable_shared_from_this<Turns> {
 public:
  /// @param batch  how many turns may run in one turn of the world. More is faster; 1 gives each its own, in the order
  ///               that the world takes them in: a simulation may shuffle them, and end the world between any two.
  Turns(asio::any_io_executor world, std::size_t batch);

  TurnOwner* add_owner(std::string name);
  OwnerExecutor executor(TurnOwner* owner) { return OwnerExecutor(shared_from_this(), owner); }

  /// Drops what this owner has queued and everything that comes later.
  void kill(TurnOwner* owner);
  /// The same for everybody.
  void kill_all();
  /// Called with what left a turn as an exception.
  std::function<void(const TurnOwner&, std::exception_ptr)> on_failure;

  bool dead() const { return dead_; }
  /// Whose turn it is; null outside any turn.
  const TurnOwner* current() const { return current_; }

 private:
  friend class OwnerExecutor;
  struct Turn {
    TurnOwner* owner;
    SimJob job;
  };
  bool may_run_now(TurnOwner* owner) const {
    return current_ ? current_ == owner : thread_ == std::this_thread::get_id();
  }
  template <class F> void run(TurnOwner* owner, F f);
  template <class F> void push(TurnOwner* owner, F&& f) {
    if (batch_ == 1) return push_alone({owner, SimJob(std::forward<F>(f))});
    ready_.push_back({owner, SimJob(std::forward<F>(f))});
    if (!scheduled_) schedule();
  }
  void push_alone(Turn turn);
  void run_alone(std::size_t place);
  void schedule();
  void pump();
  void drop(const TurnOwner* owner);

  asio::any_io_executor world_;
  asio::execution_context* context_;
  std::size_t batch_;
  std::deque<TurnOwner> owners_;
  // What is posted goes to the end of ready_; when running_ is used up the two change places.
  // (With a batch of 1, ready_ has places that are used again: free_.)
  std::vector<Turn> ready_, running_;
  std::vector<std::size_t> free_;
  std::size_t next_ = 0;  ///< in running_
  TurnOwner* current_ = nullptr;
  bool scheduled_ = false, dead_ = false;
  std::thread::id thread_{};  ///< the loop's thread, known from the first turn on
};

template <class F> void Turns::run(TurnOwner* owner, F f) {
  TurnOwner* outer = std::exchange(current_, owner);
  try {
    f();
  } catch (...) {
    if (on_failure) on_failure(*owner, std::current_exception());
  }
  current_ = outer;
}

template <class F> void OwnerExecutor::execute(F&& f) const {
  // A function that is dropped is destroyed here, and with it the coroutine that it would have continued.
  std::decay_t<F> function(std::forward<F>(f));
  if (turns_->dead_ || owner()->dead) [[unlikely]] {
    auto keep = turns_;
    if (owner()->telling && may_run_now()) keep->run(owner(), [&] { std::move(function)(); });
    return;
  }
  if (may_run_now() && turns_->may_run_now(owner())) {
    auto keep = turns_;
    keep->run(owner(), [&] { std::move(function)(); });
  } else {
    turns_->push(owner(), std::move(function));
  }
}

}  // namespace argot::kernel
