#include <argot/swarms.h>
#include <gmock/gmock.h>

#include <fstream>

#include "files.h"
#include "node_world.h"

namespace argot::node {
namespace {

using test::NodeWorld;
using test::request;
using test::Someone;

const Someone alice(1), bob(2);

std::size_t count(const json::value& reply) { return reply.at("messages").as_array().size(); }

class ServiceNodeTest : public NodeWorld {};

TEST_F(ServiceNodeTest, StoresAndRetrievesOverHttps) {
  start("a");
  const json::value stored = result("a", "store", alice.store("hello", now()));
  EXPECT_TRUE(stored.as_object().contains("hash"));
  const json::value found = result("a", "retrieve", alice.retrieve(now()));
  ASSERT_EQ(count(found), 1u);
  EXPECT_EQ(found.at("messages").at(0).at("hash"), stored.at("hash"));
  EXPECT_EQ(found.at("messages").at(0).at("data"), json::value(to_base64(view("hello"))));
}

TEST_F(ServiceNodeTest, TellsItsSwarmItsVersionAndItsKey) {
  start("a");
  const json::value swarm = result("a", "get_swarm", {{"pubkey", alice.account().text()}});
  ASSERT_EQ(swarm.at("snodes").as_array().size(), 1u);
  EXPECT_EQ(swarm.at("snodes").at(0).at("ip"), "a");
  EXPECT_EQ(swarm.at("snodes").at(0).at("port_https"), 22021);
  EXPECT_EQ(result("a", "info", {}).at("version"), (json::array{2, 8, 0}));
  EXPECT_EQ(send("a", "/get_stats/v1", "", "GET").body, R"({"version":"2.8.0"})");
  const auto ping = send("a", "/ping_test/v1", "");
  EXPECT_EQ(ping.status, 200u);
  EXPECT_EQ(to_hex(*from_base64(ping.header("X-Oxen-Snode-Pubkey"))),
            swarm.at("snodes").at(0).at("pubkey_legacy").as_string());
}

TEST_F(ServiceNodeTest, AnswersWithTheDocumentedHeaders) {
  start("a");
  const auto good = call("a", "info", {});
  EXPECT_EQ(good.header("Server"), "Oxen Storage Server/2.8.0");
  EXPECT_EQ(good.header("Content-Type"), "application/json");
  const auto bad = send("a", "/storage_rpc/v1", "{");
  EXPECT_EQ(bad.status, 400u);
  EXPECT_EQ(bad.body, "invalid json");
  EXPECT_EQ(bad.header("Content-Type"), "text/plain");
  const auto lost = send("a", "/swarms/x?y=1", "", "GET");
  EXPECT_EQ(lost.status, 404u);
  EXPECT_EQ(lost.body, "get /swarms/x?y=1 Not Found");
  EXPECT_EQ(send("a", "/storage_rpc/v1", "", "PUT").status, 404u);
  EXPECT_EQ(send("a", "/storage_rpc/v1", "{}", "POST", {{"X-Loki-Long-Poll", "true"}}).status, 410u);
}

TEST_F(ServiceNodeTest, ABodyOverTenMegabytesIsRefused) {
  start("a");
  const auto response = send("a", "/storage_rpc/v1", std::string(10 * 1024 * 1024 + 1, ' '));
  EXPECT_EQ(response.status, 413u);
  EXPECT_EQ(response.body, "Request body too large");
  EXPECT_EQ(send("a", "/storage_rpc/v1", std::string(10 * 1024 * 1024, ' ')).body, "invalid json");
}

TEST_F(ServiceNodeTest, IsTheSameNodeWithTheSameMessagesAfterARestart) {
  start("a");
  const json::value before = result("a", "store", alice.store("kept", now()));
  const auto key = json::parse(call("a", "get_swarm", {{"pubkey", alice.account().text()}}).body)
                       .at("snodes")
                       .at(0)
                       .at("pubkey_ed25519");
  stop("a");
  client.close_idle();
  start("a");
  EXPECT_EQ(count(result("a", "retrieve", alice.retrieve(now()))), 1u);
  EXPECT_EQ(result("a", "store", alice.store("kept", now())).at("swarm").as_object().begin()->value().at("already"),
            true);
  EXPECT_EQ(result("a", "get_swarm", {{"pubkey", alice.account().text()}}).at("snodes").at(0).at("pubkey_ed25519"),
            key);
  using std::filesystem::perms;
  for (const char* file : {"node.key", "key.pem"})
    EXPECT_EQ(std::filesystem::status(directory.path() / "a" / file).permissions(),
              perms::owner_read | perms::owner_write)
        << file;
}

TEST_F(ServiceNodeTest, RemovesExpiredMessages) {
  start("a");
  result("a", "store", alice.store("short", now(), 11'000));
  world.pass(std::chrono::seconds(25));
  EXPECT_EQ(count(result("a", "retrieve", alice.retrieve(now()))), 0u);
}

TEST_F(ServiceNodeTest, ManyClientsAtOnceAreAllServed) {
  start("a");
  std::size_t good = 0;
  const auto one = [](http::Client* client, std::string body, std::size_t* good) -> Task<> {
    http::Request r;
    r.method = "POST";
    r.target = "/storage_rpc/v1";
    r.body = std::move(body);
    const auto response = co_await client->send("a:22021", std::move(r));
    if (response.status == 200) ++*good;
  };
  const auto everyone = [&]() -> Task<> {
    Gather all(world);
    for (int i = 0; i < 60; ++i)
      all.spawn("client",
                one(&client, request("store", alice.store("message " + std::to_string(i % 50), now())), &good));
    co_await all.wait();
  };
  world.run(everyone());
  EXPECT_EQ(good, 60u);
  EXPECT_EQ(count(result("a", "retrieve", alice.retrieve(now()))), 50u);
}

TEST_F(ServiceNodeTest, ABatchRunsItsPartsAndKeepsTheirOrder) {
  start("a");
  json::array requests;
  for (int i = 0; i < 20; ++i)
    requests.push_back({{"method", "store"}, {"params", alice.store("part " + std::to_string(i), now())}});
  const json::value reply = result("a", "batch", {{"requests", requests}});
  ASSERT_EQ(reply.at("results").as_array().size(), 20u);
  for (std::size_t i = 0; i < 20; ++i)
    EXPECT_EQ(reply.at("results").at(i).at("body").at("hash"),
              json::value(keys::message_hash(alice.account(), 0, view("part " + std::to_string(i)))));
}

TEST_F(ServiceNodeTest, TheMembersOfASwarmAllStoreAndSign) {
  start_three();
  const json::value reply = result("a", "store", alice.store("hello", now()));
  const std::string hash(reply.at("hash").as_string());
  ASSERT_EQ(reply.at("swarm").as_object().size(), 3u);
  for (const std::string name : {"a", "b", "c"}) {
    const auto& entry = reply.at("swarm").at(key_of(name)).as_object();
    EXPECT_TRUE(keys::verify(*from_base64(entry.at("signature").as_string()), view(hash), *from_hex(key_of(name))))
        << name;
    EXPECT_EQ(count(result(name, "retrieve", alice.retrieve(now()))), 1u) << name;
  }
  const json::value gone = result("c", "delete", alice.sign("delete", {{"messages", {hash}}, {"required", true}}));
  for (const auto& [key, entry] : gone.at("swarm").as_object())
    EXPECT_EQ(entry.at("deleted"), (json::array{hash})) << key;
  EXPECT_EQ(count(result("b", "retrieve", alice.retrieve(now()))), 0u);
}

TEST_F(ServiceNodeTest, AStoppedNodeLeavesNothingRunning) {
  start_three();
  result("a", "store", alice.store("hello", now()));
  client.close_idle();
  for (const char* name : {"a", "b", "c"}) stop(name);
  world.pass(Duration(0));
  EXPECT_EQ(world.running(), 0u);
  EXPECT_LE(world.timers(), 1u) << "the one of the test's own client";
}

TEST_F(ServiceNodeTest, AMemberThatIsDownIsReportedAndTheOthersStore) {
  start_three();
  stop("b");
  json::value reply = result("a", "store", alice.store("hello", now()));
  EXPECT_EQ(reply.at("swarm").at(key_of("b")), (json::object{{"failed", true}, {"timeout", true}}));
  EXPECT_TRUE(reply.at("swarm").at(key_of("c")).as_object().contains("signature"));
  network.hang.insert("b:22021");
  const Duration before = world.uptime();
  reply = result("a", "store", alice.store("again", now()));
  EXPECT_EQ(reply.at("swarm").at(key_of("b")), (json::object{{"failed", true}, {"timeout", true}}));
  EXPECT_GE(world.uptime() - before, std::chrono::seconds(5)) << "as documented: the client waits for the slowest";
  world.pass(std::chrono::hours(2));
}

TEST_F(ServiceNodeTest, AMembersRefusalIsItsEntry) {
  start_three();
  // b comes to know a network in which it is responsible for nobody.
  const auto list = directory.path() / "b-only.txt";
  stop("b");
  std::string lines;
  for (const std::string name : {"a", "c"}) lines += read_file(directory.path() / (name + ".line")).value();
  lines += "b:22021 " + key_of("b") + " " + [] {
    const std::uint64_t far = ~swarms::position(alice.account());
    char hex[17];
    std::snprintf(hex, sizeof hex, "%llx", static_cast<unsigned long long>(far));
    return std::string(hex);
  }() + "\n";
  lines += "d:22021 " + to_hex(NodeKeys(Bytes(32, 9)).ed25519()) + " " + [] {
    char hex[17];
    std::snprintf(hex, sizeof hex, "%llx", static_cast<unsigned long long>(swarms::position(alice.account())));
    return std::string(hex);
  }() + "\n";
  replace_file(list, lines);
  options("b").set("nodes_file", list.string());
  client.close_idle();
  start("b");
  const json::value reply = result("a", "store", alice.store("hello", now()));
  const auto& entry = reply.at("swarm").at(key_of("b")).as_object();
  EXPECT_EQ(entry.at("failed"), true);
  EXPECT_EQ(entry.at("code"), "421");
  EXPECT_EQ(call("b", "store", alice.store("hello", now())).status, 421u);
}

TEST_F(ServiceNodeTest, AListThatGoesBadIsToldOnceAndTheOldOneStays) {
  start_three();
  replace_file(directory.path() / "nodes.txt", "a:22021 nonsense 7\n");
  world.pass(std::chrono::seconds(5));
  EXPECT_EQ(call("a", "info", {}).status, 200u);
  const auto& lines = world.lines();
  EXPECT_EQ(std::count_if(
                lines.begin(), lines.end(),
                [](const auto& l) { return l.find("line 1: \"nonsense\" is no Ed25519 key") != std::string::npos; }),
            3);
}

TEST_F(ServiceNodeTest, TooManyRequestsFromOneAddressAreRefused) {
  // Names of a simulation are not limited: what is counted are IPv4 sources, which the pipes do not have.
  RateLimiter limiter;
  for (int i = 0; i < 600; ++i) ASSERT_FALSE(limiter.limits("127.0.0.1", Duration(0)));
  EXPECT_TRUE(limiter.limits("127.0.0.1", Duration(0)));
  EXPECT_FALSE(limiter.limits("127.0.0.2", Duration(0)));
  EXPECT_FALSE(limiter.limits("node-3", Duration(0)));
  limiter.drop_full(std::chrono::seconds(3));
  EXPECT_EQ(limiter.tracked(), 0u);
}

TEST_F(ServiceNodeTest, BadOptionsAreSentences) {
  const auto complaint = [&](auto change) -> std::string {
    change(options("x"));
    std::string said = "it started";
    try {
      start("x");
    } catch (const Error& error) {
      EXPECT_FALSE(error.remedy().empty());
      said = error.what();
    }
    nodes["x"].context.reset();
    return said;
  };
  EXPECT_EQ(complaint([](Settings& o) { o.set("key_seed", std::string("abc")); }),
            "The option key_seed is not 64 hex digits.");
  EXPECT_EQ(complaint([](Settings& o) { o.set("swarm", std::string("0x7")); }),
            "The option swarm, \"0x7\", is no number in hex.");
  EXPECT_EQ(complaint([](Settings& o) { o.set("nodes", std::vector<std::string>{"a:1"}); }),
            "The option nodes, line 1: \"\" is no Ed25519 key in hex.");
  EXPECT_EQ(complaint([](Settings& o) { o.set("listen", std::string("0.0.0.0:1")); }),
            "The service node listens on every address and does not know which one others reach.");
  replace_file(directory.path() / "x" / "node.key", "rubbish");
  EXPECT_THAT(complaint([](Settings&) {}), testing::HasSubstr("node.key is damaged"));
}

}  // namespace
}  // namespace argot::node
