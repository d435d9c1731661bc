#include "swarm_transport.h"
#include "fake_nodes.h"

#include <sdk/src/http/test_script.h>

#include <argot/http.h>

#include <gmock/gmock.h>

namespace argot::swarm::test {
namespace {

using http::test::error_of;
using http::test::PipeNetwork;
using testing::HasSubstr;

constexpr Duration hour = std::chrono::hours(1);

class Swarm : public testing::Test {
 public:
  Swarm() {
    ctx_.options().set("poll_interval", Duration(std::chrono::seconds(5)));
    ctx_.options().set("timeout", Duration(std::chrono::seconds(10)));
    ctx_.options().set("route", std::string("direct"));
    ctx_.options().set("push", true);
    ctx_.options().set("rotate", Duration(std::chrono::minutes(10)));
    ctx_.provide<Network>(network_);
    ctx_.provide<Directory>(directory_);
    directory_.list = nodes_.contacts();
    ctx_.run(transport_.start(ctx_));
    transport_.reach_nodes_through(std::make_unique<FakeCaller>(ctx_, nodes_));
  }
  Task<StoreReceipt> storing(std::string_view text) { return transport_.store(StoreRequest(inbox_, view(text), hour)); }
  StoreReceipt store(std::string_view text) { return ctx_.run(storing(text)); }
  Task<Batch> receiving(std::string cursor = {}, Duration wait = {}) {
    ReceiveRequest request(inbox_, bob_.get());
    request.cursor = std::move(cursor);
    request.wait = wait;
    return transport_.receive(std::move(request));
  }
  Batch receive(std::string cursor = {}, Duration wait = {}) { return ctx_.run(receiving(std::move(cursor), wait)); }
  static std::multiset<std::string> texts(const Batch& batch) {
    std::multiset<std::string> out;
    for (const Delivery& d : batch.deliveries) out.emplace(text_of(d.envelope));
    return out;
  }
  /// Every node answers `method` so.
  void script(const std::string& method, std::function<std::optional<Reply>(FakeNode&, const json::object&)> reply) {
    for (FakeNode& node : nodes_.nodes)
      node.script = [method, reply, &node](const std::string& called,
                                           const json::object& params) -> std::optional<Reply> {
        if (called != method) return std::nullopt;
        return reply(node, params);
      };
  }

