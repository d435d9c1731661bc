// One node of several kernels: connections go to each in turn, and all answer as one.
#include "shard.h"

#include <argot/onion.h>

#include <gmock/gmock.h>

#include "node_world.h"

namespace argot::node {
namespace {

using test::NodeContext;
using test::NodeWorld;
using test::request;
using test::Someone;

const Someone alice(1), bob(2);

class ShardTest : public NodeWorld {
 protected:
  ~ShardTest() override { stop_further(); }

  /// The options of shard `number` of a node; the first carries the node's name.
  Settings& shard(const std::string& name, int number, int count) {
    const std::string own = number == 1 ? name : name + "." + std::to_string(number);
    Node& node = nodes[own];
    if (!node.context) node.context = std::make_unique<NodeContext>(world, handle, directory.path() / name);
    Settings& settings = node.context->options();
    settings.set("listen", name + ":22021");
    settings.set("shard", std::to_string(number) + "/" + std::to_string(count));
    return settings;
  }
  void start_shards(const std::string& name, int count) {
    shard(name, 1, count);
    start(name);
    for (int i = 2; i <= count; ++i) {
      shard(name, i, count);
      start(name + "." + std::to_string(i));
    }
  }
  void stop_further() {
    for (auto& [name, node] : nodes)
      if (node.plugin && name.find('.') != std::string::npos) stop(name);
  }
  /// Each on a new connection, so that the shards take turns.
  http::Response call_next(const std::string& name, std::string_view method, const json::object& params) {
    client.close_idle();
    return call(name, method, params);
  }
};

TEST_F(ShardTest, AllShardsAnswerAsOneNode) {
  start_shards("a", 3);
  for (int i = 0; i < 6; ++i) {
    const auto stored = call_next("a", "store", alice.store("message " + std::to_string(i), now()));
    EXPECT_EQ(stored.status, 200u) << stored.body;
    EXPECT_EQ(stored.header("Content-Type"), "application/json");
    EXPECT_EQ(stored.header("Server"), "Oxen Storage Server/2.8.0");
  }
  for (int i = 0; i < 6; ++i) {
    const auto found = call_next("a", "retrieve", alice.retrieve(now()));
    ASSERT_EQ(found.status, 200u) << found.body;
    EXPECT_EQ(json::parse(found.body).at("messages").as_array().size(), 6u);
  }
}

TEST_F(ShardTest, ConnectionsGoToEveryShardAndWhatNeedsNoMessagesNeedsNoFirstShard) {
  start_shards("a", 3);
  stop("a");
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(call_next("a", "info", {}).status, 200u);
    EXPECT_EQ(call_next("a", "get_swarm", {{"pubkey", alice.account().text()}}).status, 200u);
    const auto refused = call_next("a", "store", alice.store("lost?", now()));
    EXPECT_EQ(refused.status, 503u);
    EXPECT_EQ(refused.body, "Server busy, try again later");
  }
  start("a");
  world.pass(std::chrono::seconds(1));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(call_next("a", "store", alice.store("not lost", now())).status, 200u);
}

TEST_F(ShardTest, EveryMethodComesThroughAsItDoesInOneKernel) {
  start_shards("a", 2);
  json::object batch{{"requests", json::array{json::object{{"method", "info"}, {"params", json::object{}}},
                                              json::object{{"method", "store"}, {"params", alice.store("x", now())}}}}};
  json::object wrong = alice.retrieve(now());
  wrong["signature"] = bob.retrieve(now()).at("signature");
  const json::object half_wrong{
      {"requests", json::array{json::object{{"method", "retrieve"}, {"params", wrong}},
                               json::object{{"method", "retrieve"}, {"params", alice.retrieve(now())}}}}};
  for (int i = 0; i < 4; ++i) {
    const auto good = call_next("a", "batch", batch);
    ASSERT_EQ(good.status, 200u) << good.body;
    const json::value results = json::parse(good.body);
    for (const auto& part : results.at("results").as_array()) EXPECT_EQ(part.at("code"), 200);
    const auto refused = call_next("a", "retrieve", wrong);
    EXPECT_EQ(refused.status, 401u);
    EXPECT_EQ(refused.body, "retrieve signature verification failed");
    EXPECT_EQ(refused.header("Content-Type"), "text/plain");
    const auto parts = json::parse(call_next("a", "batch", half_wrong).body).at("results").as_array();
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[0].at("code"), 401);
    EXPECT_EQ(parts[1].at("code"), 200);
    EXPECT_EQ(call_next("a", "no_such_thing", {}).status, 400u);
    EXPECT_EQ(send("a", "/storage_rpc/v1", "{").body, "invalid json");
    const json::object oxend{{"endpoint", "get_service_nodes"}, {"params", json::object{}}};
    EXPECT_EQ(call_next("a", "oxend_request", oxend).status, 200u);
  }
}

