#include "transport_kit_scene.h"

#include <algorithm>

namespace argot::kit {
namespace {

// What a call borrows lives here, so that a call that is given up may still end. Leases are held as callers hold them.

struct StoreCall {
  StoreCall(Lease<Transport> l, Bytes e) : lease(std::move(l)), envelope(std::move(e)) {}
  Lease<Transport> lease;
  Bytes envelope;
  StoreReceipt receipt;
};
Task<> run_store(std::shared_ptr<StoreCall> call, Mailbox to, Duration ttl) {
  StoreRequest request(to, call->envelope, ttl);
  call->receipt = co_await call->lease->store(std::move(request));
}

struct ReceiveCall {
  explicit ReceiveCall(Lease<Transport> l) : lease(std::move(l)) {}
  Lease<Transport> lease;
  Batch batch;
};
Task<> run_receive(std::shared_ptr<ReceiveCall> call, ReceiveRequest request) {
  call->batch = co_await call->lease->receive(std::move(request));
}

Task<> run_receive_into(std::shared_ptr<ReceiveCall> call, ReceiveRequest request, std::shared_ptr<Batch> into) {
  *into = co_await call->lease->receive(std::move(request));
}

}  // namespace

TransportScene::TransportScene(const MakeHarness& make, const TransportKitOptions& options)
    : harness_(make(options.seed)), options_(options) {
  for (std::size_t who = 0; who < Harness::clients; ++who) people_[who] = person(who);
}

TransportTraits TransportScene::traits() {
  TransportTraits traits;
  harness_->call(alice, [&] { traits = harness_->lease<Transport>(alice)->traits(); });
  return traits;
}

StoreReceipt TransportScene::store(Who from, Mailbox to, Bytes envelope, Duration ttl, Duration limit) {
  auto call = std::make_shared<StoreCall>(harness_->lease<Transport>(from), std::move(envelope));
  harness_->run(from, run_store(call, to, ttl), limit);
  return call->receipt;
}

StoreReceipt TransportScene::store_until_done(Who from, Mailbox to, Bytes envelope, int tries) {
  for (;; --tries) {
    try {
      return store(from, to, envelope);
    } catch (const Error& error) {
      if (error.code() != Code::unavailable && error.code() != Code::timeout) throw;
      if (tries <= 1) throw;
    }
    harness_->pass(std::chrono::seconds(2));
  }
}

Batch TransportScene::receive(Who at, std::string cursor, Duration wait, Duration limit) {
  auto call = std::make_shared<ReceiveCall>(harness_->lease<Transport>(at));
  ReceiveRequest request(inbox(at), &self(at));
  request.cursor = std::move(cursor);
  request.wait = wait;
  harness_->run(at, run_receive(call, std::move(request)), limit);
  return std::move(call->batch);
}

TransportScene::Waiting TransportScene::begin_receive(Who at, std::string cursor, Duration wait) {
  auto call = std::make_shared<ReceiveCall>(harness_->lease<Transport>(at));
  ReceiveRequest request(inbox(at), &self(at));
  request.cursor = std::move(cursor);
  request.wait = wait;
  // The coroutine owns the lease, so that the lease ends with it, and shares the batch.
  Waiting waiting;
  auto batch = std::make_shared<Batch>();
  waiting.batch = batch;
  waiting.running = harness_->begin(at, run_receive_into(std::move(call), std::move(request), std::move(batch)));
  return waiting;
}

Batch TransportScene::receive_as(Who at, Mailbox mailbox, const Identity& owner, std::string cursor) {
  auto call = std::make_shared<ReceiveCall>(harness_->lease<Transport>(at));
  ReceiveRequest request(mailbox, &owner);
  request.cursor = std::move(cursor);
  harness_->run(at, run_receive(call, std::move(request)), std::chrono::minutes(2));
  return std::move(call->batch);
}

void TransportScene::remove(Who at, std::vector<std::string> hashes) {
  const auto lease = harness_->lease<Transport>(at);
  harness_->run(at, lease->remove(self(at), inbox(at), std::move(hashes)), std::chrono::minutes(2));
}

void TransportScene::expire(Who at, std::vector<std::string> hashes, Time time) {
  const auto lease = harness_->lease<Transport>(at);
  harness_->run(at, lease->expire(self(at), inbox(at), std::move(hashes), time), std::chrono::minutes(2));
}

std::vector<Delivery> TransportScene::drain(Who at, std::string& cursor) {
  std::vector<Delivery> out;
  for (std::size_t rounds = 0; rounds < 10 * options_.envelopes + 100; ++rounds) {
    Batch batch = receive(at, cursor);
    cursor = batch.cursor;
    const bool empty = batch.deliveries.empty();
    std::ranges::move(batch.deliveries, std::back_inserter(out));
    if (cursor.size() > 16 * 1024) throw Error(Code::resource_exhausted, "A cursor has " + std::to_string(cursor.size()) + " bytes; 16 KiB are allowed.");
    if (empty && !batch.more) return out;
  }
  throw Error(Code::internal, "The mailbox never runs empty: receive() gives envelopes without end although nothing is stored.");
}

std::vector<Delivery> TransportScene::drain_with_faults(Who at, std::string& cursor, std::size_t complete, int rounds) {
  std::vector<Delivery> out;
  std::set<std::string> known;
  for (; rounds > 0 && known.size() < complete; --rounds) {
    try {
      Batch batch = receive(at, cursor);
      cursor = batch.cursor;
      for (const Delivery& d : batch.deliveries) known.insert(d.hash);
      std::ranges::move(batch.deliveries, std::back_inserter(out));
    } catch (const Error& error) {
      if (error.code() != Code::unavailable && error.code() != Code::timeout) throw;
    }
    harness_->pass(std::chrono::seconds(2));
  }
  return out;
}

Bytes TransportScene::envelope(std::size_t n, std::size_t size) { return noise("envelope " + std::to_string(n), size); }

Tally::Tally(const std::vector<Delivery>& deliveries) {
  for (const Delivery& d : deliveries) {
    ++times[d.hash];
    hashes[d.envelope].insert(d.hash);
  }
}

std::size_t Tally::repeated() const {
  return static_cast<std::size_t>(std::ranges::count_if(times, [](const auto& t) { return t.second > 1; }));
}

std::size_t Tally::renamed() const {
  return static_cast<std::size_t>(std::ranges::count_if(hashes, [](const auto& h) { return h.second.size() > 1; }));
}

Report check_transport(const MakeHarness& make, TransportKitOptions options) {
  Report report;
  check_transport_delivery(report, make, options);
  check_transport_mailbox(report, make, options);
  check_transport_waiting(report, make, options);
  check_transport_faults(report, make, options);
  return report;
}

}  // namespace argot::kit
