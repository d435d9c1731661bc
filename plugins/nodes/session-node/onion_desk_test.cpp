// Onion requests through nodes that run: a client wraps, three nodes peel, the last one carries out.
#include <gmock/gmock.h>

#include "bencode.h"
#include "node_world.h"

namespace argot::node {
namespace {

using test::NodeWorld;
using test::request;
using test::Someone;

const Someone alice(1);

class OnionTest : public NodeWorld {
 protected:
  onion::Hop hop(const std::string& name) {
    const NodeKeys keys = keys_of(name);
    onion::Hop out;
    out.ed25519 = keys.ed25519();
    out.x25519 = keys.x25519();
    return out;
  }
  onion::Wrapped wrap(std::vector<std::string> path, const std::string& to, const std::string& rpc,
                      onion::WrapOptions how = {}) {
    std::vector<onion::Hop> hops;
    for (const auto& name : path) hops.push_back(hop(name));
    return onion::wrap(hops, hop(to), rpc, how);
  }
  http::Response post(const std::string& guard, std::string body) {
    return send(guard, "/onion_req/v2", std::move(body));
  }
  onion::NodeReply through(std::vector<std::string> path, const std::string& to, const std::string& rpc,
                           onion::WrapOptions how = {}) {
    const auto wrapped = wrap(path, to, rpc, how);
    const auto response = post(path.front(), wrapped.body);
    EXPECT_EQ(response.status, 200u) << response.body;
    return onion::open_node_reply(wrapped, response.body);
  }
};

TEST_F(OnionTest, ThreeHopsStoreAndRetrieve) {
  start_together({"a", "b", "c", "d"});
  auto stored = through({"a", "b", "c"}, "d", request("store", alice.store("hello", now())));
  EXPECT_EQ(stored.status, 200u) << stored.body;
  auto found = through({"d", "c", "b"}, "a", request("retrieve", alice.retrieve(now())));
  EXPECT_EQ(json::parse(found.body).at("messages").at(0).at("data"), json::value(to_base64(view("hello"))));
}

TEST_F(OnionTest, AllCiphersAndReplyFormsWork) {
  start_together({"a", "b", "c"});
  for (const auto cipher : {onion::Cipher::aes_gcm, onion::Cipher::xchacha20, onion::Cipher::aes_cbc})
    for (const bool raw : {false, true})
      for (const bool json_reply : {false, true}) {
        onion::WrapOptions how;
        how.cipher = cipher;
        how.raw_reply = raw;
        how.json_reply = json_reply;
        const auto reply = through({"a", "b"}, "c", request("info", {}), how);
        EXPECT_EQ(reply.status, 200u);
        EXPECT_EQ(json::parse(reply.body).at("version"), (json::array{2, 8, 0}));
      }
}

TEST_F(OnionTest, ErrorsOfTheCallAreInsideAndTheOuterStatusIs200) {
  start_together({"a", "b", "c"});
  auto reply = through({"a", "b"}, "c", "{}");
  EXPECT_EQ(reply.status, 400u);
  EXPECT_EQ(reply.body, "invalid json: no `method` field");
  reply = through({"a", "b"}, "c", request("retrieve", {{"pubkey", alice.account().text()}}));
  EXPECT_EQ(reply.status, 401u);
  EXPECT_EQ(reply.body, "retrieve: request signature required");
}

TEST_F(OnionTest, WhatIsNoOnionIsRefusedInClear) {
  start_three();
  EXPECT_EQ(post("a", "").status, 400u);
  EXPECT_THAT(post("a", "abc").body, testing::StartsWith("Error parsing onion request: "));
  EXPECT_THAT(post("a", std::string("\xff\xff\xff\xff{}", 6)).body,
              testing::StartsWith("Error parsing onion request: "));
  std::string other = wrap({"b"}, "c", request("info", {})).body;
  const auto wrong = post("a", other);
  EXPECT_EQ(wrong.status, 400u);
  EXPECT_EQ(wrong.body, "Invalid ciphertext");
}

TEST_F(OnionTest, EveryFlippedBitOfAnOnionIsRefusedAndCrashesNothing) {
  start_three();
  const std::string whole = wrap({"a", "b"}, "c", request("info", {})).body;
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    const auto response = post("a", changed);
    // Upper case is the same hex digit, and members that nobody knows do not matter.
    const bool in_json = at > whole.find("{\"");
    EXPECT_EQ(in_json && response.status == 200 ? 400u : response.status, 400u) << at;
  }
  for (std::size_t size = 0; size < whole.size(); size += 31) EXPECT_EQ(post("a", whole.substr(0, size)).status, 400u);
  EXPECT_EQ(through({"a", "b"}, "c", request("info", {})).status, 200u) << "and it still works";
}

TEST_F(OnionTest, ANodeThatNobodyKnowsIsNamed) {
  start_three();
  const NodeKeys stranger(Bytes(32, 77));
  onion::Hop nobody;
  nobody.ed25519 = stranger.ed25519();
  nobody.x25519 = stranger.x25519();
  std::vector<onion::Hop> path{hop("a"), hop("b")};
  const auto response = post("a", onion::wrap(path, nobody, request("info", {})).body);
  EXPECT_EQ(response.status, 502u);
  EXPECT_EQ(response.body, "Next node not found: " + stranger.name());
}

TEST_F(OnionTest, ANodeThatIsDownIsNamedAtOnce) {
  start_three();
  const std::string body = wrap({"a", "b"}, "c", request("info", {})).body;
  stop("c");
  const auto response = post("a", body);
  EXPECT_EQ(response.status, 502u);
  EXPECT_EQ(response.body, "Next node is currently unreachable: " + key_of("c"));
}

TEST_F(OnionTest, ASilentNodeIsATimeoutAfterThirtySeconds) {
  start_three();
  const std::string body = wrap({"a"}, "b", request("info", {})).body;
  network.hang.insert("b:22021");
  http::Limits patient;
  patient.timeout = std::chrono::seconds(60);
  http::Client waiting(world, handle, http::Security::tls_unverified, patient);
  http::Request post;
  post.method = "POST";
  post.target = "/onion_req/v2";
  post.body = body;
  const Duration before = world.uptime();
  const auto response = world.run(waiting.send("a:22021", std::move(post)));
  EXPECT_EQ(response.status, 504u);
  EXPECT_EQ(response.body, "Request time out");
  EXPECT_EQ(world.uptime() - before, std::chrono::seconds(30));
  waiting.close_idle();
  world.pass(std::chrono::hours(2));
}

TEST_F(OnionTest, FifteenHopsGoAndTheSixteenthIsRefused) {
  start_three();
  const auto path_of = [](std::size_t length) {
    std::vector<std::string> path;
    for (std::size_t i = 0; i < length; ++i) path.push_back(i % 2 ? "b" : "a");
    return path;
  };
  EXPECT_EQ(through(path_of(15), "c", request("info", {})).status, 200u) << "15 transfers";
  // A longer one cannot be made, but a client may say that it has come a long way already.
  const std::string body = wrap({"a"}, "b", request("info", {})).body;
  const auto with_hop_no = [&](const char* hop_no) {
    const auto parts = onion::split(view(body));
    json::object control = json::parse(parts->json).as_object();
    control["hop_no"] = json::parse(hop_no);
    return std::string(text_of(onion::join(parts->ciphertext, json::serialize(control))));
  };
  EXPECT_EQ(post("a", with_hop_no("14")).status, 200u);
  EXPECT_EQ(post("a", with_hop_no("-7")).status, 200u);
  const auto response = post("a", with_hop_no("15"));
  EXPECT_EQ(response.status, 400u);
  EXPECT_EQ(response.body, "onion request max path length exceeded");
}

TEST_F(OnionTest, ANodeThatIsNotReadySaysSo) {
  start_three();
  const std::string body = wrap({"a"}, "b", request("info", {})).body;
  const std::string to_self = wrap({"b"}, "c", request("info", {})).body;
  // b alone loses its place; it still knows who a is.
  std::string lines = line_of_node("a") + line_of_node("c");
  const std::string b = line_of_node("b");
  lines += b.substr(0, b.rfind(' ')) + " ffffffffffffffff\n";
  set_nodes(lines);
  const auto through_a = post("a", body);
  EXPECT_EQ(through_a.status, 503u);
  EXPECT_EQ(through_a.body, "Snode not ready: " + key_of("b"));
  EXPECT_THAT(post("b", to_self).body, testing::StartsWith("Service node is not ready: not in any swarm"));
}

TEST_F(OnionTest, AServerBehindTheOnionGetsTheWholePlaintextAndItsAnswerComesBack) {
  start_three();
  std::string seen_target, seen_body;
  http::HandlerFunction handler = [&](http::Request request) -> Task<http::Response> {
    seen_target = request.target;
    seen_body = request.body;
    http::Response out;
    out.status = 203;
    out.body = std::string("raw\0bytes", 9);
    co_return out;
  };
  http::Server outside(world, handler, std::nullopt);
  auto listener = world.run(network.listen("server:80"));
  world.spawn("outside", outside.serve(std::move(listener)));

  const NodeKeys server_keys(Bytes(32, 50));
  onion::Server server;
  server.host = "server";
  server.port = 80;
  server.tls = false;
  server.x25519 = server_keys.x25519();
  onion::ServerRequest inside;
  inside.endpoint = "/file/1";
  std::vector<onion::Hop> path{hop("a"), hop("b"), hop("c")};
  auto response = post("a", onion::wrap(path, server, onion::encode(inside)).body);
  EXPECT_EQ(response.status, 203u);
  EXPECT_EQ(response.body, std::string("raw\0bytes", 9));
  EXPECT_EQ(seen_target, "/oxen/v4/lsrpc");
  const auto layer = onion::parse_request(view(seen_body));
  const auto channel =
      onion::Channel::of_node(layer.cipher, server_keys.x25519_secret(), server_keys.x25519(), layer.ephemeral_key);
  EXPECT_EQ(onion::decode_server_request(*channel->open(layer.ciphertext)).endpoint, "/file/1");

  server.host = "nowhere";
  response = post("a", onion::wrap(path, server, onion::encode(inside)).body);
  EXPECT_EQ(response.status, 502u);
  world.run(outside.finish());
}

TEST_F(OnionTest, AStepThatMakesNoSenseIsAnsweredInsideTheOnion) {
  start_three();
  const NodeKeys node = keys_of("a");
  const auto ask = [&](const std::string& control, const std::string& inside = "x") {
    const NodeKeys ephemeral(Bytes(32, 33));
    const auto channel = onion::Channel::of_client(onion::Cipher::xchacha20, ephemeral.x25519_secret(),
                                                   ephemeral.x25519(), node.x25519());
    const std::string outer = R"({"enc_type":"xchacha20","ephemeral_key":")" + to_hex(ephemeral.x25519()) + "\"}";
    const Bytes sealed = channel->seal(onion::join(view(inside), control));
    const auto response = post("a", std::string(text_of(onion::join(sealed, outer))));
    EXPECT_EQ(response.status, 200u) << response.body;
    const auto plain = channel->open(*from_base64(response.body));
    const json::value reply = json::parse(text_of(*plain));
    return std::to_string(reply.at("status").as_int64()) + " " + std::string(reply.at("body").as_string());
  };
  const std::string key(64, '9');
  EXPECT_EQ(ask("{}"), "400 Invalid json");
  EXPECT_EQ(ask(""), "400 Invalid json");
  EXPECT_EQ(ask("{\"headers\":{}}x"), "400 Invalid json");
  EXPECT_EQ(ask(R"({"destination":")" + key + R"("})"), "400 Invalid json");
  EXPECT_EQ(ask(R"({"destination":7,"ephemeral_key":")" + key + R"("})"), "400 Invalid json");
  EXPECT_EQ(ask(R"({"host":"files"})"), "400 Invalid json");
  EXPECT_EQ(ask(std::string(10'000, '[')), "400 Invalid json") << "deep";
  for (const char* target : {"/oxen/v4/lsrpc?x", "/etc/passwd", "/oxen/v4/lsrp", "oxen/v4/lsrpc", "/x/oxen/lsrpc"})
    EXPECT_EQ(ask(std::string(R"({"host":"files","protocol":"http","target":")") + target + "\"}"), "400 Invalid url");
  EXPECT_EQ(ask(R"({"host":"files","protocol":"gopher","target":"/oxen/v4/lsrpc"})"), "400 Invalid url");
  EXPECT_EQ(ask(R"({"host":"127.0.0.1","protocol":"http","target":"/oxen/v4/lsrpc"})"), "400 Invalid url")
      << "a node with a public address";
  EXPECT_EQ(ask("{\"headers\":{}}", "{"), "400 invalid json");
}

TEST(PrivateHosts, ANodeOnTheInternetDoesNotReachInside) {
  for (const char* host : {"127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
                           "0.0.0.0", "100.64.0.1", "224.0.0.1", "localhost", "a.localhost", "printer.local", "::1",
                           "[::1]", "2130706433", "0x7f000001", "127.1", ""})
    EXPECT_TRUE(is_private_host(host)) << host;
  for (const char* host :
       {"8.8.8.8", "172.32.0.1", "192.169.0.1", "filev2.getsession.org", "example.com", "4chan.example"})
    EXPECT_FALSE(is_private_host(host)) << host;
}

TEST_F(OnionTest, NoLogSaysWhoSpeaksToWhom) {
  start_together({"a", "b", "c", "d"});
  world.lines().clear();
  through({"a", "b", "c"}, "d", request("store", alice.store("hello", now())));
  through({"a", "b", "c"}, "d", request("retrieve", alice.retrieve(now())));
  through({"a", "b", "c"}, "d", request("retrieve", {{"pubkey", alice.account().text()}}));
  const std::string to_c = wrap({"a", "b"}, "c", request("retrieve", alice.retrieve(now()))).body;
  stop("c");
  EXPECT_EQ(post("a", to_c).status, 502u);
  // Everything that any of the nodes wrote, debugging included; all of them write into this one list.
  for (const std::string& line : world.lines()) {
    EXPECT_EQ(line.find(alice.account().text()), std::string::npos) << line;
    EXPECT_EQ(line.find(alice.account().brief().substr(0, 8)), std::string::npos) << line;
    EXPECT_EQ(line.find("retrieve"), std::string::npos) << line;
    EXPECT_EQ(line.find(to_base64(view("hello"))), std::string::npos) << line;
    EXPECT_EQ(line.find("client:"), std::string::npos) << "an address of a visitor: " << line;
  }
}

TEST_F(OnionTest, AWaitingRetrieveWaitsThroughTheOnion) {
  start_three();
  json::object wants = alice.retrieve(now());
  wants["wait_ms"] = 20'000;
  const auto wrapped = wrap({"a", "b"}, "c", request("retrieve", wants));
  http::Limits patient;
  patient.timeout = std::chrono::seconds(60);
  http::Client waiting(world, handle, http::Security::tls_unverified, patient);
  std::optional<http::Response> came;
  const auto poll = [](http::Client* client, std::string body, std::optional<http::Response>* into) -> Task<> {
    http::Request post;
    post.method = "POST";
    post.target = "/onion_req/v2";
    post.body = std::move(body);
    *into = co_await client->send("a:22021", std::move(post));
  };
  world.spawn("poll", poll(&waiting, wrapped.body, &came));
  world.pass(std::chrono::seconds(3));
  EXPECT_FALSE(came);
  result("b", "store", alice.store("news", now()));
  world.pass(Duration(0));
  ASSERT_TRUE(came);
  const auto body = json::parse(onion::open_node_reply(wrapped, came->body).body);
  EXPECT_EQ(body.at("messages").as_array().size(), 1u);
  EXPECT_EQ(body.at("waited_ms"), 3000);
  waiting.close_idle();
}

}  // namespace
}  // namespace argot::node
