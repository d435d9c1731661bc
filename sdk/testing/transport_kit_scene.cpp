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

Task<> receive_news(std::shared_ptr<ReceiveCall> call, ReceiveRequest request, Context* ctx,
                    std::shared_ptr<Reader> reader, std::shared_ptr<std::vector<Delivery>> news) {
  const Duration until = ctx->uptime() + request.wait;
  for (int rounds = 0; news->empty(); ++rounds) {
    if (rounds > 1000) throw Error(Code::internal, "receive() gives what is known already again and again.");
    ReceiveRequest next(request.mailbox, request.owner);
    next.cursor = reader->cursor;
    next.wait = std::max(until - ctx->uptime(), Duration::zero());
    call->batch = co_await call->lease->receive(std::move(next));
    const bool over = ctx->uptime() >= until && !call->batch.more;
    *news = reader->take(std::move(call->batch));
    if (over) break;
  }
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

TransportScene::Waiting TransportScene::begin_receive(Who at, std::shared_ptr<Reader> reader, Duration wait) {
  auto call = std::make_shared<ReceiveCall>(harness_->lease<Transport>(at));
  ReceiveRequest request(inbox(at), &self(at));
  request.wait = wait;
  // The coroutine owns the lease, so that the lease ends with it, and shares what comes.
  Waiting waiting;
  auto news = std::make_shared<std::vector<Delivery>>();
  waiting.news = news;
  waiting.running = harness_->begin(at, receive_news(std::move(call), std::move(request), &harness_->context(at),
                                                     std::move(reader), std::move(news)));
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

std::vector<Delivery> Reader::take(Batch batch) {
  if (batch.cursor.size() > 16 * 1024)
    throw Error(Code::resource_exhausted,
                "A cursor has " + std::to_string(batch.cursor.size()) + " bytes; 16 KiB are allowed.");
  std::vector<Delivery> news;
  std::set<std::string> in_batch;
  for (Delivery& d : batch.deliveries) {
    if (!in_batch.insert(d.hash).second) throw Error(Code::internal, "One batch has the same hash twice.");
    const auto [at, is_new] = known.emplace(d.hash, d.envelope);
    if (!is_new && at->second != d.envelope)
      throw Error(Code::internal, "Two envelopes were delivered under one hash.");
    if (is_new)
      news.push_back(std::move(d));
    else
      ++repeats;
  }
  cursor = std::move(batch.cursor);
  return news;
}

std::vector<Delivery> TransportScene::drain(Who at, Reader& reader) {
  std::vector<Delivery> out;
  for (std::size_t rounds = 0; rounds < 10 * options_.envelopes + 100; ++rounds) {
    Batch batch = receive(at, reader.cursor);
    const bool over = batch.deliveries.empty() && !batch.more;
    std::ranges::move(reader.take(std::move(batch)), std::back_inserter(out));
    if (over) return out;
  }
  throw Error(Code::internal,
              "The mailbox never runs empty: receive() gives envelopes without end although nothing is stored.");
}

std::vector<Delivery> TransportScene::drain_with_faults(Who at, Reader& reader, std::size_t news, int rounds) {
  std::vector<Delivery> out;
  for (; rounds > 0 && out.size() < news; --rounds) {
    try {
      std::ranges::move(reader.take(receive(at, reader.cursor)), std::back_inserter(out));
    } catch (const Error& error) {
      if (error.code() != Code::unavailable && error.code() != Code::timeout) throw;
    }
    harness_->pass(std::chrono::seconds(2));
  }
  return out;
}

Bytes TransportScene::envelope(std::size_t n, std::size_t size) { return noise("envelope " + std::to_string(n), size); }

Tally::Tally(const std::vector<Delivery>& deliveries) {
  for (const Delivery& d : deliveries) hashes[d.envelope].insert(d.hash);
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
