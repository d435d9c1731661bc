#include "harness_bare.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

namespace argot::kit {

class BareHarness::Begun final : public Running {
 public:
  struct State {
    bool done = false;
    std::exception_ptr failure;
    asio::cancellation_signal signal;
  };
  Begun(asio::io_context& loop, Task<> task) {
    asio::co_spawn(loop, std::move(task),
                   asio::bind_cancellation_slot(state_->signal.slot(), [state = state_](std::exception_ptr failure) {
                     state->done = true;
                     state->failure = std::move(failure);
                   }));
  }
  ~Begun() override { cancel(); }
  bool done() const override { return state_->done; }
  std::exception_ptr failure() const override { return state_->failure; }
  std::shared_ptr<void> state() const { return state_; }
  void cancel() override {
    if (!state_->done) state_->signal.emit(asio::cancellation_type::terminal);
  }

 private:
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

BareHarness::BareHarness(Make make, std::uint64_t seed, const Settings& settings)
    : make_(std::move(make)), settings_(settings), seed_(seed) {
  for (std::size_t who = 0; who < clients; ++who) start(who);
}

BareHarness::~BareHarness() {
  for (std::size_t who = 0; who < clients; ++who) kill(who);
}

Slot* BareHarness::slot(std::size_t who, std::string_view id) {
  Client& client = clients_[who];
  void* object = client.plugin ? client.plugin->interface(id) : nullptr;
  if (!object) return nullptr;
  auto& [slot, instance] = client.slots[std::string(id)];
  instance.object = object;
  slot.current = &instance;
  slot.interface_id = id;
  slot.provider = client.context->name();
  return &slot;
}

void BareHarness::start(std::size_t who) {
  Client& client = clients_[who];
  const std::uint64_t seed = seed_ * 1'000'003 + who * 10'007 + ++lives_;
  client.context = std::make_unique<BareContext>(world_, seed, "client-" + std::to_string(who));
  client.context->change_settings() = settings_;
  client.plugin = make_();
  run(who, client.plugin->start(*client.context));
}

void BareHarness::stop(std::size_t who) {
  Client& client = clients_[who];
  if (!client.plugin) return;
  run(who, client.plugin->stop(), std::chrono::seconds(5));
  pass(std::chrono::milliseconds(1));
  kill(who);
}

void BareHarness::kill(std::size_t who) {
  Client& client = clients_[who];
  if (!client.plugin) return;
  client.slots.clear();
  client.plugin.reset();
  for (std::string& line : client.context->lines) complaints_.push_back(std::move(line));
  client.context.reset();
}

Usage BareHarness::usage(std::size_t) const { return {0, world_.waits.size(), 0}; }

void BareHarness::call(std::size_t, std::function<void()> work) {
  ++steps_;
  work();
}

std::unique_ptr<Running> BareHarness::begin(std::size_t, Task<> task) {
  auto begun = std::make_unique<Begun>(world_.loop, std::move(task));
  begun_.push_back(begun->state());
  return begun;
}

bool BareHarness::step(Duration until) {
  world_.loop.restart();
  if (world_.loop.poll_one() > 0) return ++steps_, true;
  if (world_.waits.empty() || world_.waits.begin()->first > until) return false;
  auto first = world_.waits.begin();
  world_.uptime = std::max(world_.uptime, first->first);
  auto done = std::move(first->second);
  world_.waits.erase(first);
  std::move (*done)(error_code{});
  return ++steps_, true;
}

bool BareHarness::step_until(const std::function<bool()>& reached, Duration limit) {
  const Duration end = world_.uptime + limit;
  while (!reached()) {
    if (step(end)) continue;
    world_.uptime = end;
    return reached();
  }
  return true;
}

}  // namespace argot::kit
