#include "loopback_transport.h"

#include <sdk/testing/bare_context.h>
#include <sdk/testing/harness.h>

#include <gmock/gmock.h>
#include <boost/asio/bind_cancellation_slot.hpp>

namespace argot::loopback {
namespace {

using testing::HasSubstr;

/// A kernel of the world, reduced to its transport.
struct Node {
  explicit Node(kit::BareWorld& world, std::uint64_t seed) : ctx(world, seed) { ctx.run(transport.start(ctx)); }
  kit::BareContext ctx;
  LoopbackTransport transport;
};

class Loopback : public testing::Test {
 public:
  StoreReceipt store(std::string_view text, Duration ttl = std::chrono::hours(1)) {
    StoreRequest request(inbox_, view(text), ttl);
    return alice_.ctx.run(alice_.transport.store(std::move(request)));
  }
  Batch receive(std::string cursor = {}, Duration wait = {}) {
    ReceiveRequest request(inbox_, bob_id_.get());
    request.cursor = std::move(cursor);
    request.wait = wait;
    return bob_.ctx.run(bob_.transport.receive(std::move(request)));
  }
  static std::string texts(const Batch& batch) {
    std::string out;
    for (const Delivery& d : batch.deliveries) out.append(text_of(d.envelope)).append(" ");
    return out;
  }
  template <class T> Error error_of(Task<T> task) {
    try {
      alice_.ctx.run(std::move(task));
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error came";
    return Error(Code::internal, "");
  }
  Hub& hub() { return *std::static_pointer_cast<Hub>(world_.shared["loopback/2"]); }

  kit::BareWorld world_;
  std::unique_ptr<Identity> alice_id_ = kit::person(0), bob_id_ = kit::person(1);
  Mailbox inbox_{bob_id_->id(), 0};
  Node alice_{world_, 1}, bob_{world_, 2};
};

// --- files ---

struct LoopbackFilesTest : Loopback {
  LoopbackFilesTest()
      : alices_(*static_cast<FileStore*>(alice_.transport.interface(FileStore::interface_id))),
        bobs_(*static_cast<FileStore*>(bob_.transport.interface(FileStore::interface_id))) {}
  KeptFile upload(Bytes bytes, Duration ttl = {}, FileProgress progress = {}) {
    return alice_.ctx.run(alices_.upload(std::make_shared<const Bytes>(std::move(bytes)), ttl, std::move(progress)));
  }
  FileStore &alices_, &bobs_;
};

TEST_F(LoopbackFilesTest, WhatOneUploadsAnotherDownloadsUntilItExpires) {
  std::vector<std::uint64_t> seen;
  const KeptFile kept =
      upload(Bytes{1, 2, 3}, std::chrono::hours(1), [&](std::uint64_t done, std::uint64_t) { seen.push_back(done); });
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, 3}));
  EXPECT_EQ(kept.size, 3u);
  EXPECT_EQ(bob_.ctx.run(bobs_.download(kept.url, 3)), (Bytes{1, 2, 3}));
  EXPECT_EQ(bob_.ctx.run(bobs_.info(kept.url)).expires_at, kept.expires_at);
  EXPECT_EQ(upload(Bytes{1, 2, 3}).url, kept.url) << "the same bytes are the same file";
  bob_.ctx.run(bobs_.extend(kept.url, std::chrono::hours(24 * 20)));
  world_.pass(std::chrono::hours(24 * 19));
  EXPECT_EQ(bob_.ctx.run(bobs_.download(kept.url, 3)).size(), 3u);
  world_.pass(std::chrono::hours(24 * 2));
  EXPECT_EQ(error_of(alices_.download(kept.url, 3)).code(), Code::not_found);
  EXPECT_EQ(error_of(alices_.info(kept.url)).code(), Code::not_found);
  EXPECT_EQ(error_of(alices_.extend(kept.url)).code(), Code::not_found);
}

