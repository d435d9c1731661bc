// Swarms by the chain's rule, lists of nodes, what a change of swarms owes to whom, and the list as clients get it.
#include <gmock/gmock.h>

#include "assignment.h"
#include "registry.h"
#include "test_support.h"

namespace argot::node {
namespace {

std::string line(Byte seed, const std::string& swarm) {
  return "127.0." + std::to_string(seed) + ".1:22021 " + NodeKeys(Bytes(32, seed)).name() + " " + swarm + "\n";
}
std::string lines(Byte count, const std::string& swarm) {
  std::string out;
  for (Byte i = 1; i <= count; ++i) out += line(i, swarm);
  return out;
}

TEST(AutomaticSwarms, FourteenNodesAreTwoSwarmsOfTheChainsIds) {
  const NodeList list = NodeList::parse(lines(14, "auto"), "test");
  EXPECT_EQ(list.swarms(), (std::vector<std::uint64_t>{0, 9223372036854775807ull}));
  EXPECT_EQ(list.members(0).size() + list.members(9223372036854775807ull).size(), 14u);
  EXPECT_EQ(list.members(9223372036854775807ull).size(), 7u);
  EXPECT_EQ(NodeList::parse(lines(13, "auto"), "test").swarms().size(), 1u);
}

TEST(AutomaticSwarms, ANewLineMovesOnlyWhoTheRuleMoves) {
  const NodeList before = NodeList::parse(lines(10, "auto"), "test"),
                 after = NodeList::parse(lines(11, "auto"), "test");
  for (const ServiceNode& node : before.nodes()) EXPECT_EQ(after.find(node.ed25519)->swarm, node.swarm);
}

TEST(AutomaticSwarms, MixedListsAreRefused) {
  EXPECT_THROW(NodeList::parse(line(1, "auto") + line(2, "7"), "test"), Error);
  EXPECT_THROW(NodeList::parse(line(1, "automatic"), "test"), Error);
}

TEST(AutomaticSwarms, NobodyIsLostWhateverHappens) {
  PortableRandom random(99);
  SwarmMembers swarms;
  std::set<std::uint64_t> alive;
  for (std::uint64_t step = 0; step < 400; ++step) {
    if (random.uniform(3) || alive.size() < 4) {
      swarms[no_swarm].push_back(step);
      alive.insert(step);
    } else {
      const std::uint64_t gone = *std::next(alive.begin(), static_cast<std::ptrdiff_t>(random.uniform(alive.size())));
      alive.erase(gone);
      for (auto& [id, members] : swarms) std::erase(members, gone);
    }
    swarms = reassign_swarms(std::move(swarms), step);
    std::set<std::uint64_t> found;
    for (const auto& [id, members] : swarms) {
      EXPECT_NE(id, no_swarm);
      found.insert(members.begin(), members.end());
      EXPECT_TRUE(swarms.size() == 1 || members.size() >= 5u) << step;
    }
    ASSERT_EQ(found, alive) << step;
  }
}

TEST(OwedAfterAChange, FollowsTheDocumentedTable) {
  const auto list = [](std::vector<std::pair<Byte, std::string>> nodes) {
    std::string text;
    for (const auto& [seed, swarm] : nodes) text += line(seed, swarm);
    return NodeList::parse(text, "test");
  };
  const auto key = [](Byte seed) { return NodeKeys(Bytes(32, seed)).ed25519(); };
  const auto owed = [&](const NodeList& before, const NodeList& after) { return owed_after(before, after, key(1)); };
  using testing::ElementsAre;
  const auto base = list({{1, "7"}, {2, "7"}, {3, "70"}});
  EXPECT_THAT(owed(base, base), ElementsAre());
  EXPECT_THAT(owed(list({{2, "7"}}), base), ElementsAre()) << "first time in a swarm";
  EXPECT_THAT(owed(base, list({{1, "7"}, {2, "7"}, {3, "7"}, {4, "7"}})), ElementsAre(key(3), key(4)));
  EXPECT_THAT(owed(base, list({{1, "7"}, {2, "7"}, {3, "70"}, {5, "90"}, {6, "90"}})), ElementsAre(key(5), key(6)))
      << "a new swarm";
  EXPECT_THAT(owed(base, list({{1, "70"}, {2, "7"}, {3, "70"}})), ElementsAre()) << "moved, the old one lives";
  EXPECT_THAT(owed(base, list({{1, "70"}, {3, "70"}, {4, "90"}})), ElementsAre(key(3), key(4))) << "dissolved";
  EXPECT_THAT(owed(base, list({{2, "7"}, {3, "70"}})), ElementsAre()) << "left the network";
}

RegistryFacts facts() {
  RegistryFacts out;
  out.now_ms = 1'750'000'000'000;
  return out;
}
std::uint64_t last(std::uint64_t n) { return n - 1; }

TEST(Registry, AnswersSessionDesktopsQuestion) {
  const NodeList list = NodeList::parse(lines(14, "auto"), "test");
  const json::value reply = json::parse(answer_json_rpc(
      R"({"jsonrpc":"2.0","method":"get_n_service_nodes","params":{"active_only":true,"fields":{"public_ip":true,)"
      R"("storage_port":true,"pubkey_x25519":true,"pubkey_ed25519":true,"requested_unlock_height":true,"height":true}}})",
      list, facts(), last));
  EXPECT_EQ(reply.at("jsonrpc"), "2.0");
  EXPECT_EQ(reply.at("result").at("status"), "OK");
  EXPECT_TRUE(reply.at("result").at("height").is_int64());
  const auto& states = reply.at("result").at("service_node_states").as_array();
  ASSERT_EQ(states.size(), 14u);
  const auto& one = states[0].as_object();
  EXPECT_EQ(one.size(), 5u) << "only what was asked for";
  EXPECT_EQ(one.at("public_ip"), "127.0.1.1");
  EXPECT_EQ(one.at("storage_port"), 22021);
  EXPECT_EQ(one.at("requested_unlock_height"), 0);
  EXPECT_EQ(one.at("pubkey_ed25519"), json::value(NodeKeys(Bytes(32, 1)).name()));
}

TEST(Registry, FieldsLimitAndSelectionWork) {
  const NodeList list = NodeList::parse(lines(3, "7") + line(4, "ffffffffffffffff"), "test");
  const auto ask = [&](const char* params) { return service_nodes(list, json::parse(params), facts(), last); };
  const auto count = [&](const char* params) { return ask(params).at("service_node_states").as_array().size(); };
  EXPECT_EQ(count("{}"), 4u);
  EXPECT_EQ(count(R"({"active_only":true})"), 3u);
  EXPECT_EQ(count(R"({"limit":2})"), 2u);
  EXPECT_EQ(count(R"({"limit":-1})"), 4u);
  EXPECT_EQ(count(R"({"limit":0})"), 4u);
  EXPECT_EQ(count(("{\"service_node_pubkeys\":[\"" + NodeKeys(Bytes(32, 2)).name() + "\"]}").c_str()), 1u);
  const auto all = ask("{}");
  const auto& state = all.at("service_node_states").at(3).as_object();
  EXPECT_EQ(state.at("swarm_id").to_number<std::uint64_t>(), no_swarm);
  EXPECT_EQ(state.at("active"), false);
  EXPECT_EQ(all.at("service_node_states").at(0).at("swarm"), "7");
  EXPECT_FALSE(ask(R"({"fields":["-swarm"]})").at("service_node_states").at(0).as_object().contains("swarm"));
  const std::string hash(all.at("block_hash").as_string());
  const auto unchanged = ask(("{\"poll_block_hash\":\"" + hash + "\"}").c_str());
  EXPECT_EQ(unchanged.at("unchanged"), true);
  EXPECT_FALSE(unchanged.contains("service_node_states"));
}

TEST(Registry, BadRequestsAreJsonRpcErrors) {
  const NodeList list;
  const auto code = [&](std::string_view body) {
    return json::parse(answer_json_rpc(body, list, facts(), last)).at("error").at("code").as_int64();
  };
  EXPECT_EQ(code(""), -32700);
  EXPECT_EQ(code("{"), -32700);
  EXPECT_EQ(code("[]"), -32600);
  EXPECT_EQ(code(R"({"method":7})"), -32600);
  EXPECT_EQ(code(R"({"method":"get_info"})"), -32601);
  EXPECT_EQ(code(R"({"method":"get_service_nodes","params":[1]})"), -32602);
  EXPECT_EQ(code(R"({"method":"get_service_nodes","params":{"limit":"x"}})"), -32602);
  EXPECT_EQ(code(R"({"method":"get_service_nodes","params":{"fields":7}})"), -32602);
  EXPECT_EQ(code(R"({"method":"get_service_nodes","params":{"active_only":1}})"), -32602);
  EXPECT_EQ(code(std::string(100'000, '[')), -32700) << "deep";
}

TEST(Registry, NodesGiveTheListToo) {
  test::LoneNode node;
  const Reply reply =
      node("oxend_request", {{"endpoint", "get_service_nodes"}, {"params", json::object{{"active_only", true}}}});
  EXPECT_EQ(reply.status, 200u);
  EXPECT_EQ(reply.body.at("result").at("service_node_states").as_array().size(), 1u);
  EXPECT_TRUE(reply.body.as_object().contains("t"));
  EXPECT_EQ(test::told(node("oxend_request", {{"endpoint", "get_info"}})),
            "400 invalid request: Invalid oxend endpoint 'get_info'");
  const Reply packed = node("active_nodes_bin", {});
  EXPECT_TRUE(packed.is_json);
  EXPECT_EQ(from_base64(packed.body.as_string())->size(), 51u);
}

}  // namespace
}  // namespace argot::node
