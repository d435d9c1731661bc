#pragma once
// Runs the protocol cases of tests/vectors/ against an implementation of Vectors.
#include <argot/vectors.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace argot::testing {

struct CaseCount {
  int passed = 0, failed = 0, not_covered = 0;
};

/// Runs the cases of the named categories (all, when none is named). Failed ones are reported to GoogleTest.
inline std::map<std::string, CaseCount> run_vector_file(const Vectors& vectors, const std::string& file,
                                                        std::initializer_list<std::string_view> categories = {}) {
  const char* source = std::getenv("ARGOT_SOURCE_DIR");
  const std::string path = std::string(source ? source : ".") + "/tests/vectors/" + file;
  std::ifstream in(path);
  EXPECT_TRUE(in) << path << " cannot be read (run the tests with ctest, or in the source directory)";
  std::map<std::string, CaseCount> counts;
  if (!in) return counts;
  std::stringstream text;
  text << in.rdbuf();
  const auto document = boost::json::parse(text.str());
  for (const auto& entry : document.at("vectors").as_array()) {
    const auto& one = entry.as_object();
    const std::string category(one.at("category").as_string());
    if (categories.size() && std::find(categories.begin(), categories.end(), category) == categories.end()) continue;
    const auto result = vectors.run(category, one.at("inputs").as_object(), one.at("expected").as_object());
    CaseCount& count = counts[category];
    ++(!result ? count.not_covered : result->passed ? count.passed : count.failed);
    if (result && !result->passed)
      ADD_FAILURE() << file << " " << std::string_view(one.at("id").as_string()) << ": " << result->why;
  }
  return counts;
}

}  // namespace argot::testing
