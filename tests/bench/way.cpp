// The whole way of a message through the kernel, without cryptography, network and database: those are replaced by
// objects that do nothing (stubs.h) and whose time is not counted.
#include "bench.h"
#include "scene.h"
#include "stubs.h"

namespace argot::bench {
namespace {

/// What the interfaces alone ask for: leases, virtual calls, two coroutines, a transaction and an event for each
/// message.
Task<> pass(kernel::Kernel* kernel, Store* store, const Identity* self, const StoredMessage* message, int count,
            int* heard) {
  Context& ctx = kernel->host().context("messenger", "messenger");
  const auto suite = kernel->service<Suite>();
  const auto transport = kernel->service<Transport>();
  const Mailbox mailbox{self->id(), 0};
  for (int i = 0; i < count; ++i) {
    auto tx = store->begin();
    StubSuiteState state;
    const Bytes envelope = suite.lease()->seal(*self, self->id(), view(message->text), 1, state);
    auto lease = transport.lease();
    StoreRequest request(mailbox, envelope, std::chrono::hours(1));
    const StoreReceipt receipt = co_await lease->store(std::move(request));
    ReceiveRequest wanted(mailbox, self);
    const Batch batch = co_await lease->receive(std::move(wanted));
    for (const Delivery& delivery : batch.deliveries) {
      const Opened opened = suite.lease()->open(*self, delivery.envelope, state);
      if (opened.content.size() == message->text.size()) tx->insert(*message);
    }
    tx->commit();
    asio::post(ctx.executor(), [heard] { ++*heard; });
  }
}

class Way {
 public:
  Way() {
    heard_ = client_.messenger()->subscribe([this](const Event& e) {
      if (e.kind == Event::Kind::message_changed ||
          (e.kind == Event::Kind::message_added && e.message.direction == Direction::incoming))
        if (--left_ == 0) stage_.world.stop();
    });
  }
  ~Way() { heard_ = Subscription(); }

  /// Sends messages and waits until each is marked as sent and has come back in. Gives the ticks of everything but
  /// the stubs.
  double run(int count, const std::string& text) {
    left_ = 2 * count;  // sent, arrived
    Meter::start();
    for (int i = 0; i < count; ++i) client_.messenger()->send(client_.id(), peer_->id(), text);
    stage_.run();
    const Meter::Ticks ticks = Meter::stop();
    storage_.store->forget_messages();
    return ticks[Part::rest];
  }
  /// Nanoseconds of a message through the interfaces alone, before there is an account.
  double interfaces() const { return interfaces_; }
  /// Allocations of at least the text's size on the way of one message.
  std::size_t large_allocations(std::string text) {
    left_ = 2;
    LargeAllocations large(text.size());
    client_.messenger()->send(client_.id(), peer_->id(), std::move(text));
    stage_.run();
    return large.count();
  }

 private:
  void pass_interfaces(kernel::Kernel& kernel) {
    StubStore store;
    StoredMessage message;
    message.text = std::string(200, 'x');
    std::vector<double> costs;
    int heard = 0;
    constexpr int count = 200;
    for (int round = 0; round < 30; ++round) {
      Meter::start();
      stage_.run(pass(&kernel, &store, peer_.get(), &message, count, &heard));
      costs.push_back(Meter::stop()[Part::rest] / count);
      store.forget_messages();
    }
    interfaces_ = kit::median(costs) * Meter::tick();
  }

  double interfaces_ = 0;
  Stage stage_;
  std::unique_ptr<Identity> peer_ = make_identity(Secret(16));
  StubSuite suite_{peer_->id()};
  StubStorage storage_;
  std::unique_ptr<StubTransport> transport_;
  Client client_{stage_, "memory", "/nowhere", [this](kernel::Kernel& kernel) {
                   transport_ = std::make_unique<StubTransport>(kernel.host().context("messenger", "messenger"));
                   replace<Suite>(kernel, [this](Suite*) { return &suite_; });
                   replace<Storage>(kernel, [this](Storage*) { return &storage_; });
                   replace<Transport>(kernel, [this](Transport*) { return transport_.get(); });
                   pass_interfaces(kernel);
                 }};
  Subscription heard_;
  int left_ = 0;
};

}  // namespace

Rows way(const Effort& effort) {
  Way way;
  const int many = effort.count(200, 10), slices = effort.count(10, 1);
  const std::string text(200, 'x');
  std::vector<double> bursts, singles;
  for (int round = -1; round < effort.rounds; ++round) {
    double burst = 0, single = 0;
    for (int i = 0; i < slices; ++i) {
      burst += way.run(many, text);
      for (int k = 0; k < 10; ++k) single += way.run(1, text);
    }
    if (round < 0) continue;
    bursts.push_back(burst / slices / many);
    singles.push_back(single / slices / 10);
  }
  std::vector<double> copies;
  for (int i = 0; i < 9; ++i) copies.push_back(double(way.large_allocations(std::string(1999, 'x'))));
  const double us = Meter::tick() / 1000;
  return {{"through the interfaces alone: leases, calls, coroutines, event", way.interfaces() / 1000, "us", at_most(1)},
          {"through the whole messenger, in bursts of " + std::to_string(many) + ", each message",
           kit::median(bursts) * us, "us"},
          {"  a message alone", kit::median(singles) * us, "us"},
          {"  heap allocations as large as the body: its encoding, its decoding", kit::median(copies), "", at_most(2)}};
}

}  // namespace argot::bench
