#include <argot/swarms.h>

#include "service.h"

#include "namespaces.h"
#include "test_support.h"
#include "to_json.h"

namespace argot::node {
namespace {

using test::LoneNode;
using test::Someone;
using test::t0;
using test::told;

constexpr std::int64_t second = 1000, day = 86'400'000;
const Someone alice(1), bob(2), group(3, AccountId::group);

std::vector<std::string> texts(const Reply& reply) {
  std::vector<std::string> out;
  const auto body = test::body_of(reply);
  for (const auto& message : body.at("messages").as_array()) {
    const auto bytes = from_base64(message.at("data").as_string());
    out.emplace_back(text_of(*bytes));
  }
  return out;
}
using Texts = std::vector<std::string>;

json::object in(json::object params, std::int16_t ns) {
  params["namespace"] = ns;
  return params;
}

std::string stored(LoneNode& node, const Someone& who, std::string_view text, std::int64_t ttl = day) {
  const auto entry = node.entry("store", who.store(text, node.now, ttl));
  return std::string(entry.at("hash").as_string());
}

json::object list(std::initializer_list<std::string> hashes) {
  json::array out;
  for (const auto& hash : hashes) out.push_back(json::string(hash));
  return {{"messages", std::move(out)}};
}

TEST(Service, WhatIsStoredIsRetrievedByItsOwnerOnly) {
  LoneNode node;
  stored(node, alice, "hello");
  EXPECT_EQ(texts(node("retrieve", alice.retrieve())), Texts{"hello"});
  EXPECT_EQ(texts(node("retrieve", bob.retrieve())), Texts{});
}

TEST(Service, AStoredMessageIsAcknowledgedWithItsHashAndTheNodesSignature) {
  LoneNode node;
  const Reply reply = node("store", alice.store("hello"));
  const auto& entry = reply.body.at("swarm").at(node.name()).as_object();
  const std::string hash = keys::message_hash(alice.account(), 0, view("hello"));
  EXPECT_EQ(reply.body.at("hash"), json::value(hash));
  EXPECT_EQ(entry.at("hash"), json::value(hash));
  EXPECT_EQ(entry.at("expiry"), t0 + day);
  EXPECT_EQ(entry.at("t"), t0);
  EXPECT_FALSE(entry.contains("already"));
  EXPECT_TRUE(
      keys::verify(*from_base64(entry.at("signature").as_string()), view(hash), node.service().keys().ed25519()));
  EXPECT_EQ(reply.body.at("hf"), (json::array{19, 4}));
}

TEST(Service, TheSameMessageIsKeptOnceWithTheLaterExpiry) {
  LoneNode node;
  stored(node, alice, "hello", 60 * second);
  auto entry = node.entry("store", alice.store("hello", t0, 90 * second));
  EXPECT_EQ(entry.at("already"), true);
  EXPECT_EQ(entry.at("expiry"), t0 + 90 * second);
  entry = node.entry("store", alice.store("hello", t0, 30 * second));
  EXPECT_EQ(entry.at("expiry"), t0 + 90 * second);
  EXPECT_EQ(texts(node("retrieve", alice.retrieve())), Texts{"hello"});
}

TEST(Service, ALifetimeMustBeWithinTheNamespacesLimits) {
  LoneNode node;
  const std::string bad = "403 Provided expiry/TTL is not valid.";
  EXPECT_EQ(told(node("store", alice.store("x", t0, 10 * second - 1))), bad);
  EXPECT_EQ(told(node("store", alice.store("x", t0, 10 * second))), "200");
  EXPECT_EQ(told(node("store", alice.store("x", t0, 14 * day))), "200");
  EXPECT_EQ(told(node("store", alice.store("x", t0, 14 * day + 1))), bad);
  EXPECT_EQ(told(node("store", alice.store("x", t0, INT64_MAX))), bad);
  const auto own = [&](std::int64_t ttl) { return alice.sign("store", in(alice.store("x", t0, ttl), 3)); };
  EXPECT_EQ(told(node("store", own(30 * day))), "200");
  EXPECT_EQ(told(node("store", own(30 * day + 1))), bad);
}

TEST(Service, AMessageOfTheFutureOrThePastIsRefused) {
  LoneNode node;
  const std::string bad = "406 Timestamp error: check your clock";
  EXPECT_EQ(told(node("store", alice.store("a", t0 + 10 * second))), "200");
  EXPECT_EQ(told(node("store", alice.store("b", t0 + 10 * second + 1))), bad);
  EXPECT_EQ(told(node("store", alice.store("c", t0 - 20 * second, 10 * second))), "200");
  EXPECT_EQ(told(node("store", alice.store("d", t0 - 20 * second - 1, 10 * second))), bad);
  EXPECT_EQ(told(node("store", alice.store("e", INT64_MAX - 1, 1))), "403 Provided expiry/TTL is not valid.");
}

TEST(Service, AClockThatIsOffByMoreThanAMinuteIsRefusedBothWays) {
  LoneNode node;
  const std::string bad = "406 retrieve timestamp too far from current time";
  for (const std::int64_t skew : {-60 * second, 60 * second})
    EXPECT_EQ(told(node("retrieve", alice.retrieve(t0 + skew))), "200");
  for (const std::int64_t skew : {-60 * second - 1, 60 * second + 1, 2 * day})
    EXPECT_EQ(told(node("retrieve", alice.retrieve(t0 + skew))), bad);
}

TEST(Service, ASignatureHoldsForItsAccountNamespaceTimeAndMethodOnly) {
  LoneNode node;
  const std::string bad = "401 retrieve signature verification failed";
  const auto good = alice.retrieve();
  EXPECT_EQ(told(node("retrieve", good)), "200");
  auto changed = good;
  changed["pubkey"] = bob.account().text();
  EXPECT_EQ(told(node("retrieve", changed)), bad) << "another account";
  changed["pubkey_ed25519"] = to_hex(bob.keys().ed25519());
  EXPECT_EQ(told(node("retrieve", changed)), bad) << "another account and its key";
  EXPECT_EQ(told(node("retrieve", in(good, 5))), bad) << "another namespace";
  changed = good;
  changed["timestamp"] = t0 + 1;
  EXPECT_EQ(told(node("retrieve", changed)), bad) << "another time";
  changed = good;
  changed["messages"] = std::string(43, 'a');
  EXPECT_EQ(told(node("get_expiries", changed)), "401 get_expiries signature verification failed") << "another method";
  changed = good;
  changed.erase("pubkey_ed25519");
  EXPECT_EQ(told(node("retrieve", changed)), bad) << "a session id is no Ed25519 key";
}

TEST(Service, TheOwnersNamespacesNeedASignatureToStore) {
  LoneNode node;
  EXPECT_EQ(told(node("store", in(alice.store("x"), 3))), "401 store: signature required to store to namespace 3");
  EXPECT_EQ(told(node("store", alice.sign("store", in(alice.store("x"), 3)))), "200");
  auto forged = alice.sign("store", in(alice.store("x"), 3));
  forged["namespace"] = 4;
  EXPECT_EQ(told(node("store", forged)), "401 store signature verification failed");
}

TEST(Service, ASubaccountDoesWhatItsFlagsAllow) {
  LoneNode node;
  const auto store = in(group.store("from bob"), 11);
  const std::string bad = "401 store signature verification failed";
  EXPECT_EQ(told(node("store", group.sign_as(bob, right::read, "store", store))), bad);
  EXPECT_EQ(told(node("store", group.sign_as(bob, right::write, "store", store))), "200");
  const json::object read = in({{"timestamp", t0}}, 11);
  EXPECT_EQ(texts(node("retrieve", group.sign_as(bob, right::read, "retrieve", read))), Texts{"from bob"});
  auto stolen = group.sign_as(bob, right::read, "retrieve", read);
  for (auto& [key, value] : alice.subaccount(bob, right::read)) stolen[key] = value;
  EXPECT_EQ(told(node("retrieve", stolen)), "401 retrieve signature verification failed") << "a token of another owner";
}

TEST(Service, ARevokedSubaccountIsOutUntilItIsUnrevoked) {
  LoneNode node;
  const json::value token = group.subaccount(bob, right::read).at("subaccount");
  const auto read = [&](std::int16_t ns) {
    return told(node("retrieve", group.sign_as(bob, right::read, "retrieve", in({{"timestamp", t0}}, ns))));
  };
  EXPECT_EQ(read(11), "200");
  node.entry("revoke_subaccount", group.sign("revoke_subaccount", {{"revoke", token}, {"timestamp", t0}}));
  EXPECT_EQ(read(11), "401 retrieve signature verification failed") << "although the account has no messages";
  EXPECT_EQ(read(-11), "200") << "where it learns that it was revoked";
  const auto entry =
      node.entry("unrevoke_subaccount", group.sign("unrevoke_subaccount", {{"unrevoke", token}, {"timestamp", t0}}));
  EXPECT_EQ(entry.at("count"), 1);
  EXPECT_EQ(read(11), "200");
}

TEST(Service, OnlyTheOwnerRevokes) {
  LoneNode node;
  const json::value token = group.subaccount(alice, right::read).at("subaccount");
  const auto params = group.sign_as(bob, 7, "revoke_subaccount", {{"revoke", token}, {"timestamp", t0}});
  EXPECT_EQ(told(node("revoke_subaccount", params)), "401 revoke_subaccount signature verification failed");
}

TEST(Service, AnOutboxHoldsOneMessageThatAnyoneReads) {
  LoneNode node;
  for (const char* text : {"first", "second"}) node.entry("store", alice.sign("store", in(alice.store(text), -1)));
  const json::object anyone{{"pubkey", alice.account().text()}, {"namespace", -1}};
  EXPECT_EQ(texts(node("retrieve", anyone)), Texts{"second"});
}

TEST(Service, RetrieveGoesOnAfterTheLastHash) {
  LoneNode node;
  const std::string first = stored(node, alice, "one");
  stored(node, alice, "two");
  stored(node, alice, "three");
  auto params = alice.retrieve();
  params["last_hash"] = first;
  EXPECT_EQ(texts(node("retrieve", params)), (Texts{"two", "three"}));
  params["max_count"] = 1;
  const Reply page = node("retrieve", params);
  EXPECT_EQ(texts(page), Texts{"two"});
  EXPECT_EQ(page.body.at("more"), true);
  params["last_hash"] = keys::message_hash(bob.account(), 0, view("one"));
  params["max_count"] = nullptr;
  EXPECT_EQ(texts(node("retrieve", params)), (Texts{"one", "two", "three"})) << "a hash this account does not have";
}

TEST(Service, DeleteSaysWhatItDeletedAndWith404WhenItHadTo) {
  LoneNode node;
  const std::string a = stored(node, alice, "a"), b = stored(node, alice, "b"), his = stored(node, bob, "c");
  auto params = alice.sign("delete", list({b, his, a}));
  const auto entry = node.entry("delete", params);
  json::array sorted{std::min(a, b), std::max(a, b)};
  EXPECT_EQ(entry.at("deleted"), sorted);
  EXPECT_EQ(texts(node("retrieve", bob.retrieve())), Texts{"c"}) << "not the one of another account";
  params["required"] = true;
  const Reply nothing = node("delete", params);
  EXPECT_EQ(nothing.status, 404u);
  EXPECT_EQ(nothing.body.at("swarm").at(node.name()).at("deleted"), json::array{});
}

TEST(Service, DeleteAllAnswersByNamespaceWhenAskedForAll) {
  LoneNode node;
  const std::string a = stored(node, alice, "a");
  const std::string b(node.entry("store", alice.sign("store", in(alice.store("b"), 5))).at("hash").as_string());
  auto entry = node.entry("delete_before", alice.sign("delete_before", {{"before", t0 - 1}, {"namespace", "all"}}));
  EXPECT_EQ(entry.at("deleted"), json::object{});
  entry = node.entry("delete_all", alice.sign("delete_all", {{"timestamp", t0}, {"namespace", "all"}}));
  EXPECT_EQ(entry.at("deleted"),
            (json::object{{"0", json::array{json::string(a)}}, {"5", json::array{json::string(b)}}}));
  entry = node.entry("delete_all", alice.sign("delete_all", {{"timestamp", t0}}));
  EXPECT_EQ(entry.at("deleted"), json::array{});
}

TEST(Service, ExpireWithSeveralTimesAnswersInTheOrderOfTheHashes) {
  LoneNode node;
  const std::string a = stored(node, alice, "a"), b = stored(node, alice, "b");
  json::object params = list({a, b});
  params["expiry"] = json::array{t0 + 100'000, t0 + 200'000};
  const auto entry = node.entry("expire", alice.sign("expire", params));
  json::array expiries{t0 + 100'000, t0 + 200'000};
  if (b < a) std::swap(expiries[0], expiries[1]);
  EXPECT_EQ(entry.at("expiry"), expiries);
}

TEST(Service, ASubaccountWithoutDeleteExtendsButDoesNotShorten) {
  LoneNode node;
  const auto store = group.sign("store", in(group.store("x", t0, day), 11));
  const std::string hash(node.entry("store", store).at("hash").as_string());
  json::object params = list({hash});
  params["expiry"] = t0 + 1000;
  auto entry = node.entry("expire", group.sign_as(bob, right::write, "expire", params));
  EXPECT_EQ(entry.at("updated"), json::array{});
  params["shorten"] = true;
  EXPECT_EQ(told(node("expire", group.sign_as(bob, right::write, "expire", params))),
            "400 expire: shorten parameter cannot be used with this subaccount token (missing delete access)");
  entry = node.entry("expire", group.sign_as(bob, right::write | right::remove, "expire", params));
  EXPECT_EQ(entry.at("updated"), json::array{json::string(hash)});
}

TEST(Service, GetExpiriesTellsWhatIsThereWithoutTheUsualMembers) {
  LoneNode node;
  const std::string a = stored(node, alice, "a");
  auto params = list({a, std::string(43, 'z')});
  params["timestamp"] = t0;
  EXPECT_EQ(test::body_of(node("get_expiries", alice.sign("get_expiries", params))),
            (json::object{{"expiries", json::object{{a, t0 + day}}}}));
}

TEST(Service, AnAccountOfAnotherSwarmIsSentToItsNodes) {
  LoneNode node;
  ServiceNode self = node.service().network().nodes()[0], other = self;
  const NodeKeys keys(Bytes(32, 42));
  other.ed25519 = keys.ed25519();
  other.host = "10.0.0.7";
  other.swarm = swarms::position(alice.account());
  self.swarm = ~other.swarm;
  node.service().set_network(NodeList({self, other}));
  const Reply reply = node("store", alice.store("x"));
  EXPECT_EQ(reply.status, 421u);
  EXPECT_EQ(reply.body.at("snodes").as_array().size(), 1u);
  EXPECT_EQ(reply.body.at("snodes").at(0).at("ip"), "10.0.0.7");
  EXPECT_EQ(reply.body.at("snodes").at(0).at("port"), "22021");
  EXPECT_EQ(reply.body.at("snodes").at(0).at("pubkey_ed25519"), json::value(keys.name()));
  EXPECT_EQ(node("get_swarm", {{"pubkey", alice.account().text()}}).status, 200u) << "which is no error for get_swarm";
}

TEST(Service, WithoutSwarmsTheListIsEmpty) {
  LoneNode node;
  node.service().set_network(NodeList());
  const Reply reply = node("get_snodes_for_pubkey", {{"pubkey", alice.account().text()}});
  EXPECT_EQ(reply.body.at("swarm"), "ffffffffffffffff");
  EXPECT_EQ(reply.body.at("snodes"), json::array{});
  EXPECT_EQ(node("store", alice.store("x")).status, 421u);
}

TEST(Service, ASequenceStopsAtTheFirstFailureAndABatchGoesOn) {
  LoneNode node;
  const json::object info{{"method", "info"}, {"params", json::object{}}};
  const json::object bad{{"method", "store"}, {"params", in(alice.store("x"), 3)}};
  EXPECT_EQ(test::body_of(node("sequence", {{"requests", {info, bad, info}}})).at("results").as_array().size(), 2u);
  EXPECT_EQ(test::body_of(node("batch", {{"requests", {info, bad, info}}})).at("results").as_array().size(), 3u);
}

TEST(Service, IfElseRunsOneBranchOrNone) {
  LoneNode node;
  const json::object info{{"method", "info"}, {"params", json::object{}}};
  const json::object never{{"hf_at_least", 1000}};
  Reply reply = node("ifelse", {{"if", never}, {"then", info}});
  EXPECT_EQ(reply.body.at("condition"), false);
  EXPECT_FALSE(reply.body.as_object().contains("result"));
  reply = node("ifelse", {{"if", never}, {"else", info}});
  EXPECT_EQ(test::body_of(reply).at("result").at("code"), 200);
}

TEST(Service, RepliesAreWrittenWithSortedKeysAndStrictEscapes) {
  EXPECT_EQ(to_json(json::value{{"t", 1}, {"hf", {19, 4}}, {"a\"\n", "\x01"}, {"e", json::object{}}}),
            R"({"a\"\n":"\u0001","e":{},"hf":[19,4],"t":1})");
}

}  // namespace
}  // namespace argot::node
