#include <kernel/check/sim_harness.h>
#include <kernel/messenger/messenger.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <fmt/format.h>

namespace argot::kernel {

constexpr std::size_t most_complaints = 1000;

/// A coroutine of the kit's, on a host's own loop: it outlives a plugin that stops, as other plugins' calls do.
class SimHarness::Begun final : public kit::Running {
 public:
  struct State {
    bool done = false;
    std::exception_ptr failure;
    asio::cancellation_signal signal;
  };
  /// Told when the coroutine ends, and also when it is taken away with its host.
  struct End {
    std::shared_ptr<State> state;
    explicit End(std::shared_ptr<State> s) : state(std::move(s)) {}
    End(End&&) = default;
    ~End() {
      if (!state || state->done) return;
      state->done = true;
      state->failure = std::make_exception_ptr(Error(Code::cancelled, "The kernel ended before the call did."));
    }
    void operator()(std::exception_ptr failure) {
      state->done = true;
      state->failure = std::move(failure);
    }
  };

  Begun(SimHost& host, Task<> task) {
    asio::co_spawn(host.executor(), std::move(task), asio::bind_cancellation_slot(state_->signal.slot(), End(state_)));
  }
  ~Begun() override { cancel(); }
  bool done() const override { return state_->done; }
  std::exception_ptr failure() const override { return state_->failure; }
  void cancel() override {
    if (!state_->done) state_->signal.emit(asio::cancellation_type::terminal);
  }
  std::shared_ptr<void> state() const { return state_; }

