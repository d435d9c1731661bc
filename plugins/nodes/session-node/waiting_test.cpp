// The waiting retrieve over HTTPS: held until a message or the time, bounded, harmless where it does not apply.
#include "waiting.h"
#include "node_world.h"

namespace argot::node {
namespace {

using std::chrono::seconds;
using test::NodeWorld;
using test::request;
using test::Someone;

const Someone alice(1), bob(2);

class WaitingTest : public NodeWorld {
 protected:
  WaitingTest() {
    http::Limits limits;
    limits.timeout = seconds(60);
    limits.max_connections_per_host = 100;
    patient.emplace(world, handle, http::Security::tls_unverified, limits);
  }
  ~WaitingTest() override { patient->close_idle(); }

  struct Answer {
    std::optional<json::value> body;
    Duration at{};
  };
  /// Asks and does not wait for the answer.
  std::shared_ptr<Answer> ask(std::string_view method, const json::object& params) {
    auto answer = std::make_shared<Answer>();
    const auto task = [](http::Client* client, std::string body, std::shared_ptr<Answer> into, Context* ctx) -> Task<> {
      http::Request post;
      post.method = "POST";
      post.target = "/storage_rpc/v1";
      post.body = std::move(body);
      const http::Response response = co_await client->send("a:22021", std::move(post));
      into->body = response.status == 200 ? json::parse(response.body) : json::value(response.status);
      into->at = ctx->uptime();
    };
    world.spawn("client", task(&*patient, request(method, params), answer, &world));
    world.pass(Duration(0));
    return answer;
  }
  json::object poll(const Someone& who, std::int64_t wait_ms, std::int16_t ns = 0) {
    json::object params = who.retrieve(now(), ns);
    params["wait_ms"] = wait_ms;
    return params;
  }
  std::optional<http::Client> patient;
};

std::size_t messages(const json::value& body) { return body.at("messages").as_array().size(); }

TEST_F(WaitingTest, AnEmptyAnswerIsHeldUntilAMessageComes) {
  start("a");
  const auto answer = ask("retrieve", poll(alice, 20'000));
  world.pass(seconds(7));
  EXPECT_FALSE(answer->body);
  result("a", "store", bob.store("not for alice", now()));
  world.pass(seconds(1));
  EXPECT_FALSE(answer->body) << "somebody else's mailbox";
  result("a", "store", alice.store("news", now()));
  world.pass(Duration(0));
  ASSERT_TRUE(answer->body);
  EXPECT_EQ(messages(*answer->body), 1u);
  EXPECT_EQ(answer->body->at("waited_ms"), 8000);
}

TEST_F(WaitingTest, WithAMessageItIsAnsweredAtOnceAndWithoutOneWhenTheTimeIsOver) {
  start("a");
  auto answer = ask("retrieve", poll(alice, 5'000));
  world.pass(seconds(6));
  ASSERT_TRUE(answer->body);
  EXPECT_EQ(messages(*answer->body), 0u);
  EXPECT_EQ(answer->body->at("waited_ms"), 5000);
  EXPECT_TRUE(answer->body->as_object().contains("t"));
  result("a", "store", alice.store("news", now()));
  answer = ask("retrieve", poll(alice, 5'000));
  ASSERT_TRUE(answer->body);
  EXPECT_EQ(messages(*answer->body), 1u);
  EXPECT_EQ(answer->body->at("waited_ms"), 0);
}

TEST_F(WaitingTest, OldClientsSeeNothingOfIt) {
  start("a");
  const auto plain = result("a", "retrieve", alice.retrieve(now()));
  EXPECT_FALSE(plain.as_object().contains("waited_ms"));
  for (const json::value& wait : {json::value("soon"), json::value(-5), json::value(1.5), json::value(nullptr)}) {
    json::object params = alice.retrieve(now());
    params["wait_ms"] = wait;
    const auto reply = result("a", "retrieve", params);
    EXPECT_FALSE(reply.as_object().contains("waited_ms")) << json::serialize(wait);
  }
}

TEST_F(WaitingTest, TheLongestWaitIsBounded) {
  start("a");
  const auto answer = ask("retrieve", poll(alice, 86'400'000));
  world.pass(seconds(26));
  ASSERT_TRUE(answer->body);
  EXPECT_EQ(answer->body->at("waited_ms"), Waiters::max_wait_ms);
}

TEST_F(WaitingTest, TheSignatureNeedsToBeGoodOnlyWhenItComes) {
  start("a");
  json::object params = alice.sign("retrieve", {{"namespace", 0}, {"timestamp", now() - 55'000}});
  params["wait_ms"] = 20'000;
  const auto answer = ask("retrieve", params);
  world.pass(seconds(15));
  result("a", "store", alice.store("news", now()));
  world.pass(Duration(0));
  ASSERT_TRUE(answer->body);
  EXPECT_EQ(messages(*answer->body), 1u);
}

TEST_F(WaitingTest, ABatchIsHeldAsAWhole) {
  start("a");
  const json::array parts{{{"method", "retrieve"}, {"params", poll(alice, 10'000, 0)}},
                          {{"method", "info"}, {"params", json::object{}}},
                          {{"method", "retrieve"}, {"params", poll(alice, 20'000, 5)}}};
  const auto answer = ask("batch", {{"requests", parts}});
  world.pass(seconds(12));
  EXPECT_FALSE(answer->body) << "the longest counts";
  result("a", "store", alice.store("news", now()));
  world.pass(Duration(0));
  ASSERT_TRUE(answer->body);
  const auto& results = answer->body->at("results").as_array();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(messages(results[0].at("body")), 1u);
  EXPECT_EQ(results[0].at("body").at("waited_ms"), 12'000);
  EXPECT_EQ(messages(results[2].at("body")), 0u);
}

TEST_F(WaitingTest, ABatchWithSomethingOrWithAFailureIsNotHeld) {
  start("a");
  json::array parts{{{"method", "retrieve"}, {"params", poll(alice, 10'000)}},
                    {{"method", "retrieve"}, {"params", json::object{{"pubkey", bob.account().text()}}}}};
  EXPECT_TRUE(ask("batch", {{"requests", parts}})->body) << "401 inside";
  result("a", "store", bob.store("old", now()));
  parts[1].as_object()["params"] = bob.retrieve(now());
  EXPECT_TRUE(ask("batch", {{"requests", parts}})->body) << "bob has one";
}

TEST_F(WaitingTest, WhoWaitsIsCountedAndNotTooMany) {
  start("a");
  std::vector<std::shared_ptr<Answer>> answers;
  for (std::size_t i = 0; i < Waiters::max_per_account; ++i) answers.push_back(ask("retrieve", poll(alice, 20'000)));
  for (const auto& answer : answers) EXPECT_FALSE(answer->body);
  const auto late = ask("retrieve", poll(alice, 20'000));
  ASSERT_TRUE(late->body) << "no room: at once";
  EXPECT_EQ(late->body->at("waited_ms"), 0);
  result("a", "store", alice.store("news", now()));
  world.pass(Duration(0));
  for (const auto& answer : answers) EXPECT_TRUE(answer->body);
}

TEST_F(WaitingTest, StoppingEndsAllWaits) {
  start("a");
  const auto answer = ask("retrieve", poll(alice, 20'000));
  const Duration before = world.uptime();
  stop("a");
  world.pass(Duration(0));
  EXPECT_TRUE(answer->body);
  EXPECT_LT(world.uptime() - before, seconds(3));
}

TEST_F(WaitingTest, AMessageThatAnotherMemberTookInWakesHereToo) {
  start_three();
  const auto answer = ask("retrieve", poll(alice, 20'000));
  result("b", "store", alice.store("news", now()));
  world.pass(Duration(0));
  ASSERT_TRUE(answer->body);
  EXPECT_EQ(messages(*answer->body), 1u);
}

}  // namespace
}  // namespace argot::node
