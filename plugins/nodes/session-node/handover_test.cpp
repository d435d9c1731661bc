// Messages reach who missed them: members that were down, newcomers, new swarms; also after a crash.
#include <gmock/gmock.h>

#include "forward.h"
#include "handover.h"
#include "node_world.h"

namespace argot::node {
namespace {

using std::chrono::seconds;
using test::NodeWorld;
using test::Someone;

const Someone alice(1), bob(2);

class HandoverTest : public NodeWorld {
 protected:
  std::size_t count(const std::string& node, const Someone& who, std::int16_t ns = 0) {
    const auto response = call(node, "retrieve", who.retrieve(now(), ns));
    return response.status == 200 ? json::parse(response.body).at("messages").as_array().size()
                                  : 1000 + response.status;
  }
};

TEST_F(HandoverTest, AMemberThatWasDownGetsWhatItMissed) {
  start_three();
  result("a", "store", alice.store("before", now()));
  stop("b");
  for (int i = 0; i < 5; ++i) result("a", "store", alice.store("missed " + std::to_string(i), now()));
  result("c", "store", bob.store("missed by way of c", now()));
  start("b");
  EXPECT_EQ(count("b", alice), 1u);
  world.pass(seconds(90));
  EXPECT_EQ(count("b", alice), 6u);
  EXPECT_EQ(count("b", bob), 1u);
}

TEST_F(HandoverTest, AMemberThatWasDownLearnsWhatWasDeletedMeanwhile) {
  start_three();
  const std::string gone(result("a", "store", alice.store("to be deleted", now())).at("hash").as_string());
  result("a", "store", alice.store("to stay", now()));
  result("a", "store", bob.store("bob's, all of them", now()));
  const std::string brief(result("a", "store", alice.store("to be over soon", now())).at("hash").as_string());
  stop("b");
  result("c", "delete", alice.sign("delete", {{"messages", {gone}}}));
  result("a", "delete_all", bob.sign("delete_all", {{"timestamp", now()}}));
  const json::object soon{{"messages", {brief}}, {"expiry", now() + 300'000}, {"shorten", true}};
  result("a", "expire", alice.sign("expire", soon));
  world.pass(seconds(120));  // longer than a signed time holds
  result("c", "store", bob.store("bob's of later", now()));
  stop("a");
  stop("c");
  start("a");  // what is owed is on the disk
  start("c");
  start("b");
  world.pass(seconds(100));
  EXPECT_EQ(count("b", alice), 2u);
  EXPECT_EQ(count("b", bob), 1u) << "what was stored after a delete_all stays";
  world.pass(seconds(200));
  EXPECT_EQ(count("b", alice), 1u) << "the shorter expiry holds there too";
}

TEST_F(HandoverTest, NobodyIsMadeToDeleteByAnythingButTheOwnersOwnCall) {
  start_three();
  const std::string hash(result("a", "store", alice.store("stays", now())).at("hash").as_string());
  const auto offer = [&](std::string_view method, const json::object& params) {
    auto ask = [&]() -> Task<LinkAnswer> {
      Links links(world, handle, std::make_shared<const NodeKeys>(keys_of("a")));
      ServiceNode b;
      b.host = "b";
      b.https_port = 22021;
      b.ed25519 = keys_of("b").ed25519();
      b.x25519 = keys_of("b").x25519();
      std::string body = "\3" + encode_storage_cc(method, forwarded_params(parse_call(method, params)));
      LinkAnswer answer = co_await links.ask(b, Endpoint::data, std::move(body), seconds(5));
      co_await links.close();
      co_return answer;
    };
    return world.run(ask()).status;
  };
  json::object forged = bob.sign("delete", {{"messages", {hash}}});
  forged["pubkey"] = alice.account().text();
  forged["pubkey_ed25519"] = alice.sign("delete", {{"messages", {hash}}}).at("pubkey_ed25519");
  EXPECT_EQ(offer("delete", forged), 401u);
  EXPECT_EQ(offer("delete_all", alice.sign("delete_all", {{"timestamp", now() + 3'600'000}})), 406u) << "of the future";
  EXPECT_EQ(offer("store", alice.store("by the back door", now())), 400u);
  EXPECT_EQ(offer("delete_all", alice.sign("delete_all", {{"timestamp", now() - 86'400'000}})), 200u) << "of the past";
  EXPECT_EQ(count("b", alice), 1u) << "it says nothing about what came later";
}

TEST_F(HandoverTest, WhatIsOwedSurvivesARestartOfTheNodeThatOwes) {
  start_three();
  stop("b");
  result("a", "store", alice.store("missed", now()));
  stop("a");
  start("a");
  start("b");
  world.pass(seconds(90));
  EXPECT_EQ(count("b", alice), 1u);
}

TEST_F(HandoverTest, ANewcomerGetsEverythingWithItsNamespace) {
  start_three();
  for (int i = 0; i < 30; ++i) result("a", "store", alice.store("old " + std::to_string(i), now()));
  json::object config = alice.store("config", now());
  config["namespace"] = 5;
  result("a", "store", alice.sign("store", config));
  join("d");
  start("d");
  set_nodes(line_of_node("a") + line_of_node("b") + line_of_node("c") + line_of_node("d"));
  world.pass(seconds(10));
  EXPECT_EQ(count("d", alice), 30u);
  EXPECT_EQ(count("d", alice, 5), 1u);
}

TEST_F(HandoverTest, ANewcomerThatComesWhileANodeIsDownGetsItsMessagesLater) {
  start_together({"a"});
  result("a", "store", alice.store("only a has this", now()));
  stop("a");
  join("b");
  start("b");
  replace_file(list_path(), line_of_node("a") + line_of_node("b"));
  start("a");
  world.pass(seconds(30));
  EXPECT_EQ(count("b", alice), 1u) << "a remembers the network as it was";
}

TEST_F(HandoverTest, WhenASwarmIsDissolvedItsMessagesMove) {
  start_together({"a"}, "7");
  result("a", "store", alice.store("hello", now()));
  const std::string a = line_of_node("a");
  join("b", "70");
  start("b");
  // a comes to b's swarm, and its own is no more.
  set_nodes(a.substr(0, a.rfind(' ')) + " 70\n" + line_of_node("b"));
  world.pass(seconds(10));
  EXPECT_EQ(count("b", alice), 1u);
}

TEST_F(HandoverTest, ANewSwarmGetsWhatIsNowItsOwn) {
  start_together({"a"}, "0");
  std::vector<Someone> people;
  for (Byte i = 1; i <= 20; ++i) people.emplace_back(i);
  for (const Someone& one : people) result("a", "store", one.store("hello", now()));
  join("b", "8000000000000000");
  start("b");
  set_nodes(line_of_node("a") + line_of_node("b"));
  world.pass(seconds(10));
  std::size_t moved = 0, stayed = 0;
  for (const Someone& one : people) {
    const std::size_t at_b = count("b", one);
    if (at_b == 1421) {
      ++stayed;
      EXPECT_EQ(count("a", one), 1u);
    } else {
      ++moved;
      EXPECT_EQ(at_b, 1u);
      EXPECT_EQ(count("a", one), 1421u);
    }
  }
  EXPECT_GT(moved, 3u);
  EXPECT_GT(stayed, 3u);
}

TEST_F(HandoverTest, WhoDoesNotKnowTheLatestSwarmsYetIsOfferedWhatItRefusedAgain) {
  start_together({"a"}, "0");
  std::vector<Someone> people;
  for (Byte i = 1; i <= 40; ++i) people.emplace_back(i);
  for (const Someone& one : people) result("a", "store", one.store("hello", now()));
  join("c", "c000000000000000");
  start("c");
  stop("c");
  join("b", "8000000000000000").set("nodes_file", (directory.path() / "stale.txt").string());
  start("b");
  // For b a part of what is its own still belongs to c, which has left.
  const std::string both = line_of_node("a") + line_of_node("b");
  replace_file(directory.path() / "stale.txt", both + line_of_node("c"));
  world.pass(seconds(2));
  set_nodes(both);
  world.pass(seconds(20));
  const auto at_b = [&] {
    std::map<std::size_t, int> out;
    for (const Someone& one : people) ++out[count("b", one)];
    return out;
  };
  EXPECT_GT(at_b()[1], 3) << "what both think is b's is there already";
  replace_file(directory.path() / "stale.txt", both);
  world.pass(seconds(90));
  EXPECT_EQ(at_b()[0], 0) << "what b did not take for its own came again";
}

TEST_F(HandoverTest, WhoeverWaitsIsToldOfWhatWasHandedOver) {
  start_three();
  stop("b");
  result("a", "store", alice.store("missed", now()));
  start("b");
  http::Limits limits;
  limits.timeout = seconds(60);
  http::Client patient(world, handle, http::Security::tls_unverified, limits);
  json::object wants = alice.retrieve(now());
  wants["wait_ms"] = 25'000;
  std::optional<http::Response> came;
  const auto poll = [](http::Client* client, std::string body, std::optional<http::Response>* into) -> Task<> {
    http::Request post;
    post.method = "POST";
    post.target = "/storage_rpc/v1";
    post.body = std::move(body);
    *into = co_await client->send("b:22021", std::move(post));
  };
  world.spawn("poll", poll(&patient, test::request("retrieve", wants), &came));
  world.pass(seconds(24));
  ASSERT_TRUE(came);
  EXPECT_EQ(json::parse(came->body).at("messages").as_array().size(), 1u);
  patient.close_idle();
}

StoredMessage message(std::string_view text, std::int16_t ns = 0) {
  StoredMessage out;
  out.account = alice.account();
  out.ns = ns;
  out.data = to_bytes(view(text));
  out.hash = keys::message_hash(out.account, ns, out.data);
  out.timestamp = test::t0;
  out.expiry = test::t0 + 86'400'000;
  return out;
}

TEST(HandoverFormat, KeepsNamespacesAndRefusesWhatCannotBeRight) {
  std::vector<StoredMessage> two{message("a", -10), message("b", 14)};
  const auto back = decode_handover(encode_handover(two).at(0));
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ(back->at(0).ns, -10);
  EXPECT_EQ(back->at(1).ns, 14);
  two[0].data = to_bytes(view("another text than the hash's"));
  EXPECT_EQ(decode_handover(encode_handover(two).at(0))->size(), 1u);
  EXPECT_FALSE(decode_handover(""));
  EXPECT_FALSE(decode_handover("\3le"));
  EXPECT_FALSE(decode_handover("\2l"));
  EXPECT_FALSE(decode_handover("\2li7ee"));
}

TEST(HandoverFormat, BatchesAreBounded) {
  std::vector<StoredMessage> many(100, message(std::string(70'000, 'x')));
  const auto batches = encode_handover(many, HandoverVersion::with_namespace, 1'000'000);
  EXPECT_GT(batches.size(), 6u);
  std::size_t found = 0;
  for (const auto& batch : batches) {
    EXPECT_LE(batch.size(), 1'000'000u);
    found += decode_handover(batch)->size();
  }
  EXPECT_EQ(found, 100u);
}

TEST(HandoverStore, APublicOutboxKeepsTheNewest) {
  Database db(":memory:", 1 << 26);
  const auto take = [&](const StoredMessage& m) {
    return db.take_over(m.account, m.ns, m.hash, m.timestamp, m.expiry, m.data);
  };
  StoredMessage old = message("old", -21), fresh = message("new", -21);
  fresh.timestamp += 10;
  EXPECT_TRUE(take(fresh));
  EXPECT_FALSE(take(old));
  EXPECT_FALSE(take(fresh));
  const auto page = db.page(alice.account(), -21, "", retrieve_limits(0, 0));
  ASSERT_EQ(page.rows.size(), 1u);
  EXPECT_EQ(page.rows[0].hash, fresh.hash);
}

TEST(HandoverStore, OfOwedCallsTheNewestAreKept) {
  Database db(":memory:", 1 << 26);
  const Fixed<32> peer{1}, other{2};
  db.owe_call(other, "other");
  for (int i = 0; i < 1'010; ++i) db.owe_call(peer, std::to_string(i));
  auto calls = db.owed_calls(peer, 2'000);
  ASSERT_EQ(calls.size(), 1'000u);
  EXPECT_EQ(calls.front().body, "10");
  EXPECT_EQ(db.debts().at(peer), Database::no_rows);
  db.paid_calls(peer, calls[997].id);
  EXPECT_EQ(db.owed_calls(peer, 5).size(), 2u);
  EXPECT_EQ(db.owed_calls(other, 5).size(), 1u);
}

TEST(HandoverStore, DebtsStayUntilTheyArePaid) {
  test::TemporaryDirectory directory;
  const Fixed<32> peer{1, 2, 3};
  {
    Database db(directory.path() / "m.db", 1 << 26);
    db.owe(peer, 7);
    db.owe(peer, 9);
    db.keep_network("lines");
  }
  Database db(directory.path() / "m.db", 1 << 26);
  EXPECT_EQ(db.debts(), (std::map<Fixed<32>, std::int64_t>{{peer, 7}}));
  EXPECT_EQ(db.known_network(), "lines");
  db.paid(peer, 12, false);
  EXPECT_EQ(db.debts().at(peer), 12);
  db.paid(peer, 12, true);
  EXPECT_TRUE(db.debts().empty());
}

}  // namespace
}  // namespace argot::node
