#include "rpc.h"

#include "bencode.h"
#include "forward.h"
#include "test_support.h"

namespace argot::node {
namespace {

using test::request;
using test::Someone;

std::string complaint(std::string_view body) {
  try {
    parse_request(body);
  } catch (const Refused& refused) {
    return std::to_string(refused.status()) + " " + refused.what();
  }
  return "fine";
}
std::string complaint(std::string_view method, json::object params) { return complaint(request(method, params)); }

const Someone alice(1);

json::object with(json::object params, std::string_view key, json::value value) {
  params[key] = std::move(value);
  return params;
}

TEST(Rpc, AnEnvelopeThatIsNoCallIsRefusedInTheDocumentedWords) {
  EXPECT_EQ(complaint(""), "400 invalid json");
  EXPECT_EQ(complaint("{"), "400 invalid json");
  EXPECT_EQ(complaint("{} {}"), "400 invalid json");
  EXPECT_EQ(complaint("[]"), "400 invalid json: no `method` field");
  EXPECT_EQ(complaint("7"), "400 invalid json: no `method` field");
  EXPECT_EQ(complaint(R"({"params":{}})"), "400 invalid json: no `method` field");
  EXPECT_EQ(complaint(R"({"method":7,"params":{}})"), "400 invalid json: no `method` field");
  EXPECT_EQ(complaint(R"({"method":"info"})"), "400 invalid json: no `params` field");
  EXPECT_EQ(complaint(R"({"method":"info","params":null})"), "400 invalid json: no `params` field");
  EXPECT_EQ(complaint(R"({"method":"nope","params":{}})"), "400 no method nope");
}

TEST(Rpc, ExtraKeysOfTheEnvelopeDoNotMatter) {
  EXPECT_EQ(complaint(R"({"jsonrpc":"2.0","id":1,"method":"info","params":{"x":1}})"), "fine");
}

TEST(Rpc, DeepJsonIsRefusedAndDoesNotExhaustTheStack) {
  const std::string deep(2'000'000, '[');
  EXPECT_EQ(complaint(deep), "400 invalid json");
  EXPECT_EQ(complaint(R"({"method":"info","params":{"a":)" + deep), "400 invalid json");
}

TEST(Rpc, ATextThatIsNotUtf8IsRefused) {
  EXPECT_EQ(complaint("{\"method\":\"info\xff\",\"params\":{}}"), "400 invalid json");
}

TEST(Rpc, AnUnknownMethodIsShownOnlyInPart) {
  EXPECT_EQ(complaint(std::string(100'000, 'x'), {}).size(), 4 + std::string("no method ").size() + 200);
}

TEST(Rpc, FieldsOfAWrongTypeAreNamedWithTheTypeThatIsExpected) {
  const auto store = alice.store("x");
  const std::string invalid = "400 invalid request: Invalid value given for ";
  EXPECT_EQ(complaint("store", with(store, "timestamp", true)),
            invalid + "'timestamp': expected integer timestamp (in milliseconds)");
  EXPECT_EQ(complaint("store", with(store, "timestamp", 1.5)),
            invalid + "'timestamp': expected integer timestamp (in milliseconds)");
  EXPECT_EQ(complaint("store", with(store, "timestamp", -1)),
            invalid + "'timestamp': expected integer timestamp (in milliseconds)");
  EXPECT_EQ(complaint("store", with(store, "ttl", "12x")), invalid + "'ttl': expected positive integer");
  EXPECT_EQ(complaint("store", with(store, "data", 7)), invalid + "'data': expected string");
  EXPECT_EQ(complaint("store", with(store, "namespace", 1.0)), invalid + "'namespace': expected 16-bit integer");
  EXPECT_EQ(complaint("store", with(store, "pubkey", 5)), invalid + "'pubkey': expected string");
  EXPECT_EQ(complaint("store", with(store, "signature", json::array{})), invalid + "'signature': expected string");
  const auto expire = alice.sign("expire", {{"messages", std::string(43, 'a')}, {"expiry", test::t0}});
  EXPECT_EQ(complaint("expire", with(expire, "messages", 7)), invalid + "'messages': expected string array");
  EXPECT_EQ(complaint("expire", with(expire, "expiry", json::array{"x"})),
            invalid + "'expiry': expected timestamp array");
  EXPECT_EQ(complaint("expire", with(expire, "shorten", 1)), invalid + "'shorten': expected boolean");
  const auto all = alice.sign("delete_all", {{"timestamp", test::t0}});
  EXPECT_EQ(complaint("delete_all", with(all, "namespace", "some")),
            invalid + "'namespace': expected integer or \"all\"");
  EXPECT_EQ(complaint("delete_all", with(all, "timestamp", "1750000000000")),
            invalid + "'timestamp': expected integer timestamp (in milliseconds)");
  EXPECT_EQ(complaint("retrieve", with(alice.retrieve(), "max_count", "5")), invalid + "'max_count': expected integer");
}

TEST(Rpc, NamespacesAreSixteenBits) {
  const auto store = alice.store("x");
  for (const json::value& good : {json::value(-32768), json::value(32767), json::value(nullptr)})
    EXPECT_EQ(complaint("store", with(store, "namespace", good)), "fine") << good;
  for (const json::value& bad : {json::value(-32769), json::value(32768), json::value(UINT64_MAX)})
    EXPECT_EQ(complaint("store", with(store, "namespace", bad)),
              "400 invalid request: Invalid value given for 'namespace': value out of range")
        << bad;
}

TEST(Rpc, StoreTakesTimesAsDecimalTexts) {
  auto params = alice.store("x");
  params["timestamp"] = "1750000000000";
  params["ttl"] = "60000";
  const Call call = parse_call("store", params);
  EXPECT_EQ(std::get<Store>(call.params).expiry, 1'750'000'060'000);
}

TEST(Rpc, AnExpiryBeyondAllNumbersIsTheLargestOne) {
  auto params = alice.store("x");
  params["ttl"] = INT64_MAX;
  EXPECT_EQ(std::get<Store>(parse_call("store", params).params).expiry, INT64_MAX);
  params["ttl"] = UINT64_MAX;
  EXPECT_EQ(complaint("store", params),
            "400 invalid request: Invalid value given for 'ttl': expected positive integer");
}

TEST(Rpc, AMessageHasAtMost76800Bytes) {
  auto params = alice.store(std::string(76'800, 'm'));
  EXPECT_EQ(std::get<Store>(parse_call("store", params).params).data.size(), 76'800u);
  const std::string too_long = "400 invalid request: Message body exceeds maximum allowed length of 76800 bytes";
  EXPECT_EQ(complaint("store", alice.store(std::string(76'801, 'm'))), too_long);
  EXPECT_EQ(complaint("store", alice.store(std::string(5'000'000, 'm'))), too_long);
  EXPECT_EQ(complaint("store", alice.store("")), "fine");
}

TEST(Rpc, ARawPubkeyOf33BytesIsTaken) {
  auto params = alice.store("x");
  params["pubkey"] = std::string("\x05") + std::string(32, 'k');
  EXPECT_EQ(std::get<Store>(parse_call("store", params).params).auth.account.text(), "05" + to_hex(Bytes(32, 'k')));
}

TEST(Rpc, SubaccountsNeedTheirOwnersSignature) {
  auto params = alice.retrieve();
  params["subaccount"] = "";
  EXPECT_EQ(complaint("retrieve", params), "fine");
  params["subaccount"] = "short";
  EXPECT_EQ(complaint("retrieve", params),
            "400 invalid request: invalid subaccount: expected base64 or hex-encoded subaccount token");
  params["subaccount"] = std::string(72, 'a');
  EXPECT_EQ(complaint("retrieve", params),
            "400 invalid request: invalid subaccount: subaccount_sig is required when using subaccount");
}

TEST(Rpc, ASignatureWithoutATimeIsRefused) {
  auto params = alice.retrieve();
  params.erase("timestamp");
  EXPECT_EQ(complaint("retrieve", params), "400 invalid request: Required field 'timestamp' missing");
}

TEST(Rpc, MessageHashesAreChecked) {
  const auto params = [](json::value messages) {
    return json::object{
        {"pubkey", alice.account().text()}, {"messages", std::move(messages)}, {"signature", std::string(86, 'A')}};
  };
  EXPECT_EQ(complaint("delete", params("abc")), "400 invalid request: invalid message hash: abc");
  EXPECT_EQ(complaint("delete", params(json::string(43, '*'))),
            "400 invalid request: invalid message hash: " + std::string(43, '*'));
  EXPECT_EQ(complaint("delete", params(json::string(43, 'z'))), "fine");
  EXPECT_EQ(complaint("delete", params(nullptr)), "400 invalid request: Required field 'messages' missing");
}

TEST(Rpc, AtMostFiftyTokensAreRevokedAtOnce) {
  const std::string token = to_base64(Bytes(36, 3));
  auto params = alice.sign("revoke_subaccount", {{"revoke", token}, {"timestamp", test::t0}});
  params["revoke"] = json::array(50, json::string(token));
  EXPECT_EQ(complaint("revoke_subaccount", params), "fine");
  params["revoke"] = json::array(51, json::string(token));
  EXPECT_EQ(complaint("revoke_subaccount", params),
            "400 invalid request: invalid revoke: cannot revoke more than 50 subaccounts at once");
  params["unrevoke"] = params["revoke"];
  EXPECT_EQ(complaint("unrevoke_subaccount", params), "fine");
}

TEST(Rpc, OneBadSubrequestRefusesTheBatch) {
  const json::object good{{"method", "info"}, {"params", json::object{}}};
  json::object bad{{"method", "store"}, {"params", json::object{}}};
  EXPECT_EQ(complaint("batch", {{"requests", json::array(20, good)}}), "fine");
  EXPECT_EQ(complaint("batch", {{"requests", {good, bad}}}), "400 invalid request: Required field 'timestamp' missing");
  EXPECT_EQ(complaint("sequence", {{"requests", json::array{}}}),
            "400 invalid request: Invalid batch request: no valid \"requests\" field");
  EXPECT_EQ(complaint("batch", {{"requests", {json::object{{"method", "info"}}}}}),
            "400 invalid request: Invalid batch request: subrequests must have method/params keys");
}

TEST(Rpc, IfElseMayNestButBatchMayNot) {
  const json::object info{{"method", "info"}, {"params", json::object{}}};
  const json::object batch{{"method", "batch"}, {"params", json::object{{"requests", {info}}}}};
  const json::object condition{{"hf_at_least", 19}};
  const json::object choice{{"method", "ifelse"}, {"params", json::object{{"if", condition}, {"then", batch}}}};
  EXPECT_EQ(complaint("ifelse", {{"if", condition}, {"then", choice}, {"else", info}}), "fine");
  EXPECT_EQ(complaint("batch", {{"requests", {batch}}}),
            "400 invalid request: Invalid batch subrequest: subrequests may not contain meta-requests");
  EXPECT_EQ(complaint("ifelse", {{"if", condition}, {"then", 1}}),
            "400 invalid request: Invalid ifelse request: then must be an object");
  EXPECT_EQ(
      complaint("ifelse", {{"if", condition}, {"else", json::object{{"method", "x"}, {"params", json::object{}}}}}),
      "400 invalid request: Invalid ifelse request method \"else\"");
}

TEST(Forwarding, APeerReadsTheSameCall) {
  const Someone group(2, AccountId::group);
  const std::string a(43, 'a'), b(43, 'b');
  const std::vector<std::pair<std::string, json::object>> calls{
      {"store", alice.store("hello")},
      {"store", group.sign("store",
                           [&] {
                             auto p = group.store("x");
                             p["namespace"] = -1;
                             return p;
                           }())},
      {"delete", alice.sign("delete", {{"messages", {a, b}}})},
      {"delete_all", alice.sign("delete_all", {{"timestamp", test::t0}, {"namespace", "all"}})},
      {"delete_before", alice.sign("delete_before", {{"before", test::t0}, {"namespace", -7}})},
      {"expire_all", alice.sign("expire_all", {{"expiry", test::t0}})},
      {"expire", alice.sign("expire", {{"messages", {a, b}}, {"expiry", {test::t0, test::t0 + 1}}, {"extend", true}})},
      {"expire", alice.sign("expire", {{"messages", a}, {"expiry", test::t0}, {"shorten", true}})},
      {"delete", group.sign_as(alice, right::remove, "delete", {{"messages", a}})},
      {"revoke_subaccount",
       group.sign("revoke_subaccount", {{"revoke", to_base64(Bytes(36, 3))}, {"timestamp", test::t0}})},
      {"unrevoke_subaccount",
       group.sign("unrevoke_subaccount", {{"unrevoke", to_base64(Bytes(36, 3))}, {"timestamp", test::t0}})},
  };
  for (const auto& [method, params] : calls) {
    const Call call = parse_call(method, params);
    const Call again = parse_forwarded(method, forwarded_params(call));
    EXPECT_EQ(signed_bytes(again), signed_bytes(call)) << method;
    EXPECT_EQ(forwarded_params(again), forwarded_params(call)) << method;
    EXPECT_EQ(auth_of(again)->signature, auth_of(call)->signature) << method;
  }
}

TEST(Forwarding, WhatIsNotRecursiveIsNotForwarded) {
  for (const char* method : {"retrieve", "info", "get_swarm", "batch", "nope"})
    EXPECT_THROW(parse_forwarded(method, "d6:pubkey33:" + std::string(33, 'x') + "e"), Refused) << method;
  EXPECT_THROW(parse_forwarded("store", "not bencode"), Refused);
  EXPECT_THROW(parse_forwarded("store", "li1ee"), Refused);
}

TEST(Forwarding, AnEntryKeepsItsSignature) {
  const json::object entry{{"hash", "h"}, {"already", true}, {"signature", to_base64(Bytes(64, 9))}};
  const auto again = decode_entry(encode_entry(entry));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->at("signature"), entry.at("signature"));
  EXPECT_EQ(again->at("already"), 1);
}

TEST(Forwarding, AnEntryThatWouldBreakAClientsJsonIsNoEntry) {
  EXPECT_FALSE(
      decode_entry("d4:hash2:\xff\xfe"
                   "e"));
  EXPECT_FALSE(decode_entry("i1e"));
  EXPECT_FALSE(decode_entry(""));
}

TEST(Bencode, ReadsWhatItWrites) {
  const json::value value{{"a", 1}, {"b", {-5, "text", json::object{}}}, {"c", UINT64_MAX}, {"d", true}};
  EXPECT_EQ(bencode::encode(value), "d1:ai1e1:bli-5e4:textdee1:ci18446744073709551615e1:di1ee");
  const auto again = bencode::decode(bencode::encode(value));
  ASSERT_TRUE(again);
  EXPECT_EQ(bencode::encode(*again), bencode::encode(value));
}

TEST(Bencode, AKeyOutOfOrderIsAbsent) {
  const auto value = bencode::decode("d1:bi1e1:ai2e1:ci3ee");
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, (json::value{{"b", 1}, {"c", 3}}));
}

TEST(Bencode, RefusesWhatIsMalformed) {
  for (std::string_view bad : {"", "d", "l", "i", "ie", "i1", "i1x", "5:abc", "99999999999999999999:x", "-1:", "d1:a",
                               "di1ei2ee", "i1ei2e", "dei1e", "i18446744073709551616e", "x"})
    EXPECT_FALSE(bencode::decode(bad)) << bad;
  EXPECT_FALSE(bencode::decode(std::string(100'000, 'l')));
  EXPECT_THROW(bencode::encode(json::value(nullptr)), std::invalid_argument);
  EXPECT_THROW(bencode::encode(json::value(1.5)), std::invalid_argument);
}

}  // namespace
}  // namespace argot::node
