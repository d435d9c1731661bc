#pragma once
// The simulated world: any number of hosts on one virtual clock, one network between them, all from one seed. The
// same seed and the same calls give the same run, to the byte; log_hash() and final_draw() tell.
//
//   SimWorld world(42);
//   SimHost& node = world.host("node-1");
//   Kernel kernel(node);                       // a host is a World
//   world.step_for(std::chrono::minutes(5));   // five minutes of everybody's life, in milliseconds
//   node.kill();                               // power cut: nothing of it runs any more
//
// Everything happens on the caller's thread, inside the stepping calls. Only one SimWorld may exist at a time in a
// process: libsodium's generator is global, and while a SimWorld exists it draws from the seed, for the host whose turn
// it is.
#include <kernel/world/sim_net.h>
#include <kernel/world/world.h>

#include <argot/error.h>

#include <boost/asio/co_spawn.hpp>

#include <map>
#include <optional>

namespace argot::kernel {

class SimWorld;

struct SimOptions {
  /// The wall clock at the start of the run; uptime() starts at 0.
  Time start = Time(std::chrono::seconds(1'767'225'600));  // 2026-01-01 00:00 UTC
  Link link = {};                                          ///< between hosts that have no link of their own
  /// Takes ready turns in an order drawn from the seed, instead of first come, first served: finds code that relies on
  /// an order nobody promised.
  bool shuffle = false;
  bool rare_paths = true;  ///< chance() may answer true
  /// What a job off the loop costs in virtual time.
  Duration offload_cost = std::chrono::milliseconds(1);
  bool log_text = false;  ///< keep the event log as text too (slow)
  std::uint64_t max_turns_per_instant = 10'000'000;
};

/// One host: what a kernel stands on. Lives as long as its SimWorld, through any number of deaths. Destroy the kernel
/// of one life before the next begins; it may outlive the death, and finds a world then in which nothing happens.
class SimHost final : public World {
 public:
  SimHost(SimWorld& world, std::string name, std::uint32_t index);
  ~SimHost() override;

  const std::string& name() const { return life_.name; }
  SimWorld& world() { return world_; }
  bool alive() const { return life_.alive(); }
  /// How many turns (stretches of code between two waits) have run here, over all lives.
  std::uint64_t turns() const { return life_.turns; }
  /// A power cut: everything that waits or is queued here is destroyed without being run, listeners vanish, streams
  /// break for the others when the news reaches them. During a turn of this host it takes effect at the turn's end.
  void kill();
  /// kill() just before turn number `turn` of all lives would run.
  void kill_at_turn(std::uint64_t turn) { life_.die_at_turn = turn; }
  /// Alive again, with nothing running. Kills first if need be. What the host keeps on disk is not this class's
  /// business.
  void restart();
  /// This host's wall clock is off by so much from now on. uptime() is not.
  void set_clock_skew(Duration skew) { skew_ = skew; }

  asio::any_io_executor executor() override;
  Time now() override;
  Duration uptime() override;
  void wait_until(Duration at, Handler<void(error_code)> done) override;
  /// Runs `work` in this call. What it throws is logged.
  void run_off_loop(std::function<void()> work, Handler<void()> done) override;
  void random(std::span<Byte> out) override;
  bool chance(std::string_view name, double probability) override;
  std::shared_ptr<void>& shared(std::string_view key) override;
  Fabric* fabric() override { return &fabric_; }
  void log(int level, std::string_view who, std::string_view text) override;

 private:
  friend class SimWorld;
  friend struct SimSodium;
  class Wait;
  class HostFabric final : public Fabric {
   public:
    explicit HostFabric(SimHost& host) : host_(host) {}
    Task<Stream> connect(std::string address) override;
    Task<std::unique_ptr<Listener>> listen(std::string address) override;

   private:
    SimHost& host_;
  };
  void die();
  RandomStream& stream(std::unique_ptr<RandomStream>& kept, std::string_view purpose);

  SimWorld& world_;
  SimLife life_;
  HostFabric fabric_{*this};
  Duration skew_{0};
  std::unique_ptr<RandomStream> random_, sodium_;
  std::map<std::string, SmallRandom, std::less<>> chances_;
};

struct SimLogLine {
  Duration at;
  std::string_view host;
  int level;  ///< as argot::LogLevel
  std::string_view who, text;
};

class SimWorld {
 public:
  /// Throws Error(already_exists) while another SimWorld exists.
  explicit SimWorld(std::uint64_t seed, SimOptions options = {});
  /// Kills every host. Destroy kernels before.
  ~SimWorld();
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  /// The host of this name, alive from its first mention on. Names are what addresses are made of: "node-1:22021".
  SimHost& host(std::string_view name);
  /// All hosts so far, in the order of their first mention.
  const std::vector<std::unique_ptr<SimHost>>& hosts() const { return hosts_; }

  // --- time ---
  Duration uptime() const { return loop_.now(); }
  Time now() const { return options_.start + loop_.now(); }
  using CallId = std::uint64_t;
  /// Calls `f` between two turns, belonging to no host.
  CallId at(Duration uptime, std::function<void()> f);
  CallId in(Duration time, std::function<void()> f) { return at(loop_.now() + time, std::move(f)); }
  void cancel(CallId id);

  // --- running; what a turn throws comes out of these, and stepping may go on ---
  /// One turn or one event; false when nothing is left to happen.
  bool step_one() { return loop_.step(); }
  /// Everything up to and including now + `time`; the clock stands there afterwards.
  void step_for(Duration time);
  /// Until `reached()` is true, asked after each step; false when `limit` has passed or nothing is left to happen.
  bool step_until(const std::function<bool()>& reached, Duration limit = std::chrono::hours(1));
  /// Until nothing is left to happen; false when there is still something after `max_steps`.
  bool run_until_idle(std::uint64_t max_steps = 10'000'000);
  /// Runs a coroutine on `host` to its end and gives its result, or throws what it threw; Error(timeout) when it has
  /// not ended after `limit`, Error(cancelled) when the host died first or nothing is left that could end it.
  template <class T> T run(SimHost& host, Task<T> task, Duration limit = std::chrono::hours(1));

  // --- the network between hosts ---
  void set_link(Link link) { net_.set_default(link); }
  /// Both ways; one way.
  void set_link(SimHost& a, SimHost& b, Link link);
  void set_link_one_way(SimHost& from, SimHost& to, Link link) { net_.set_link(from.life_, to.life_, link); }
  /// Nothing passes between the two until heal(); what was sent meanwhile arrives after that, as TCP would have it.
  void partition(SimHost& a, SimHost& b);
  void heal(SimHost& a, SimHost& b);
  /// Partition one way only.
  void clog(SimHost& from, SimHost& to) { net_.set_blocked(from.life_, to.life_, true); }
  void unclog(SimHost& from, SimHost& to) { net_.set_blocked(from.life_, to.life_, false); }
  /// Partition from everybody.
  void isolate(SimHost& host) { net_.isolate(host.life_, true); }
  void rejoin(SimHost& host) { net_.isolate(host.life_, false); }
  void heal_all() { net_.heal_all(); }
  /// Sees every packet but `window` as it leaves and decides; one at a time, empty: all pass.
  void set_filter(PacketFilter filter) { net_.filter = std::move(filter); }
  /// Sees every packet as it leaves, before the filter.
  void observe(PacketObserver observer) { net_.observers.push_back(std::move(observer)); }
  /// Ends of connections that hosts hold.
  std::size_t open_connections() const { return net_.open_connections(); }

  // --- what happened ---
  std::uint64_t events() const { return log_.count(); }
  std::uint64_t log_hash() const { return log_.hash(); }
  const std::string& log_text() const { return log_.text(); }
  /// Draws one number from every generator in use and mixes them: equal for equal runs. Part of the run itself.
  std::uint64_t final_draw();
  /// Where what hosts log goes; without it, nowhere.
  void on_log(std::function<void(const SimLogLine&)> f) { on_log_ = std::move(f); }
  /// Throws Error(internal) when code in this run started real timers, sockets or the like behind the world's back.
  void check_no_real_io();

 private:
  friend class SimHost;
  friend struct SimSodium;
  class Call;
  void kill(SimLife& life);

  const std::uint64_t seed_;
  const SimOptions options_;
  SimLog log_;
  SimLoop loop_;
  SimNet net_;
  std::vector<std::unique_ptr<SimHost>> hosts_;
  std::map<std::string, SimHost*, std::less<>> by_name_;
  std::map<std::string, std::shared_ptr<void>, std::less<>> shared_;
  std::map<CallId, Call*> calls_;
  CallId next_call_ = 1;
  RandomStream outside_;  ///< libsodium's, when it is nobody's turn
  std::function<void(const SimLogLine&)> on_log_;
};

template <class T> T SimWorld::run(SimHost& host, Task<T> task, Duration limit) {
  struct Outcome {
    bool ended = false;
    std::exception_ptr failure;
    std::conditional_t<std::is_void_v<T>, bool, std::optional<T>> value{};
  };
  // Shared: the handler may outlive this call when the coroutine does not end in time.
  auto outcome = std::make_shared<Outcome>();
  if constexpr (std::is_void_v<T>) {
    asio::co_spawn(host.executor(), std::move(task), [outcome](std::exception_ptr failure) {
      outcome->ended = true;
      outcome->failure = std::move(failure);
    });
  } else {
    asio::co_spawn(host.executor(), std::move(task), [outcome](std::exception_ptr failure, T value) {
      outcome->ended = true;
      outcome->failure = std::move(failure);
      if (!outcome->failure) outcome->value.emplace(std::move(value));
    });
  }
  const Duration end = loop_.now() + limit;
  step_until([&] { return outcome->ended || outcome.use_count() == 1; }, limit);
  if (!outcome->ended) {
    if (outcome.use_count() > 1 && loop_.now() >= end)
      throw Error(Code::timeout, "The coroutine on host " + host.name() + " has not ended in the time given.",
                  "Give it longer, or look for what it waits for.");
    throw Error(Code::cancelled, "The coroutine on host " + host.name() + " can no longer end.",
                "Its host died, or it waits for something that nobody will bring about.");
  }
  if (outcome->failure) std::rethrow_exception(outcome->failure);
  if constexpr (!std::is_void_v<T>) return std::move(*outcome->value);
}

}  // namespace argot::kernel
