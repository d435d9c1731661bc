// The cases of tests/vectors/network.json that a service node answers.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "node_vectors.h"

namespace argot::node {
namespace {

boost::json::value load(const std::string& name) {
  const char* source = std::getenv("ARGOT_SOURCE_DIR");
  const std::string path = std::string(source ? source : ".") + "/tests/vectors/" + name;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return boost::json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
}

TEST(NodeVectors, AllCasesOfTheNodesCategoriesPass) {
  const auto cases = load("network.json");
  std::map<std::string, int> passed;
  for (const auto& each : cases.at("vectors").as_array()) {
    const std::string category(each.at("category").as_string());
    const auto result = run_vector(category, each.at("inputs").as_object(), each.at("expected").as_object());
    if (!result) continue;
    EXPECT_TRUE(result->passed) << each.at("id").as_string() << ": " << result->why;
    ++passed[category];
  }
  const std::map<std::string, int> all{{"active_nodes_bin", 2},      {"base32z", 2},
                                       {"channel_encryption", 8},    {"contact_update", 2},
                                       {"expire_semantics", 5},      {"forwarded_request", 2},
                                       {"handover_v1", 4},           {"ifelse_condition", 8},
                                       {"message_hash", 8},          {"mt19937_64", 3},
                                       {"namespace_rules", 20},      {"new_swarm_id", 8},
                                       {"new_swarm_id_long_run", 1}, {"node_reply_signature", 6},
                                       {"onion_chain", 3},           {"onion_inner_parse", 8},
                                       {"onion_outer", 1},           {"onion_target", 6},
                                       {"rate_limiter", 6},          {"request_result", 52},
                                       {"retrieve_window", 13},      {"shuffle_portable", 1},
                                       {"signed_request", 14},       {"storage_semantics", 6},
                                       {"storage_test_pair", 3},     {"subaccount", 8},
                                       {"swarm_assignment", 11},     {"swarm_count_by_growth", 7},
                                       {"swarm_excess", 4},          {"swarm_for_pubkey", 25},
                                       {"swarm_space", 8},           {"uniform_distribution_portable", 4}};
  EXPECT_EQ(passed, all);
}

TEST(NodeVectors, ACategoryOfOthersIsNotCovered) { EXPECT_FALSE(run_vector("mnemonic", {}, {})); }

TEST(NodeVectors, AMalformedCaseFailsAndDoesNotThrow) {
  for (const char* category : {"request_result", "retrieve_window", "storage_semantics", "subaccount"}) {
    const auto result = run_vector(category, {}, {});
    ASSERT_TRUE(result) << category;
    EXPECT_FALSE(result->passed) << category;
  }
}

}  // namespace
}  // namespace argot::node