TEST_F(ShardTest, WhoWaitsInOneShardHearsOfWhatIsStoredThroughAnother) {
  start_shards("a", 3);
  std::size_t found = 0;
  const auto wait = [](http::Client* client, std::string body, std::size_t* found) -> Task<> {
    http::Request r;
    r.method = "POST";
    r.target = "/storage_rpc/v1";
    r.body = std::move(body);
    http::Response response = co_await client->send("a:22021", std::move(r));
    *found += json::parse(response.body).at("messages").as_array().size();
  };
  json::object params = alice.retrieve(now());
  params["wait_ms"] = 9'000;
  const auto everyone = [&]() -> Task<> {
    Gather all(world);
    for (int i = 0; i < 6; ++i) all.spawn("who waits", wait(&client, request("retrieve", params), &found));
    co_await world.sleep(std::chrono::seconds(1));
    http::Request r;
    r.method = "POST";
    r.target = "/storage_rpc/v1";
    r.body = request("store", alice.store("at last", now()));
    co_await client.send("a:22021", std::move(r));
    const Duration before = world.uptime();
    co_await all.wait();
    EXPECT_LT(world.uptime() - before, std::chrono::seconds(2));
  };
  world.run(everyone());
  EXPECT_EQ(found, 6u);
}

TEST_F(ShardTest, StoppingEndsWaitsAndAnswersWhoIsInside) {
  start_shards("a", 2);
  std::vector<unsigned> answers;
  const auto wait = [](http::Client* client, std::string body, std::vector<unsigned>* answers) -> Task<> {
    http::Request r;
    r.method = "POST";
    r.target = "/storage_rpc/v1";
    r.body = std::move(body);
    http::Response response = co_await client->send("a:22021", std::move(r));
    answers->push_back(response.status);
  };
  json::object params = alice.retrieve(now());
  params["wait_ms"] = 9'000;
  for (int i = 0; i < 4; ++i) world.spawn("who waits", wait(&client, request("retrieve", params), &answers));
  world.pass(std::chrono::seconds(1));
  const Duration before = world.uptime();
  stop("a.2");
  stop("a");
  EXPECT_LT(world.uptime() - before, std::chrono::milliseconds(500));
  EXPECT_THAT(answers, testing::ElementsAre(200u, 200u, 200u, 200u));
}

TEST_F(ShardTest, OnionsAndSwarmsWorkThroughAnyShard) {
  std::string lines;
  for (const std::string name : {"a", "b"}) {
    for (int i = 1; i <= 2; ++i) {
      Settings& options = shard(name, i, 2);
      options.set("nodes_file", list_path().string());
      options.set("swarm", std::string("7"));
      if (i == 1) options.set("announce_file", (directory.path() / (name + ".line")).string());
    }
    start_shards(name, 2);
    lines += line_of_node(name);
  }
  set_nodes(lines);
  world.pass(std::chrono::seconds(1));
  const auto hop = [this](const std::string& name) {
    const NodeKeys keys = keys_of(name);
    onion::Hop out;
    out.ed25519 = keys.ed25519();
    out.x25519 = keys.x25519();
    return out;
  };
  for (int i = 0; i < 8; ++i) {
    const std::string guard = i % 2 ? "a" : "b", last = i % 2 ? "b" : "a";
    const std::string call = request("store", alice.store("through onions " + std::to_string(i), now()));
    const std::vector<onion::Hop> path(1, hop(guard));
    const auto wrapped = onion::wrap(path, hop(last), call);
    client.close_idle();
    const auto response = send(guard, "/onion_req/v2", wrapped.body);
    ASSERT_EQ(response.status, 200u) << response.body;
    const auto reply = onion::open_node_reply(wrapped, response.body);
    EXPECT_EQ(reply.status, 200u) << reply.body;
    EXPECT_EQ(json::parse(reply.body).at("swarm").as_object().size(), 2u);
    EXPECT_EQ(reply.body.find("failed"), std::string::npos) << reply.body;
  }
  for (const std::string name : {"a", "a", "b", "b"}) {
    const auto found = call_next(name, "retrieve", alice.retrieve(now()));
    EXPECT_EQ(json::parse(found.body).at("messages").as_array().size(), 8u) << name;
  }
}

