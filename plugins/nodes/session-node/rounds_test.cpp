// Calls that go to the whole swarm in rounds, and what the members say to each other about them.
#include "rounds.h"

#include "auth.h"
#include "forward.h"
#include "node_world.h"

namespace argot::node {
namespace {

using test::NodeWorld;
using test::Someone;

const Someone alice(1);

std::size_t count(const json::value& reply) { return reply.at("messages").as_array().size(); }

class RoundsTest : public NodeWorld {
 protected:
  static Task<> ask(http::Client* client, std::string body, std::vector<json::value>* into) {
    http::Request post;
    post.method = "POST";
    post.target = "/storage_rpc/v1";
    post.body = std::move(body);
    const http::Response came = co_await client->send("a:22021", std::move(post));
    into->push_back(came.status == 200 ? json::parse(came.body) : json::value(came.status));
  }
  json::object stores(int many) {
    json::array requests;
    for (int i = 0; i < many; ++i)
      requests.push_back({{"method", "store"}, {"params", alice.store("part " + std::to_string(i), now())}});
    return {{"requests", std::move(requests)}};
  }
};

TEST_F(RoundsTest, WhatComesTogetherIsStoredAndSignedByEveryMember) {
  start_three();
  const json::value reply = result("a", "batch", stores(20));
  for (std::size_t i = 0; i < 20; ++i) {
    const json::value& body = reply.at("results").at(i).at("body");
    const std::string hash = keys::message_hash(alice.account(), 0, view("part " + std::to_string(i)));
    EXPECT_EQ(body.at("hash"), json::value(hash));
    for (const std::string name : {"a", "b", "c"}) {
      const json::object& entry = body.at("swarm").at(key_of(name)).as_object();
      EXPECT_EQ(entry.at("hash"), json::value(hash)) << name;
      EXPECT_TRUE(keys::verify(*from_base64(entry.at("signature").as_string()), view(hash), *from_hex(key_of(name))));
    }
  }
  for (const std::string name : {"a", "b", "c"})
    EXPECT_EQ(count(result(name, "retrieve", alice.retrieve(now()))), 20u) << name;
}

TEST_F(RoundsTest, AMemberThatIsSilentHoldsUpNoOtherRound) {
  start_three();
  stop("b");
  network.hang.insert("b:22021");
  std::vector<json::value> replies;
  const Duration before = world.uptime();
  for (int i = 0; i < 3; ++i) {
    world.spawn("store", ask(&client, test::request("store", alice.store(std::to_string(i), now())), &replies));
    world.pass(std::chrono::seconds(1));
  }
  EXPECT_TRUE(replies.empty());
  world.pass(std::chrono::milliseconds(4'900));
  ASSERT_EQ(replies.size(), 3u) << "each waits its own five seconds, not the others' too";
  EXPECT_LE(world.uptime() - before, std::chrono::seconds(8));
  for (const json::value& reply : replies) {
    EXPECT_TRUE(reply.at("swarm").at(key_of("b")).as_object().contains("timeout"));
    EXPECT_TRUE(reply.at("swarm").at(key_of("c")).as_object().contains("signature"));
  }
  world.pass(std::chrono::hours(2));
}

TEST_F(RoundsTest, WhatAMemberRefusesIsRefusedForThatCallAlone) {
  start_three();
  json::object other = alice.store("sealed for another namespace", now());
  other["namespace"] = 5;
  const json::object forged = alice.sign("store", other);
  json::object wrong = forged;
  wrong["data"] = to_base64(view("other data under the same signature is fine, another namespace is not"));
  wrong["namespace"] = 6;
  // Straight to a member, as only another member could send it.
  const auto body = [](const json::object& params) {
    return encode_storage_cc("store", forwarded_params(parse_call("store", params)));
  };
  const std::vector<std::string> bodies{body(alice.store("good", now())), "rubbish", body(wrong), body(forged)};
  auto answers = [&]() -> Task<std::vector<LinkAnswer>> {
    Links links(world, handle, std::make_shared<const NodeKeys>(keys_of("a")));
    ServiceNode b;
    b.host = "b";
    b.https_port = 22021;
    b.ed25519 = keys_of("b").ed25519();
    b.x25519 = keys_of("b").x25519();
    std::string batch = encode_storage_batch(bodies);
    LinkAnswer answer = co_await links.ask(b, Endpoint::storage_batch, std::move(batch), std::chrono::seconds(5));
    EXPECT_EQ(answer.status, 200u);
    auto out = decode_answers(answer.body, bodies.size());
    EXPECT_TRUE(out);
    LinkAnswer nothing = co_await links.ask(b, Endpoint::storage_batch, std::string("le"), std::chrono::seconds(5));
    EXPECT_EQ(nothing.status, 400u);
    co_await links.close();
    co_return out.value_or(std::vector<LinkAnswer>(bodies.size()));
  };
  const auto got = world.run(answers());
  EXPECT_EQ(got[0].status, 200u);
  EXPECT_EQ(got[1].status, 400u);
  EXPECT_EQ(got[2].status, 401u);
  EXPECT_EQ(got[3].status, 200u) << got[3].body;
  EXPECT_TRUE(decode_entry(got[0].body)->contains("signature"));
  EXPECT_EQ(count(result("b", "retrieve", alice.retrieve(now()))), 1u);
}

TEST_F(RoundsTest, AMailboxTooLargeForAGlanceIsReadWhole) {
  start("a");
  for (char c : {'x', 'y', 'z'}) result("a", "store", alice.store(std::string(40'000, c), now()));
  const json::value reply = result("a", "retrieve", alice.retrieve(now()));
  ASSERT_EQ(count(reply), 3u);
  EXPECT_EQ(from_base64(reply.at("messages").at(2).at("data").as_string())->size(), 40'000u);
  EXPECT_EQ(reply.at("more"), false);
}

TEST(Relayed, BatchesAndAnswersComeBackAsTheyWere) {
  const std::vector<std::string> bodies{"",
                                        std::string("\0\xff"
                                                    "e",
                                                    3),
                                        std::string(100'000, 'b')};
  EXPECT_EQ(decode_storage_batch(encode_storage_batch(bodies)), bodies);
  const auto answers = decode_answers(encode_answers({{200, "one"}, {421, ""}}), 2);
  ASSERT_TRUE(answers);
  EXPECT_EQ(answers->at(0).body, "one");
  EXPECT_EQ(answers->at(1).status, 421u);
}

TEST(Relayed, WhatIsNoBatchIsRefused) {
  for (const char* bad : {"", "le", "de", "li1ee", "l1:ai2ee", "l1:a", "l5:ae"})
    EXPECT_THROW(decode_storage_batch(bad), Refused) << bad;
  EXPECT_THROW(decode_storage_batch(encode_storage_batch(std::vector<std::string>(257, "x"))), Refused);
  for (const char* bad : {"", "le", "li200ee", "l1:a1:be", "li-1e1:be", "li1000e1:be", "li200e1:bi200e1:be"})
    EXPECT_FALSE(decode_answers(bad, 1)) << bad;
}

TEST(KnownKeysTest, SayWhatTheConversionSaysAndStayBounded) {
  KnownKeys known;
  Fixed<32> bad;
  bad.fill(0xff);
  EXPECT_FALSE(known.x25519(bad));
  EXPECT_EQ(known.size(), 0u) << "what is no key is not remembered";
  for (int round = 0; round < 2; ++round)
    for (Byte i = 1; i < 20; ++i) {
      const NodeKeys keys(Bytes(32, i));
      EXPECT_EQ(known.x25519(keys.ed25519()), keys.x25519());
    }
  EXPECT_EQ(known.size(), 19u);
}

}  // namespace
}  // namespace argot::node