  TestContext ctx_;
  PipeNetwork network_{ctx_};
  FakeNodes nodes_{ctx_, 4};
  FakeDirectory directory_;
  std::unique_ptr<Identity> bob_ = make_identity(Secret(Bytes(32, 5)));
  Mailbox inbox_{bob_->id(), 0};
  SwarmTransport transport_;
};

TEST_F(Swarm, CarriesAnEnvelope) {
  const StoreReceipt receipt = store("hello");
  EXPECT_EQ(receipt.hash, keys::message_hash(bob_->id(), 0, view("hello")));
  EXPECT_NEAR(static_cast<double>((receipt.expires_at - receipt.stored_at) / std::chrono::milliseconds(1)), 3'600'000,
              100);
  EXPECT_THAT(receipt.route.at(0), HasSubstr("node node-"));
  EXPECT_EQ(texts(receive()), std::multiset<std::string>{"hello"});
}

TEST_F(Swarm, SaysThatItWasThereAlready) {
  EXPECT_FALSE(store("hello").already);
  EXPECT_TRUE(store("hello").already);
}

TEST_F(Swarm, LooksASwarmUpOnce) {
  for (int i = 0; i < 5; ++i) store(std::to_string(i));
  receive();
  EXPECT_EQ(nodes_.calls("get_swarm"), 1u);
}

TEST_F(Swarm, AsksEveryNodeFromItsOwnPlace) {
  std::string cursor;
  std::multiset<std::string> got;
  for (int i = 0; i < 30; ++i) {
    store(std::to_string(i));
    const Batch batch = receive(cursor);
    cursor = batch.cursor;
    for (const auto& text : texts(batch)) got.insert(text);
  }
  for (int i = 0; i < 30; ++i) EXPECT_GE(got.count(std::to_string(i)), 1u);
  EXPECT_LE(got.size(), 30u * 4);  // at most once from each node
  EXPECT_GT(got.size(), 30u);
}

TEST_F(Swarm, AsksForTheShareThatAnInboxMayHave) {
  receive();
  for (const FakeNode& node : nodes_.nodes)
    for (const auto& call : node.calls)
      if (call.at("method") == "retrieve") {
        EXPECT_EQ(call.at("params").at("max_size"), -2);
      }
}

TEST_F(Swarm, PollsUntilSomethingArrives) {
  auto later = [](Swarm& self) -> Task<> {
    co_await self.ctx_.sleep(std::chrono::seconds(12));
    co_await self.storing("late");
  };
  ctx_.spawn("later", later(*this));
  EXPECT_EQ(texts(receive({}, hour)), std::multiset<std::string>{"late"});
  EXPECT_LT(ctx_.uptime(), std::chrono::seconds(18));
  EXPECT_EQ(nodes_.calls("retrieve"), 4u);
}

TEST_F(Swarm, GivesAnEmptyBatchWhenTheWaitEnds) {
  EXPECT_TRUE(receive({}, std::chrono::seconds(7)).deliveries.empty());
  EXPECT_EQ(ctx_.uptime(), std::chrono::seconds(7));
  EXPECT_EQ(nodes_.calls("retrieve"), 2u);
}

TEST_F(Swarm, DoesNotPollMoreOftenForShortWaits) {
  for (int i = 0; i < 20; ++i) receive({}, std::chrono::milliseconds(500));
  EXPECT_LE(nodes_.calls("retrieve"), 3u);
  const std::size_t before = nodes_.calls("retrieve");
  receive();  // without a wait somebody wants to know now
  EXPECT_EQ(nodes_.calls("retrieve"), before + 1);
}

TEST_F(Swarm, FindsAnotherNodeWhenSomeAreDead) {
  store("hello");
  for (std::size_t i = 0; i < 2; ++i)
    nodes_.nodes[i].script = [](auto&, auto&) -> std::optional<Reply> {
      throw Error(Code::timeout, "node did not answer within 10 s.");
    };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(texts(receive()).size(), 1u);
  std::size_t asked_dead = nodes_.nodes[0].calls.size() + nodes_.nodes[1].calls.size();
  EXPECT_LE(asked_dead, 4u) << "dead nodes are not asked first again";
}

TEST_F(Swarm, SaysWhoFailedWhenNobodyAnswers) {
  script("retrieve", [](FakeNode& node, auto&) -> std::optional<Reply> {
    throw Error(Code::timeout, node.contact.address() + " did not answer within 10 s.");
  });
  const Error error = error_of(ctx_, receiving());
  EXPECT_EQ(error.code(), Code::timeout);
  EXPECT_THAT(error.what(), HasSubstr("did not answer within 10 s"));
  EXPECT_EQ(nodes_.calls("retrieve"), 3u);
}

TEST_F(Swarm, MakesOneAttemptForAStore) {
  script("store", [](auto&, auto&) -> std::optional<Reply> {
    return Reply{503, "Service node is not ready: not done syncing\n"};
  });
  const Error error = error_of(ctx_, storing("hello"));
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("refused store: 503 \"Service node is not ready: not done syncing\""));
  EXPECT_EQ(nodes_.calls("store"), 1u);
}

TEST_F(Swarm, UsesAnotherNodeForTheNextAttempt) {
  nodes_.nodes[0].script = nodes_.nodes[1].script =
      nodes_.nodes[2].script = [](const std::string& method, auto&) -> std::optional<Reply> {
    if (method != "store") return std::nullopt;
    return Reply{500, "oops"};
  };
  int attempts = 0;
  for (bool stored = false; !stored; ++attempts) try {
      store("hello");
      stored = true;
    } catch (const Error&) {
    }
  EXPECT_LE(attempts, 4);
}

TEST_F(Swarm, FollowsANodeThatSaysTheSwarmIsAnotherOne) {
  store("first");
  nodes_.members = {3};
  nodes_.nodes[3].kept.clear();
  store("second");
  EXPECT_EQ(nodes_.nodes[3].kept.size(), 1u);
  EXPECT_EQ(nodes_.calls("get_swarm"), 1u);  // the 421 brought the new swarm
  EXPECT_EQ(texts(receive()), std::multiset<std::string>{"second"});
}

TEST_F(Swarm, IsNotSentInCirclesByNodesThatDisown) {
  script("store", [this](FakeNode& node, auto&) -> std::optional<Reply> { return nodes_.swarm_reply(node, 421); });
  const Error error = error_of(ctx_, storing("hello"));
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("not in the swarm"));
  EXPECT_EQ(nodes_.calls("store"), 2u);
}