TEST_F(LoopbackFilesTest, WhatIsTooLargeOrElsewhereIsRefused) {
  const KeptFile kept = upload(Bytes(100));
  EXPECT_EQ(error_of(alices_.download(kept.url, 99)).code(), Code::resource_exhausted);
  EXPECT_EQ(error_of(alices_.download("http://elsewhere/file/x", 99)).code(), Code::invalid_argument);
  EXPECT_EQ(error_of(alices_.download("nonsense", 99)).code(), Code::invalid_argument);
  EXPECT_THROW(upload(Bytes(max_file + 1)), Error);
  EXPECT_THROW(upload({}), Error);
}

TEST_F(Loopback, CarriesEnvelopesInOrderFromOneKernelToAnother) {
  store("one");
  store("two");
  EXPECT_EQ(texts(receive()), "one two ");
}

TEST_F(Loopback, GoesOnAfterTheCursor) {
  store("one");
  const Batch first = receive();
  store("two");
  const Batch second = receive(first.cursor);
  EXPECT_EQ(texts(second), "two ");
  EXPECT_EQ(texts(receive(second.cursor)), "");
}

TEST_F(Loopback, TakesACursorOfAnotherTransportOrAnotherProcessForNone) {
  store("one");
  for (const char* cursor : {"{\"v\":1}", "12345-1", "99999999999999999999999-9", "-", "x"})
    EXPECT_EQ(texts(receive(cursor)), "one ") << cursor;
}

TEST_F(Loopback, GivesTheHashThatANodeWouldGive) {
  const std::string hash = keys::message_hash(bob_id_->id(), 0, view("one"));
  EXPECT_EQ(store("one").hash, hash);
  EXPECT_EQ(receive().deliveries.at(0).hash, hash);
}

TEST_F(Loopback, StoresIdenticalBytesOnce) {
  EXPECT_FALSE(store("one").already);
  EXPECT_TRUE(store("one").already);
  EXPECT_EQ(receive().deliveries.size(), 1u);
}

TEST_F(Loopback, WaitsUntilSomethingArrives) {
  world_.uptime = {};
  auto later = [](Loopback& self) -> Task<> {
    co_await self.alice_.ctx.sleep(std::chrono::seconds(5));
    StoreRequest request(self.inbox_, view("late"), std::chrono::hours(1));
    co_await self.alice_.transport.store(std::move(request));
  };
  alice_.ctx.spawn("later", later(*this));
  EXPECT_EQ(texts(receive({}, std::chrono::hours(1))), "late ");
  EXPECT_EQ(hub().watches(), 0u);
}

TEST_F(Loopback, GivesAnEmptyBatchWhenTheWaitEnds) {
  const Batch batch = receive({}, std::chrono::seconds(7));
  EXPECT_TRUE(batch.deliveries.empty());
  EXPECT_EQ(world_.uptime, std::chrono::seconds(7));
}

TEST_F(Loopback, SurvivesThatAWaitingKernelIsDestroyed) {
  {
    auto doomed = std::make_unique<kit::BareWorld>();
    doomed->shared = world_.shared;  // the same wire
    auto node = std::make_unique<Node>(*doomed, 3);
    ReceiveRequest request(inbox_, bob_id_.get());
    request.wait = std::chrono::hours(1);
    bool ended = false;
    auto waiting = [](Node& n, ReceiveRequest r, bool& flag) -> Task<> {
      co_await n.transport.receive(std::move(r));
      flag = true;
    };
    asio::cancellation_signal power;
    asio::co_spawn(doomed->loop, waiting(*node, std::move(request), ended),
                   asio::bind_cancellation_slot(power.slot(), [](std::exception_ptr) {}));
    doomed->loop.restart();
    doomed->loop.poll();
    EXPECT_EQ(hub().watches(), 1u);
    store("while it waits");  // its bell is on the way when the power goes
    power.emit(asio::cancellation_type::terminal);
    doomed->loop.restart();
    doomed->loop.poll_one();  // the bell
    EXPECT_EQ(hub().watches(), 1u);
    node.reset();
    doomed.reset();
    EXPECT_FALSE(ended);
  }
  EXPECT_EQ(hub().watches(), 0u);
  store("after");
  EXPECT_EQ(texts(receive()), "while it waits after ");
}

