#include <argot/vectors.h>
#include <gtest/gtest.h>

#include "../../../tests/support/vector_file.h"

namespace argot {
namespace {

void expect_all(const std::map<std::string, testing::CaseCount>& counts, const char* category, int expected) {
  const auto found = counts.find(category);
  ASSERT_NE(found, counts.end()) << category;
  EXPECT_EQ(found->second.passed, expected) << category;
  EXPECT_EQ(found->second.not_covered, 0) << category;
}

TEST(SdkVectors, AllClientCasesPass) {
  const auto counts = testing::run_vector_file(sdk_vectors(), "client.json");
  expect_all(counts, "mnemonic", 8);
  expect_all(counts, "keys", 9);
  expect_all(counts, "xed25519", 2);
  expect_all(counts, "message_hash", 3);
  expect_all(counts, "protobuf", 7);
  expect_all(counts, "display_name", 3);
  expect_all(counts, "file_url", 10);
  expect_all(counts, "pro", 5);
}

TEST(SdkVectors, AllNetworkCasesPass) {
  expect_all(testing::run_vector_file(sdk_vectors(), "network.json"), "message_hash", 8);
}

TEST(SdkVectors, AllGroupCasesPass) {
  const auto counts = testing::run_vector_file(sdk_vectors(), "groups.json");
  expect_all(counts, "keys", 1);
  expect_all(counts, "xed25519", 3);
}

/// Runs one case that is written here.
std::optional<VectorResult> run(const char* category, const char* inputs, const char* expected) {
  return sdk_vectors().run(category, boost::json::parse(inputs).as_object(), boost::json::parse(expected).as_object());
}

TEST(SdkVectors, WrongExpectationFailsWithBothSides) {
  const auto result = run("keys", R"({"message_utf8":"TestMessage","length":4})", R"({"hash":"00000000"})");
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->passed);
  EXPECT_NE(result->why.find("hash: expected \"00000000\", found \""), std::string::npos) << result->why;
}

TEST(SdkVectors, ExpectationThatNothingIsComparedWithFails) {
  const auto result = run("keys", R"({"message_utf8":"TestMessage","length":4})", R"({"colour":"blue"})");
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->passed);
  EXPECT_NE(result->why.find("colour"), std::string::npos);
}

TEST(SdkVectors, ExpectedFailureThatDoesNotHappenFails) {
  const auto result =
      run("mnemonic", R"({"mnemonic":"puf lux ann rus mem fax smi pud kiw nyl uto zin kiw"})", R"({"error":true})");
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->passed);
}

TEST(SdkVectors, ExpectedFailureForAnotherReasonFails) {
  const auto result = run("mnemonic", R"({"mnemonic":"one two"})", R"({"error":"overflow"})");
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->passed);
}

TEST(SdkVectors, MalformedCaseFailsAndDoesNotThrow) {
  for (const char* inputs :
       {R"({"ed25519_seed32":"xx"})", R"({"ed25519_seed32":7})", R"({"ed25519_seed32":"00"})", R"({"ed25519_seeds":7})",
        R"({"ed25519_seeds":["zz"]})", R"({"message_utf8":"a","length":-1})",
        R"({"message_utf8":"a","length":"99999999999999999999"})"}) {
    const auto result = run("keys", inputs, "{}");
    ASSERT_TRUE(result) << inputs;
    EXPECT_FALSE(result->passed) << inputs;
  }
}

TEST(SdkVectors, UnknownCategoriesAndShapesAreNotCovered) {
  EXPECT_FALSE(run("onion_request", "{}", "{}"));
  EXPECT_FALSE(run("keys", R"({"something":"new"})", "{}"));
  EXPECT_FALSE(run("protobuf", R"({"aNewField":1})", R"({"content":"00"})"));
}

}  // namespace
}  // namespace argot