TEST_F(ShardTest, AChangeOfTheListReachesEveryShard) {
  Settings& options = shard("a", 1, 3);
  options.set("nodes_file", list_path().string());
  options.set("announce_file", (directory.path() / "a.line").string());
  start_shards("a", 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call_next("a", "info", {}).status, 503u) << "nobody is in the list";
  set_nodes(line_of_node("a"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call_next("a", "info", {}).status, 200u);
  set_nodes("");
  world.pass(std::chrono::seconds(1));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call_next("a", "info", {}).status, 503u);
}

TEST_F(ShardTest, NobodyElseCanPassForAShard) {
  start_shards("a", 2);
  const std::string meet = shards_meet_at(*nodes["a"].context);
  const auto stranger = std::make_shared<const NodeKeys>(Bytes(32, 9));
  Links links(world, handle, stranger, meet);
  const NodeKeys keys = keys_of("a");
  ServiceNode first;
  first.ed25519 = keys.ed25519();
  first.x25519 = keys.x25519();
  std::string nothing;
  EXPECT_THROW(world.run(links.ask(first, Endpoint::shard_news, nothing, std::chrono::seconds(5))), Error);
  world.run(links.close());
}

TEST_F(ShardTest, AShardAloneSaysWhomItMisses) {
  shard("a", 2, 2);
  try {
    start("a.2");
    FAIL() << "it started";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("shard 2 of 2"));
    EXPECT_THAT(error.sentence(), testing::HasSubstr("workers:"));
  }
  world.pass(std::chrono::minutes(2));
}

TEST(ShardBodies, ComeBackAsTheyWere) {
  RpcCall call;
  call.text = "{\"method\":\"info\"}";
  call.source = "1.2.3.4";
  const auto back = decode_shard_call(encode_shard_call(call, true));
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->checked);
  EXPECT_EQ(back->call.text, call.text);
  EXPECT_EQ(back->call.source, "1.2.3.4");
  const auto peer = decode_shard_peer(encode_shard_peer(Endpoint::data, "body"));
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->first, Endpoint::data);
  EXPECT_EQ(peer->second, "body");
  const auto news = decode_news("7.1\na:1\nline\n");
  ASSERT_TRUE(news);
  EXPECT_EQ(news->version + "|" + news->address + "|" + news->lines, "7.1|a:1|line\n");
  RpcAnswer answer;
  answer.status = 421;
  answer.is_json = true;
  EXPECT_EQ(from_link(to_link(answer)).status, 421u);
  EXPECT_TRUE(from_link(to_link(answer)).is_json);
}

TEST(ShardBodies, NonsenseIsNone) {
  for (const char* junk : {"", "\x01",
                           "\x01\xff"
                           "abc"})
    EXPECT_FALSE(decode_shard_call(junk)) << junk;
  EXPECT_FALSE(decode_shard_peer(""));
  EXPECT_FALSE(decode_shard_peer("\x65x"));
  EXPECT_FALSE(decode_news("7.1"));
  EXPECT_FALSE(decode_news("7.1\na:1"));
}

TEST(ShardPlaceTest, IsReadOrRefused) {
  Settings settings;
  EXPECT_TRUE(shard_place(settings).is_first());
  settings.set("shard", std::string("2/3"));
  EXPECT_EQ(shard_place(settings).text(), "shard 2 of 3");
  for (const char* wrong : {"0/2", "3/2", "2", "2/", "/2", "a/b", "1/65", "1/2x", "-1/2"}) {
    settings.set("shard", std::string(wrong));
    EXPECT_THROW(shard_place(settings), Error) << wrong;
  }
}

}  // namespace
}  // namespace argot::node