TEST_F(Loopback, ForgetsWhatHasExpired) {
  store("short", std::chrono::seconds(10));
  store("long");
  world_.uptime += std::chrono::seconds(11);
  EXPECT_EQ(texts(receive()), "long ");
  EXPECT_FALSE(store("short").already);
}

TEST_F(Loopback, RemovesAndExpires) {
  const auto one = store("one"), two = store("two");
  store("three");
  bob_.ctx.run(bob_.transport.remove(*bob_id_, inbox_, {one.hash, "unknown"}));
  bob_.ctx.run(bob_.transport.expire(*bob_id_, inbox_, {two.hash}, bob_.ctx.now() + std::chrono::seconds(1)));
  world_.uptime += std::chrono::seconds(2);
  EXPECT_EQ(texts(receive()), "three ");
}

TEST_F(Loopback, GivesNothingToSomebodyElseWhateverTheyClaim) {
  store("secret");
  for (unsigned claims : {1u, 3u, 5u, 7u, 0u}) {
    kit::Impostor impostor(*bob_id_, *alice_id_, claims);
    ReceiveRequest request(inbox_, &impostor);
    EXPECT_EQ(error_of(alice_.transport.receive(std::move(request))).code(), Code::permission_denied) << claims;
    EXPECT_EQ(error_of(alice_.transport.remove(impostor, inbox_, {})).code(), Code::permission_denied) << claims;
  }
  EXPECT_EQ(error_of(alice_.transport.receive(ReceiveRequest(inbox_, nullptr))).code(), Code::permission_denied);
}

TEST_F(Loopback, LetsOnlyTheOwnerStoreOutsideAnInbox) {
  Mailbox config{bob_id_->id(), 2};
  StoreRequest request(config, view("x"), std::chrono::hours(1));
  EXPECT_EQ(error_of(alice_.transport.store(request)).code(), Code::permission_denied);
  request.signer = bob_id_.get();
  EXPECT_FALSE(bob_.ctx.run(bob_.transport.store(request)).hash.empty());
}

TEST_F(Loopback, RefusesWhatIsTooLargeOrLivesTooLong) {
  const Bytes large(max_envelope + 1);
  EXPECT_EQ(error_of(alice_.transport.store(StoreRequest(inbox_, large, std::chrono::hours(1)))).code(),
            Code::invalid_argument);
  EXPECT_EQ(error_of(alice_.transport.store(StoreRequest(inbox_, view("x"), max_ttl + Duration(1)))).code(),
            Code::invalid_argument);
  EXPECT_EQ(error_of(alice_.transport.store(StoreRequest(inbox_, view("x"), Duration(0)))).code(),
            Code::invalid_argument);
}

TEST_F(Loopback, RefusesMoreThanTenThousandUntilSomeExpire) {
  const Time now = alice_.ctx.now();
  for (std::size_t i = 0; i < max_per_mailbox; ++i) {
    const std::string text = std::to_string(i);
    hub().store(inbox_, view(text), now, std::chrono::seconds(i == 0 ? 5 : 500));
  }
  EXPECT_EQ(error_of(alice_.transport.store(StoreRequest(inbox_, view("x"), std::chrono::hours(1)))).code(),
            Code::resource_exhausted);
  world_.uptime += std::chrono::seconds(6);
  EXPECT_FALSE(store("x").already);
}

TEST_F(Loopback, GivesALongBacklogInBatchesWithoutLossOrRepetition) {
  for (int i = 0; i < 1000; ++i) store(std::to_string(i));
  std::string cursor;
  std::vector<std::string> all;
  for (bool more = true; more;) {
    Batch batch = receive(cursor);
    for (const Delivery& d : batch.deliveries) all.emplace_back(text_of(d.envelope));
    cursor = batch.cursor;
    more = batch.more;
  }
  ASSERT_EQ(all.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)], std::to_string(i));
}

}  // namespace
}  // namespace argot::loopback
