// A host of the simulation: the World that its kernel sees.
#include <kernel/world/cancel_hook.h>
#include <kernel/world/sim.h>
#include <kernel/world/sim_executor.h>

#include <argot/context.h>
#include <argot/error.h>

#include <boost/asio/error.hpp>

namespace argot::kernel {

class SimHost::Wait final : public SimEvent, public Cancellable {
 public:
  Wait(SimLife& host, Handler<void(error_code)> done)
      : done_(std::move(done)), host_(host), life_(host.life), direct_(sim_is_direct(host, host.life, done_)) {
    hook_to(done_);
  }
  void happen(std::unique_ptr<SimEvent>) override {
    unhook();
    host_.loop->turn(host_, life_, [&host = host_, direct = direct_, done = std::move(done_)]() mutable {
      sim_complete<error_code>(host, direct, std::move(done), {});
    });
  }
  void cancelled() override {
    auto job = [&host = host_, direct = direct_, done = std::move(done_)]() mutable {
      sim_complete<error_code>(host, direct, std::move(done), asio::error::operation_aborted);
    };
    host_.loop->ready(host_, life_, SimJob(std::move(job)));
    host_.loop->cancel(this);
  }
  SimLife* owner() const override { return &host_; }
  void drop() override {
    unhook();
    host_.loop->bury(SimJob([done = std::move(done_)] {}));
  }

 private:
  Handler<void(error_code)> done_;
  SimLife& host_;
  std::uint32_t life_;
  bool direct_;
};

namespace {

/// The end of a job off the loop.
class OffloadEnd final : public SimEvent {
 public:
  OffloadEnd(SimLife& host, Handler<void()> done) : done_(std::move(done)), host_(host), life_(host.life) {}
  void happen(std::unique_ptr<SimEvent>) override {
    host_.loop->turn(host_, life_, [&host = host_, life = life_, done = std::move(done_)]() mutable {
      sim_complete<>(host, life, std::move(done));
    });
  }
  SimLife* owner() const override { return &host_; }
  void drop() override {
    host_.loop->bury(SimJob([done = std::move(done_)] {}));
  }

 private:
  Handler<void()> done_;
  SimLife& host_;
  std::uint32_t life_;
};

}  // namespace

SimHost::SimHost(SimWorld& world, std::string name, std::uint32_t index) : world_(world) {
  life_.loop = &world.loop_;
  life_.name = std::move(name);
  life_.index = index;
  life_.completion_executor = asio::any_completion_executor(executor());
}

SimHost::~SimHost() = default;

void SimHost::kill() { world_.kill(life_); }

void SimHost::restart() {
  kill();
  if (life_.alive())
    throw Error(Code::invalid_argument, "Host " + name() + " was asked to restart during a turn of its own.",
                "Restart it from outside, between two steps.");
  ++life_.life;
  life_.completion_executor = asio::any_completion_executor(executor());
  world_.log_.add(world_.uptime(), SimEventKind::restart, life_.index, life_.name, life_.life);
}

// A dead host's is that of its last life: it takes nothing.
asio::any_io_executor SimHost::executor() { return SimExecutor(life_, life_.alive() ? life_.life : life_.life - 1); }

Time SimHost::now() { return world_.now() + skew_; }

Duration SimHost::uptime() { return world_.uptime(); }

void SimHost::wait_until(Duration at, Handler<void(error_code)> done) {
  if (!alive()) return world_.loop_.bury(SimJob([done = std::move(done)] {}));
  world_.loop_.at(at, new Wait(life_, std::move(done)));
}

void SimHost::run_off_loop(std::function<void()> work, Handler<void()> done) {
  if (!alive()) return world_.loop_.bury(SimJob([done = std::move(done)] {}));
  try {
    work();
  } catch (...) {
    log(static_cast<int>(LogLevel::error), "world",
        "A job off the loop threw: " + to_error(std::current_exception()).sentence());
  }
  world_.loop_.at(world_.uptime() + world_.options_.offload_cost, new OffloadEnd(life_, std::move(done)));
}

RandomStream& SimHost::stream(std::unique_ptr<RandomStream>& kept, std::string_view purpose) {
  if (!kept) kept = std::make_unique<RandomStream>(world_.seed_, name(), purpose);
  return *kept;
}

void SimHost::random(std::span<Byte> out) { stream(random_, "random").fill(out); }

bool SimHost::chance(std::string_view what, double probability) {
  if (probability <= 0 || !world_.options_.rare_paths) return false;
  auto found = chances_.find(what);
  if (found == chances_.end()) {
    const std::string key(what);
    found = chances_.emplace(key, SmallRandom(world_.seed_, name(), "chance of " + key)).first;
  }
  return found->second.fraction() < probability;
}

std::shared_ptr<void>& SimHost::shared(std::string_view key) {
  const auto found = world_.shared_.find(key);
  return found != world_.shared_.end() ? found->second : world_.shared_[std::string(key)];
}

void SimHost::log(int level, std::string_view who, std::string_view text) {
  if (world_.on_log_) world_.on_log_({world_.uptime(), name(), level, who, text});
}

}  // namespace argot::kernel