TEST_F(Swarm, CatchesANodeThatLiesAboutTheHash) {
  script("store", [this](FakeNode& node, auto&) -> std::optional<Reply> {
    const std::string hash(43, 'A');
    json::object entry{{"hash", hash}, {"signature", to_base64(node.keys->sign(view(hash)))}};
    return nodes_.wrap(node, {{"hash", hash}, {"swarm", {{to_hex(node.contact.ed25519), entry}}}});
  });
  const Error error = error_of(ctx_, storing("hello"));
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), testing::StartsWith("Node node-"));
  EXPECT_THAT(error.what(), HasSubstr("gave a hash that the envelope does not have"));
}

TEST_F(Swarm, IsNotKeptByANodeThatLiesAndSaysItIsTheWholeSwarm) {
  FakeNode& liar = nodes_.nodes[0];
  for (const char* lie : {R"({"swarm":{}})", "rubbish"}) {
    liar.script = [this, &liar, lie](const std::string& method, auto&) -> std::optional<Reply> {
      if (method != "get_swarm") return Reply{200, lie};
      const auto all = std::exchange(nodes_.members, {0});
      Reply reply = nodes_.swarm_reply(liar, 200);
      nodes_.members = all;
      return reply;
    };
    SwarmTransport transport;
    ctx_.run(transport.start(ctx_));
    transport.reach_nodes_through(std::make_unique<FakeCaller>(ctx_, nodes_));
    directory_.list = {liar.contact};
    error_of(ctx_, transport.store(StoreRequest(inbox_, view("hello"), hour)));
    directory_.list = nodes_.contacts();
    EXPECT_NO_THROW(ctx_.run(transport.store(StoreRequest(inbox_, view("hello"), hour)))) << lie;
    EXPECT_NO_THROW(ctx_.run(transport.receive(ReceiveRequest(inbox_, bob_.get())))) << lie;
  }
}

TEST_F(Swarm, DropsForgedDeliveriesAndSaysWhoseTheyWere) {
  script("retrieve", [this](FakeNode& node, auto&) -> std::optional<Reply> {
    json::array messages;
    messages.push_back({{"hash", std::string(43, 'A')},
                        {"data", "aGVsbG8="},
                        {"timestamp", 1'750'000'000'000},
                        {"expiration", 1'760'000'000'000}});
    return nodes_.wrap(node, {{"messages", messages}, {"more", true}});
  });
  const Batch batch = receive();
  EXPECT_TRUE(batch.deliveries.empty());
  EXPECT_FALSE(batch.more);
  EXPECT_THAT(ctx_.lines(), testing::Contains(HasSubstr("does not have the hash it gave")));
}