 private:
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// Somebody at the other end of a stream who reads and says nothing.
static Task<> read_in_silence(Stream stream) {
  std::string room(4096, '\0');
  error_code ended;
  while (!ended) {
    auto token = asio::redirect_error(asio::use_awaitable, ended);
    const auto into = asio::buffer(room);
    co_await stream.async_read_some(into, token);
  }
}

static Task<> listen_in_silence(SimHost& host, std::string address) {
  auto listener = co_await host.fabric()->listen(std::move(address));
  for (;;) {
    Stream stream = co_await listener->accept();
    asio::co_spawn(host.executor(), read_in_silence(std::move(stream)), [](std::exception_ptr) {});
  }
}

SimHarness::SimHarness(const Plan& plan, std::uint64_t seed) : plan_(plan), world_(seed) {
  std::filesystem::remove_all(plan.scratch);
  world_.on_log([this](const SimLogLine& line) {
    if (line.level >= static_cast<int>(LogLevel::error) && complaints_.size() < most_complaints)
      complaints_.push_back(fmt::format("{}: {}", line.host, line.text));
  });
  world_.observe([this](const Packet& packet) {
    for (Seat& seat : clients_)
      if (seat.host && seat.host->name() == packet.from) seat.talked_to.emplace(packet.to);
  });
  for (const Surroundings::Node& node : plan.surroundings.nodes()) {
    nodes_.emplace_back();
    nodes_.back().host = &world_.host(node.host);
    if (node.listens) {
      asio::co_spawn(nodes_.back().host->executor(),
                     listen_in_silence(*nodes_.back().host, fmt::format("{}:{}", node.host, node.listens)),
                     [](std::exception_ptr) {});
      continue;
    }
    start_seat(nodes_.back(), profile_of(nodes_.back(), node.profile));
  }
  for (std::size_t who = 0; who < clients; ++who) {
    Seat& seat = clients_[who];
    seat.host = &world_.host("client-" + std::to_string(who));
    if (plan.surroundings.account())
      make_account(seat, profile_of(seat, plan.surroundings.client(who, seat.host->name())));
    start(who);
  }
}

SimHarness::~SimHarness() {
  for (Seat& seat : clients_) end_seat(seat);
  for (Seat& seat : nodes_) end_seat(seat);
}

Profile SimHarness::profile_of(const Seat& seat, Profile profile) const {
  profile.data = plan_.scratch / seat.host->name();
  profile.lab = true;  // a check is one
  return profile;
}

void SimHarness::start_seat(Seat& seat, Profile profile) {
  if (!seat.host->alive()) seat.host->restart();
  seat.kernel = std::make_unique<Kernel>(*seat.host, std::move(profile), plan_.catalog);
  add_messenger(seat.kernel->host());
  try {
    world_.run(*seat.host, seat.kernel->start(), std::chrono::minutes(5));
  } catch (...) {
    end_seat(seat);
    throw;
  }
}

void SimHarness::make_account(Seat& seat, Profile profile) {
  const std::string subject = std::filesystem::absolute(plan_.subject.file).string();
  std::erase_if(profile.plugins, [&](const PluginUse& use) { return use.use == subject; });
  start_seat(seat, std::move(profile));
  {
    auto messenger = seat.kernel->service<Messenger>().lease();
    world_.run(*seat.host, messenger->create_account({}, nullptr));
  }
  world_.run(*seat.host, seat.kernel->stop(), std::chrono::minutes(5));
  end_seat(seat);
}

/// As a power cut; harmless for what has been stopped.
void SimHarness::end_seat(Seat& seat) {
  if (seat.host) seat.host->kill();
  seat.kernel.reset();
}

void SimHarness::start(std::size_t who) {
  Seat& seat = clients_[who];
  start_seat(seat, profile_of(seat, plan_.surroundings.client(who, seat.host->name())));
}

void SimHarness::stop(std::size_t who) {
  Seat& seat = clients_[who];
  if (!seat.kernel) return;
  world_.run(*seat.host, seat.kernel->stop(), std::chrono::minutes(5));
  for (const Leftover& left : seat.kernel->host().leftovers())
    if (!left.obeyed) complaints_.push_back(fmt::format("{} left {} running after stop()", left.plugin, left.what));
  end_seat(seat);
}

void SimHarness::kill(std::size_t who) { end_seat(clients_[who]); }

Slot* SimHarness::slot(std::size_t who, std::string_view id) {
  Seat& seat = clients_[who];
  if (!seat.kernel) return nullptr;
  for (Slot* slot : seat.kernel->host().slots(id))
    if (slot->provider == plan_.subject.info.name) return slot;
  return nullptr;
}

Context& SimHarness::context(std::size_t who) {
  if (!clients_[who].kernel) throw Error(Code::unavailable, fmt::format("Kernel {} is not running.", who));
  return clients_[who].kernel->host().context(plan_.subject.info.kind, plan_.subject.info.name);
}

kit::Usage SimHarness::usage(std::size_t who) const {
  if (clients_[who].kernel)
    for (const Running& running : clients_[who].kernel->host().running_plugins())
      if (running.kind == plan_.subject.info.kind && running.name == plan_.subject.info.name)
        return {running.tasks, running.timers, 0};
  return {};
}

void SimHarness::call(std::size_t who, std::function<void()> work) {
  SimHost& host = *clients_[who].host;
  auto call = [](std::function<void()> w) -> Task<> {
    w();
    co_return;
  };
  world_.run(host, call(std::move(work)));
}

std::unique_ptr<kit::Running> SimHarness::begin(std::size_t who, Task<> task) {
  auto begun = std::make_unique<Begun>(*clients_[who].host, std::move(task));
  begun_.push_back(begun->state());
  return begun;
}

bool SimHarness::step_until(const std::function<bool()>& reached, Duration limit) {
  const Duration end = world_.uptime() + limit;
  if (world_.step_until(reached, limit)) return true;
  if (world_.uptime() < end)
    world_.step_for(end - world_.uptime());  // nothing is left to happen: the time passes all the same
  return reached();
}

void SimHarness::cut(std::size_t who, bool off) {
  off ? world_.isolate(*clients_[who].host) : world_.rejoin(*clients_[who].host);
}

void SimHarness::lose(double share) {
  Link link;
  link.loss = share;
  world_.set_link(link);
}

std::string SimHarness::real_io() {
  try {
    world_.check_no_real_io();
    return {};
  } catch (const Error& error) {
    return error.sentence();
  }
}

}  // namespace argot::kernel
