#include "replies.h"

#include <argot/error.h>

#include <gmock/gmock.h>

namespace argot::swarm {
namespace {

using testing::HasSubstr;
namespace json = boost::json;

const auto node_keys = make_identity(Secret(Bytes(32, 1))), other_keys = make_identity(Secret(Bytes(32, 2)));
const Mailbox inbox{make_identity(Secret(Bytes(32, 3)))->id(), 0};
const std::string hash = keys::message_hash(inbox.account, 0, view("hello"));

ServiceNode asked() {
  ServiceNode node;
  node.ed25519 = node_keys->ed25519_public();
  return node;
}
std::string name(const Identity& node) { return to_hex(node.ed25519_public()); }
json::object entry_of(const Identity& node, const std::string& its_hash = hash) {
  return {{"hash", its_hash}, {"signature", to_base64(node.sign(view(its_hash)))}, {"expiry", 1'750'000'100'000}};
}
StoreReply store(json::object swarm, std::string top = hash) {
  return parse_store(json::serialize(json::object{{"swarm", swarm}, {"hash", top}, {"t", 1'750'000'000'000}}), asked(),
                     hash);
}
std::string error_of(std::function<void()> work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::corrupt);
    return error.what();
  }
  return "no error";
}

TEST(StoreReply, IsBelievedWhenHashAndSignatureFit) {
  const StoreReply reply = store({{name(*node_keys), entry_of(*node_keys)}});
  EXPECT_TRUE(reply.stored);
  EXPECT_EQ(reply.expiry_ms, 1'750'000'100'000);
  EXPECT_EQ(reply.common.node_ms, 1'750'000'000'000);
}

TEST(StoreReply, IsBelievedWithoutASignature) {
  json::object entry = entry_of(*node_keys);
  entry.erase("signature");
  EXPECT_TRUE(store({{name(*node_keys), entry}}).stored);
}

TEST(StoreReply, IsALieWithAnotherHash) {
  for (const StoreReply& reply : {store({{name(*node_keys), entry_of(*node_keys, std::string(43, 'A'))}}),
                                  store({{name(*node_keys), entry_of(*node_keys)}}, std::string(43, 'A'))}) {
    EXPECT_FALSE(reply.stored);
    EXPECT_TRUE(reply.lie);
    EXPECT_THAT(reply.problem, HasSubstr("hash that the envelope does not have"));
  }
}

TEST(StoreReply, IsALieWithASignatureOfSomebodyElse) {
  const StoreReply reply = store({{name(*node_keys), entry_of(*other_keys)}});
  EXPECT_TRUE(reply.lie);
  EXPECT_FALSE(reply.stored);
}

TEST(StoreReply, CountsWhatOtherNodesSignedAndNothingElse) {
  json::object unsigned_entry = entry_of(*other_keys);
  unsigned_entry.erase("signature");
  EXPECT_FALSE(store({{name(*other_keys), unsigned_entry}}).stored);
  EXPECT_FALSE(store({{name(*other_keys), entry_of(*node_keys)}}).stored);
  EXPECT_TRUE(store({{name(*node_keys), {{"failed", true}}}, {name(*other_keys), entry_of(*other_keys)}}).stored);
  EXPECT_EQ(store({{name(*node_keys), entry_of(*node_keys)}, {name(*other_keys), entry_of(*other_keys)}}).copies, 2u);
}

TEST(StoreReply, SaysThatNobodyStored) {
  EXPECT_THAT(store({{name(*node_keys), {{"failed", 1}}}}).problem, HasSubstr("storing failed"));
  EXPECT_THAT(store({}).problem, HasSubstr("did not say that it stored"));
}

TEST(StoreReply, ReadsAlreadyInBothForms) {
  json::object entry = entry_of(*node_keys);
  entry["already"] = 1;
  EXPECT_TRUE(store({{name(*node_keys), entry}}).already);
  entry["already"] = true;
  EXPECT_TRUE(store({{name(*node_keys), entry}}).already);
}