TEST_F(Swarm, SaysThatAnAnswerIsRubbish) {
  script("retrieve", [](auto&, auto&) -> std::optional<Reply> { return Reply{200, std::string(10'000, '\xff')}; });
  const Error error = error_of(ctx_, receiving());
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("The answer of node node-"));
  EXPECT_THAT(error.what(), HasSubstr("is not JSON"));
}

TEST_F(Swarm, DoesNotLetOneNodesVetoBeFinal) {
  for (unsigned status : {400u, 401u, 403u, 413u, 429u, 500u}) {
    script("store", [status](auto&, auto&) -> std::optional<Reply> { return Reply{status, "no"}; });
    EXPECT_EQ(error_of(ctx_, storing("hello")).code(), Code::unavailable) << status;
  }
}

TEST_F(Swarm, UsesTheNetworksTimeWhenItsOwnClockIsWrong) {
  for (FakeNode& node : nodes_.nodes) node.clock_off_ms = 3'600'000;
  store("hello");
  EXPECT_EQ(texts(receive()).size(), 1u);
}

TEST_F(Swarm, SetsItsIdeaOfTheTimeRightWhenANodeRefusesIt) {
  receive();
  for (FakeNode& node : nodes_.nodes) node.clock_off_ms = -7'200'000;
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(receive().deliveries.empty());
  EXPECT_LE(nodes_.calls("info"), 4u) << "once for each node";
  EXPECT_EQ(transport_.clock_offset() / std::chrono::seconds(1), -7200);
  for (FakeNode& node : nodes_.nodes) node.clock_off_ms = 0;
  EXPECT_TRUE(receive().deliveries.empty());
}

TEST_F(Swarm, DoesNotSetItsClockForEverByNodesThatRefuseEveryTime) {
  script("retrieve", [](FakeNode&, const json::object&) { return Reply{406, "clock out of sync"}; });
  const Error error = error_of(ctx_, receiving());
  EXPECT_THAT(error.what(), HasSubstr("406"));
  EXPECT_LE(nodes_.calls("retrieve"), 6u);  // three nodes, each twice
  EXPECT_LE(nodes_.calls("info"), 3u);
}

TEST_F(Swarm, SpeaksToEachNodeByItsOwnClock) {
  nodes_.nodes[0].clock_off_ms = 3'600'000;
  nodes_.nodes[1].clock_off_ms = -1'800'000;
  for (int i = 0; i < 40; ++i) receive();
  // Once it has met them it need not be refused again, and what most say is the time.
  const std::size_t asked = nodes_.calls("retrieve");
  for (int i = 0; i < 10; ++i) receive();
  EXPECT_EQ(nodes_.calls("retrieve"), asked + 10);
  EXPECT_EQ(transport_.clock_offset() / std::chrono::seconds(1), 0);
}

TEST_F(Swarm, StoresNothingWithATimeThatIsTheFutureOfOtherNodes) {
  nodes_.nodes[0].clock_off_ms = 3'600'000;
  for (int i = 0; i < 40; ++i) receive();
  for (int i = 0; i < 20; ++i) store("hello " + std::to_string(i));
  for (const FakeNode& node : nodes_.nodes)
    for (const auto& call : node.calls)
      if (call.at("method") == "store") {
        EXPECT_LE(call.at("params").at("timestamp").as_int64(), to_ms(ctx_.now()) + 10'000);
      }
}

TEST_F(Swarm, AsksForAllMailboxesOfAnAccountInOneRequest) {
  auto one = [](Swarm& self, std::int16_t ns, std::vector<Batch>& out) -> Task<> {
    ReceiveRequest request({self.bob_->id(), ns}, self.bob_.get());
    request.wait = std::chrono::seconds(12);
    Batch batch = co_await self.transport_.receive(std::move(request));
    out.push_back(std::move(batch));
  };
  std::vector<Batch> got;
  for (std::int16_t ns : {0, 2, 3, 5}) ctx_.spawn("mailbox", one(*this, ns, got));
  ctx_.pass(std::chrono::seconds(14));
  EXPECT_EQ(got.size(), 4u);
  EXPECT_GT(nodes_.calls("batch"), 0u);
  std::size_t alone = 0, polls = 0;
  for (const FakeNode& node : nodes_.nodes)
    for (std::size_t i = 0; i < node.calls.size(); ++i) {
      polls += node.calls[i].at("method") == "batch";
      if (node.calls[i].at("method") == "batch")
        i += 4;
      else
        alone += node.calls[i].at("method") == "retrieve";
    }
  EXPECT_LE(alone, 4u) << "the first time nobody knows of the others";
  EXPECT_LE(polls, 3u);
}

TEST_F(Swarm, LetsANodeHoldARequestUntilSomethingComes) {
  std::vector<std::int64_t> waits;
  script("retrieve", [&](FakeNode& node, const json::object& params) -> std::optional<Reply> {
    waits.push_back(params.at("wait_ms").as_int64());
    return nodes_.wrap(node, {{"messages", json::array()}, {"more", false}, {"waited_ms", 20'000}});
  });
  EXPECT_FALSE(transport_.traits().pushes);
  receive({}, std::chrono::seconds(20));
  EXPECT_EQ(waits.at(0), 20'000);
  EXPECT_TRUE(transport_.traits().pushes);
}

TEST_F(Swarm, DoesNotAskANodeWithoutRoomForItAgainAtOnce) {
  script("retrieve", [this](FakeNode& node, const json::object&) -> std::optional<Reply> {
    return nodes_.wrap(node, {{"messages", json::array()}, {"more", false}, {"waited_ms", 0}});
  });
  receive({}, std::chrono::seconds(20));
  EXPECT_LE(nodes_.calls("retrieve"), 5u);
}

/// Nodes that hold a request as long as they may.
class HoldingCaller final : public NodeCaller {
 public:
  HoldingCaller(TestContext& ctx, FakeNodes& nodes) : ctx_(ctx), nodes_(nodes) {}
  Task<Reply> call(ServiceNode node, std::string method, json::object params, Duration held) override {
    co_await ctx_.sleep(std::chrono::milliseconds(10));
    Reply reply = nodes_.answer(node.address(), method, params);
    if (method != "retrieve") co_return reply;
    json::object body = json::parse(reply.body).as_object();
    const bool found = !body.at("messages").as_array().empty();
    if (!found) co_await ctx_.sleep(held);
    body["waited_ms"] = found ? 0 : held / std::chrono::milliseconds(1);
    reply.body = json::serialize(body);
    co_return reply;
  }

 private:
  TestContext& ctx_;
  FakeNodes& nodes_;
};

TEST_F(Swarm, ANodeThatMissedSomethingAndHoldsRequestsDoesNotKeepItFromUsForEver) {
  transport_.reach_nodes_through(std::make_unique<HoldingCaller>(ctx_, nodes_));
  std::string cursor = receive({}, std::chrono::seconds(20)).cursor;
  const auto holds = [](const FakeNode& node) {
    return std::ranges::any_of(node.calls, [](const auto& call) { return call.at("method") == "retrieve"; });
  };
  const auto held = std::ranges::find_if(nodes_.nodes, holds);
  ASSERT_NE(held, nodes_.nodes.end());
  store("missed by one");
  held->kept.clear();
  std::multiset<std::string> got;
  while (got.empty() && ctx_.uptime() < hour) {
    const Batch batch = receive(cursor, std::chrono::seconds(20));
    cursor = batch.cursor;
    got = texts(batch);
  }
  EXPECT_EQ(got, std::multiset<std::string>{"missed by one"});
  EXPECT_GT(ctx_.uptime(), std::chrono::minutes(5)) << "it was not the one that missed it";
}

TEST_F(Swarm, KeepsTheDirectorysAddressOfAKnownNode) {
  script("get_swarm", [this](FakeNode& node, auto&) -> std::optional<Reply> {
    Reply honest = nodes_.swarm_reply(node, 200);
    for (std::size_t at; (at = honest.body.find("\"node-")) != std::string::npos;)
      honest.body.replace(at, 6, "\"evil-");
    return honest;
  });
  EXPECT_THAT(store("hello").route.at(0), HasSubstr("node node-"));
}

TEST_F(Swarm, DoesNotTakeANodeWhoseKeysDoNotBelongTogether) {
  directory_.list.resize(1);  // it knows one node; the others are only hearsay
  nodes_.nodes[1].contact.x25519 = nodes_.nodes[2].contact.x25519;
  for (int i = 0; i < 12; ++i) store("message " + std::to_string(i));
  EXPECT_TRUE(nodes_.nodes[1].calls.empty());
}

TEST_F(Swarm, NeedsNoLookUpWhenTheDirectoryKnowsTheSwarms) {
  for (ServiceNode& node : directory_.list) node.swarm = 0x1f;
  store("hello");
  EXPECT_EQ(nodes_.calls("get_swarm"), 0u);
  nodes_.members = {2};  // it may be wrong
  EXPECT_FALSE(store("second").hash.empty());
  EXPECT_EQ(nodes_.nodes[2].kept.back().data, to_base64(view("second")));
}

TEST_F(Swarm, SaysThatTheDirectoryIsEmpty) {
  directory_.list.clear();
  const Error error = error_of(ctx_, storing("hello"));
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("knows no service node"));
  EXPECT_FALSE(error.remedy().empty());
  directory_.next = nodes_.contacts();
  EXPECT_FALSE(store("hello").hash.empty());  // it is asked again by itself
}

TEST_F(Swarm, AsksTheDirectoryForNewsWhenNobodyAnswers) {
  for (ServiceNode& node : directory_.list) node.https_port = 1;  // an old list
  directory_.next = nodes_.contacts();
  error_of(ctx_, storing("hello"));
  EXPECT_EQ(directory_.refreshes, 1);
  EXPECT_FALSE(store("hello").hash.empty());
}

TEST_F(Swarm, RefusesLocallyWhatNodesWouldNeverTake) {
  const Bytes large(76'801);
  EXPECT_EQ(error_of(ctx_, transport_.store(StoreRequest(inbox_, large, hour))).code(), Code::invalid_argument);
  EXPECT_EQ(error_of(ctx_, transport_.store(StoreRequest(inbox_, view("x"), std::chrono::seconds(9)))).code(),
            Code::invalid_argument);
  EXPECT_EQ(error_of(ctx_, transport_.store(StoreRequest(inbox_, view("x"), 24 * 15 * hour))).code(),
            Code::invalid_argument);
  EXPECT_EQ(nodes_.calls("store"), 0u);
}

TEST_F(Swarm, AsksForTheOwnersKeys) {
  const auto eve = make_identity(Secret(Bytes(32, 9)));
  EXPECT_EQ(error_of(ctx_, transport_.receive(ReceiveRequest(inbox_, eve.get()))).code(), Code::permission_denied);
  EXPECT_EQ(error_of(ctx_, transport_.receive(ReceiveRequest(inbox_, nullptr))).code(), Code::permission_denied);
  StoreRequest config({bob_->id(), 2}, view("x"), hour);
  EXPECT_EQ(error_of(ctx_, transport_.store(config)).code(), Code::permission_denied);
  config.signer = bob_.get();
  EXPECT_FALSE(ctx_.run(transport_.store(config)).hash.empty());
}

TEST_F(Swarm, RemovesAndExpires) {
  const auto one = store("one"), two = store("two");
  const Time at = ctx_.now() + std::chrono::minutes(5);
  ctx_.run(transport_.remove(*bob_, inbox_, {one.hash, "not a hash"}));
  ctx_.run(transport_.expire(*bob_, inbox_, {two.hash}, at));
  const Batch batch = receive();
  ASSERT_EQ(texts(batch), std::multiset<std::string>{"two"});
  EXPECT_EQ(to_ms(batch.deliveries[0].expires_at), to_ms(at));
}

TEST_F(Swarm, DoesNotBelieveANodeThatSignsSomethingElseThanWhatItSays) {
  const auto one = store("one");
  for (const char* method : {"delete", "expire"}) {
    script(method, [&](FakeNode& node, const json::object& params) -> std::optional<Reply> {
      json::object entry{{"deleted", params.at("messages")}, {"updated", params.at("messages")}, {"expiry", 5}};
      entry["signature"] = to_base64(node.keys->sign(view("something else")));
      return nodes_.wrap(node, {{"swarm", {{to_hex(node.contact.ed25519), entry}}}});
    });
    const Error error = std::string_view(method) == "delete"
                            ? error_of(ctx_, transport_.remove(*bob_, inbox_, {one.hash}))
                            : error_of(ctx_, transport_.expire(*bob_, inbox_, {one.hash}, ctx_.now()));
    EXPECT_EQ(error.code(), Code::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("did not sign what it says"));
    EXPECT_THAT(error.what(), HasSubstr(method));
  }
}

TEST_F(Swarm, BelievesNoNodeAboutWhatAnotherDid) {
  const auto one = store("one");
  script("delete", [&](FakeNode& node, const json::object& params) -> std::optional<Reply> {
    const std::size_t other = &node == &nodes_.nodes[0] ? 1 : 0;
    json::object entry{{"deleted", params.at("messages")}, {"signature", to_base64(node.keys->sign(view("x")))}};
    json::object failed{{"failed", true}, {"timeout", true}};
    return nodes_.wrap(
        node,
        {{"swarm", {{to_hex(node.contact.ed25519), failed}, {to_hex(nodes_.nodes[other].contact.ed25519), entry}}}});
  });
  EXPECT_THAT(error_of(ctx_, transport_.remove(*bob_, inbox_, {one.hash})).what(),
              HasSubstr("no node of the swarm did"));
}

TEST_F(Swarm, DeletesThousandsInPortions) {
  std::vector<std::string> many(2500, std::string(43, 'A'));
  ctx_.run(transport_.remove(*bob_, inbox_, many));
  EXPECT_EQ(nodes_.calls("delete"), 3u);
  EXPECT_EQ(nodes_.calls("sequence"), 1u);  // all in one request
  ctx_.run(transport_.remove(*bob_, inbox_, {}));
  EXPECT_EQ(nodes_.calls("delete"), 3u);
}

TEST_F(Swarm, StartsAnewFromACursorOfAnotherTransport) {
  store("hello");
  EXPECT_EQ(texts(receive("12345-7")).size(), 1u);
}

/// The same over real HTTP and TLS.
class SwarmOverHttps : public Swarm {
 public:
  SwarmOverHttps() {
    const http::Certificate certificate = http::make_certificate(ctx_, "node");
    for (FakeNode& node : nodes_.nodes) {
      servers_.push_back(std::make_unique<http::Server>(ctx_, handler(node), certificate));
      ctx_.spawn("node", serve(network_, *servers_.back(), node.contact.address()));
    }
    ctx_.pass(Duration(1));
    ctx_.run(transport_.start(ctx_));
  }
  http::HandlerFunction handler(FakeNode& node) {
    return [this, &node](http::Request request) -> Task<http::Response> {
      const json::object call = json::parse(request.body).as_object();
      EXPECT_EQ(request.method + " " + request.target, "POST /storage_rpc/v1");
      const std::string method(call.at("method").as_string());
      Reply reply = nodes_.answer(node.contact.address(), method, call.at("params").as_object());
      http::Response response;
      response.status = reply.status;
      response.body = std::move(reply.body);
      co_return response;
    };
  }
  static Task<> serve(PipeNetwork& network, http::Server& server, std::string address) {
    auto listener = co_await network.listen(std::move(address));
    co_await server.serve(std::move(listener));
  }
  std::vector<std::unique_ptr<http::Server>> servers_;
};

TEST_F(SwarmOverHttps, CarriesAnEnvelope) {
  const Bytes large(76'800, 'x');
  ctx_.run(transport_.store(StoreRequest(inbox_, large, hour)));
  EXPECT_EQ(receive().deliveries.at(0).envelope, large);
}

TEST_F(SwarmOverHttps, FindsAnotherNodeWhenSomeAreGone) {
  store("hello");
  for (int i = 0; i < 2; ++i) ctx_.run(servers_[static_cast<std::size_t>(i)]->finish());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(texts(receive()).size(), 1u);
}

TEST_F(SwarmOverHttps, SaysThatANodeSendsTooMuch) {
  script("retrieve", [](auto&, auto&) -> std::optional<Reply> {
    return Reply{200, std::string(10 * 1024 * 1024 + 1, 'x')};
  });
  EXPECT_THAT(error_of(ctx_, receiving()).what(), HasSubstr("larger than 10485760 bytes"));
}

}  // namespace
}  // namespace argot::swarm::test
