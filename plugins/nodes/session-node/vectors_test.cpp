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
  const std::map<std::string, int> all{
      {"base32z", 2},         {"expire_semantics", 5},  {"forwarded_request", 2},    {"ifelse_condition", 8},
      {"message_hash", 8},    {"namespace_rules", 20},  {"node_reply_signature", 6}, {"rate_limiter", 6},
      {"request_result", 52}, {"retrieve_window", 13},  {"signed_request", 14},      {"storage_semantics", 6},
      {"subaccount", 8},      {"swarm_for_pubkey", 25}, {"swarm_space", 8}};
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