TEST(Replies, ThatAreNoneAreCalledSo) {
  EXPECT_THAT(error_of([] { parse_store("<html>", asked(), hash); }), HasSubstr("is not JSON"));
  EXPECT_THAT(error_of([] { parse_store("[]", asked(), hash); }), HasSubstr("no object"));
  EXPECT_THAT(error_of([] { parse_store("{}", asked(), hash); }), HasSubstr("\"swarm\""));
  EXPECT_THAT(error_of([] { parse_retrieve("{\"messages\":{}}", inbox); }), HasSubstr("\"messages\""));
  EXPECT_THAT(error_of([] { parse_retrieve("{\"messages\":[7]}", inbox); }), HasSubstr("no object"));
  EXPECT_THAT(error_of([] { parse_retrieve("{\"messages\":[{}]}", inbox); }), HasSubstr("without a hash"));
  EXPECT_THAT(error_of([] { parse_swarm("{\"swarm\":\"1\"}"); }), HasSubstr("\"snodes\""));
  EXPECT_THAT(error_of([] { parse_swarm("{\"snodes\":[],\"swarm\":\"xyz\"}"); }), HasSubstr("not hexadecimal"));
  EXPECT_THAT(error_of([] { parse_many(std::string(11u << 20, ' '), {}, {}); }), HasSubstr("larger than 10 MiB"));
  EXPECT_THAT(error_of([] { parse_many(std::string(100'000, '['), {}, {}); }),
              HasSubstr("is not JSON"));  // no deep recursion
}

json::object message(std::string_view text) {
  return {{"hash", keys::message_hash(inbox.account, 0, view(text))},
          {"data", to_base64(view(text))},
          {"timestamp", 1'750'000'000'000},
          {"expiration", 1'750'000'100'000}};
}
RetrieveReply retrieve(json::array messages, bool more = false) {
  return parse_retrieve(json::serialize(json::object{{"messages", messages}, {"more", more}}), inbox);
}

TEST(RetrieveReply, GivesWhatTheNodeKept) {
  const RetrieveReply reply = retrieve({message("a"), message("b")}, true);
  ASSERT_EQ(reply.deliveries.size(), 2u);
  EXPECT_EQ(text_of(reply.deliveries[1].envelope), "b");
  EXPECT_EQ(to_ms(reply.deliveries[1].stored_at), 1'750'000'000'000);
  EXPECT_EQ(to_ms(reply.deliveries[1].expires_at), 1'750'000'100'000);
  EXPECT_EQ(reply.last_hash, reply.deliveries[1].hash);
  EXPECT_TRUE(reply.more);
}

TEST(RetrieveReply, DropsWhatHasAnotherHash) {
  json::object forged = message("a");
  forged["data"] = to_base64(view("other"));
  json::object unreadable = message("c");
  unreadable["data"] = "***";
  const RetrieveReply reply = retrieve({forged, message("b"), unreadable}, true);
  EXPECT_EQ(reply.deliveries.size(), 1u);
  EXPECT_EQ(reply.mismatches, 2u);
  EXPECT_FALSE(reply.more);  // a liar does not get us to ask at once
}

TEST(RetrieveReply, HasNoMoreWhenItHasNothing) { EXPECT_FALSE(retrieve({}, true).more); }

TEST(RetrieveReply, TakesAnImpossibleTimeForNone) {
  for (json::value bad :
       {json::value(-1), json::value(INT64_MAX), json::value(UINT64_MAX), json::value("5"), json::value(1.5e300)}) {
    json::object m = message("a");
    m["expiration"] = bad;
    EXPECT_EQ(to_ms(retrieve({m}).deliveries.at(0).expires_at), 0) << bad;
  }
}

TEST(SwarmReply, LeavesOutNodesThatCannotBeReached) {
  const std::string key(64, 'a');
  const json::object good{
      {"ip", "10.0.0.1"}, {"port_https", 22021}, {"port_omq", 22020}, {"pubkey_ed25519", key}, {"pubkey_x25519", key}};
  json::array list{good, 7, json::object()};
  for (auto [name, value] : std::initializer_list<std::pair<const char*, json::value>>{{"ip", "0.0.0.0"},
                                                                                       {"ip", "a b"},
                                                                                       {"ip", "evil/../x"},
                                                                                       {"ip", ""},
                                                                                       {"port_https", 0},
                                                                                       {"port_https", 65536},
                                                                                       {"pubkey_ed25519", "aa"}}) {
    json::object bad = good;
    bad[name] = value;
    list.push_back(bad);
  }
  json::object text_port = good;
  text_port.erase("port_https");
  text_port["port"] = "443";
  list.push_back(text_port);
  const SwarmReply reply = parse_swarm(json::serialize(json::object{{"snodes", list}, {"swarm", "ff"}}));
  ASSERT_EQ(reply.nodes.size(), 2u);
  EXPECT_EQ(reply.nodes[0].address(), "10.0.0.1:22021");
  EXPECT_EQ(reply.nodes[0].swarm, 0xffu);
  EXPECT_EQ(reply.nodes[1].https_port, 443);
}

TEST(AsQuote, IsFitForATerminal) {
  EXPECT_EQ(as_quote("a\x1b[31m\n"), "\"a?[31m\"");
  EXPECT_LE(as_quote(std::string(10'000, 'x')).size(), 122u);
}

}  // namespace
}  // namespace argot::swarm
