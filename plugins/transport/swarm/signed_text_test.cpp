// The transport's own requests carry exactly the bytes of the protocol's cases.
#include "signed_text.h"
#include "swarm_requests.h"
#include "swarm_transport.h"

#include <gtest/gtest.h>

#include <fstream>

namespace argot::swarm {
namespace {

TEST(SignedText, IsWhatTheSpecificationSays) {
  EXPECT_EQ(to_sign::retrieve(0, 5), "retrieve5");
  EXPECT_EQ(to_sign::retrieve(-11, 5), "retrieve-115");
  EXPECT_EQ(to_sign::store(2, 5), "store25");
  EXPECT_EQ(to_sign::remove({"aa", "bb"}), "deleteaabb");
  const std::int64_t expiry[] = {7};
  EXPECT_EQ(to_sign::expire("", expiry, {"aa"}), "expire7aa");
  EXPECT_EQ(to_sign::delete_all(std::nullopt, 5), "delete_allall5");
}

TEST(SignedText, IsWhatTheRequestsAreSignedOver) {
  const auto identity = make_identity(Secret(Bytes(32, 1)));
  const Mailbox inbox{identity->id(), 0};
  auto verifies = [&](const boost::json::object& params, const std::string& text) {
    const auto signature = from_base64(params.at("signature").as_string());
    return keys::verify(*signature, view(text), identity->ed25519_public());
  };
  EXPECT_TRUE(verifies(request::retrieve(inbox, *identity, "", 5), "retrieve5"));
  EXPECT_TRUE(verifies(request::remove(inbox, *identity, {"aa"}), "deleteaa"));
  EXPECT_TRUE(verifies(request::expire(inbox, *identity, {"aa"}, 9), "expire9aa"));
  const Mailbox config{identity->id(), 3};
  EXPECT_TRUE(verifies(request::store(config, view("x"), std::chrono::hours(1), 4, 5, identity.get()), "store35"));
}

TEST(SignedText, IsLeftOutOfAStoreIntoAnInbox) {
  const auto params =
      request::store({make_identity(Secret(Bytes(32, 1)))->id(), 0}, view("x"), std::chrono::hours(1), 5, 5, nullptr);
  for (const char* key : {"signature", "pubkey_ed25519", "sig_timestamp"}) EXPECT_FALSE(params.contains(key)) << key;
  EXPECT_EQ(params.at("ttl"), 3'600'000);
  EXPECT_EQ(params.at("data"), "eA==");
}

TEST(SignedText, PassesEveryProtocolCase) {
  const char* source = std::getenv("ARGOT_SOURCE_DIR");
  std::ifstream file(std::filesystem::path(source ? source : ".") / "tests/vectors/client.json");
  if (!file) GTEST_SKIP() << "tests/vectors/client.json is not there";
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto cases = boost::json::parse(text).at("vectors").as_array();
  SwarmTransport transport;
  int passed = 0;
  for (const auto& one : cases) {
    if (one.at("category") != "snode_signature") continue;
    const auto result = transport.run("snode_signature", one.at("inputs").as_object(), one.at("expected").as_object());
    ASSERT_TRUE(result) << one.at("id");
    EXPECT_TRUE(result->passed) << one.at("id") << ": " << result->why;
    passed += result->passed;
  }
  EXPECT_GE(passed, 15);
}

TEST(SignedText, DoesNotThrowOnABrokenCase) {
  SwarmTransport transport;
  const auto result = transport.run("snode_signature", {{"signer", {{"account_id", "x"}}}, {"method", "store"}}, {});
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->passed);
  EXPECT_FALSE(transport.run("padding", {}, {}));
}

}  // namespace
}  // namespace argot::swarm
