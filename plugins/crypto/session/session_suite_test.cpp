#include "session_suite.h"

#include <argot/content.h>
#include <argot/error.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "vector_file.h"
#include "wrapping.h"

namespace argot::session {
namespace {

/// A world that has randomness, counted up so that runs repeat, and nothing else.
class OnlyRandom final : public Context {
 public:
  explicit OnlyRandom(Byte seed) : state_(seed) {}
  void random(std::span<Byte> out) override {
    for (Byte& byte : out) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      byte = static_cast<Byte>(state_ >> 56);
    }
    ++draws;
  }
  int draws = 0;

  const std::string& name() const override { return name_; }
  const Settings& settings() const override { return settings_; }
  Time now() const override { nothing(); }
  Duration uptime() const override { nothing(); }
  void wait_until(Duration, Handler<void(error_code)>) override { nothing(); }
  asio::any_io_executor executor() override { nothing(); }
  void spawn(std::string, Task<>) override { nothing(); }
  void run_off_loop(std::function<void()>, Handler<void()>) override { nothing(); }
  bool chance(std::string_view, double) override { return false; }
  Slot& slot(std::string_view) override { nothing(); }
  std::vector<Slot*> slots(std::string_view) override { nothing(); }
  std::filesystem::path data_dir() override { nothing(); }
  std::shared_ptr<void>& shared(std::string_view) override { nothing(); }
  void log(LogLevel, std::string_view) override {}
  void request_stop(int) override { nothing(); }

 private:
  [[noreturn]] static void nothing() { throw Error(Code::internal, "The suite needs nothing but randomness."); }
  std::string name_ = "session";
  Settings settings_;
  std::uint64_t state_;
};

struct NoState final : SuiteState {
  std::optional<Bytes> get(std::string_view) override { return std::nullopt; }
  void put(std::string_view, ByteView) override { ADD_FAILURE() << "the suite is stateless"; }
  void erase(std::string_view) override { ADD_FAILURE() << "the suite is stateless"; }
};

void start(SessionSuite& suite, Context& ctx) {
  asio::io_context loop;
  asio::co_spawn(loop, suite.start(ctx), asio::detached);
  loop.run();
}

class SessionSuiteTest : public ::testing::Test {
 protected:
  SessionSuiteTest() { start(suite, ctx); }
  const std::unique_ptr<Identity> alice = make_identity(Secret(Bytes(16, 1))),
                                  bob = make_identity(Secret(Bytes(16, 2)));
  OnlyRandom ctx{1};
  SessionSuite suite;
  NoState state;
};
TEST_F(SessionSuiteTest, CarriesAContentFromAliceToBob) {
  Content content;
  content.sent_at_ms = 1754971101000;
  content.body = Text{"\u05e9\u05dc\u05d5\u05dd \U0001f602", 0, ""};
  const Bytes envelope = suite.seal(*alice, bob->id(), encode(content), content.sent_at_ms, state);
  const Opened opened = suite.open(*bob, envelope, state);
  EXPECT_EQ(opened.sender, alice->id());
  EXPECT_EQ(opened.sent_at_ms, content.sent_at_ms);
  EXPECT_EQ(std::get<Text>(decode_content(opened.content).body).body, std::get<Text>(content.body).body);
}

TEST_F(SessionSuiteTest, DrawsItsRandomnessFromTheWorldAndRepeatsWithIt) {
  const Bytes content{1, 2, 3};
  const Bytes first = suite.seal(*alice, bob->id(), content, 5, state);
  const Bytes second = suite.seal(*alice, bob->id(), content, 5, state);
  EXPECT_NE(first, second);
  EXPECT_EQ(ctx.draws, 2);
  OnlyRandom again(1), other(2);
  SessionSuite same, different;
  start(same, again);
  start(different, other);
  EXPECT_EQ(same.seal(*alice, bob->id(), content, 5, state), first);
  EXPECT_NE(different.seal(*alice, bob->id(), content, 5, state), first);
}

TEST_F(SessionSuiteTest, RefusesGroupsAndKeysThatAreNone) {
  const AccountId group(AccountId::group, bob->id().key()), low_order(AccountId::person, Bytes(32, 0));
  for (const AccountId& peer : {group, low_order, AccountId()}) {
    try {
      suite.seal(*alice, peer, Bytes{1}, 5, state);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::invalid_argument);
      EXPECT_FALSE(error.remedy().empty());
    }
  }
}

TEST_F(SessionSuiteTest, LargestContentIsWhatItsTraitsPromise) {
  const std::size_t most = suite.traits().max_content;
  EXPECT_GT(most, 70'000u);
  EXPECT_LE(suite.seal(*alice, bob->id(), Bytes(most), 5, state).size(), max_wrapped);
  EXPECT_THROW(suite.seal(*alice, bob->id(), Bytes(most + 1), 5, state), Error);
}

TEST_F(SessionSuiteTest, ClaimsItsOwnEnvelopesAndNoProtocolOfTheFuture) {
  EXPECT_TRUE(suite.claims(suite.seal(*alice, bob->id(), Bytes{1}, 5, state)));
  EXPECT_FALSE(suite.claims({}));
  EXPECT_FALSE(suite.claims(Bytes{0x00, 0x02}));
  EXPECT_FALSE(suite.claims(Bytes{0xff}));
}

TEST_F(SessionSuiteTest, PromisesNoMoreThanTheProtocolHas) {
  const SuiteTraits traits = suite.traits();
  EXPECT_TRUE(traits.authenticated);
  EXPECT_FALSE(traits.forward_secrecy || traits.post_compromise || traits.deniable || traits.post_quantum ||
               traits.groups || traits.stateful);
}

TEST_F(SessionSuiteTest, IsASuiteAndKnowsTheProtocolsCases) {
  EXPECT_EQ(suite.interface("suite/1"), static_cast<Suite*>(&suite));
  EXPECT_EQ(suite.interface("vectors/1"), static_cast<Vectors*>(&suite));
  EXPECT_NE(suite.interface("file-cipher/1"), nullptr);
  EXPECT_EQ(suite.interface("storage/1"), nullptr);
}

void expect_all(const std::map<std::string, testing::CaseCount>& counts, const char* category, int expected) {
  const auto found = counts.find(category);
  ASSERT_NE(found, counts.end()) << category;
  EXPECT_EQ(found->second.passed, expected) << category;
  EXPECT_EQ(found->second.not_covered, 0) << category;
}

TEST_F(SessionSuiteTest, AllProtocolCasesPass) {
  const auto counts = testing::run_vector_file(suite, "client.json");
  expect_all(counts, "padding", 11);
  expect_all(counts, "session_protocol", 5);
  expect_all(counts, "envelope", 1);
  expect_all(counts, "attachment_legacy", 9);
  expect_all(counts, "attachment_stream", 20);
  expect_all(counts, "profile_picture", 1);
  expect_all(testing::run_vector_file(suite, "groups.json"), "padding", 1);
}

TEST_F(SessionSuiteTest, WrongExpectationsAndMalformedCasesFail) {
  const auto run = [&](const char* category, const char* inputs, const char* expected) {
    return suite.run(category, boost::json::parse(inputs).as_object(), boost::json::parse(expected).as_object());
  };
  EXPECT_FALSE(run("padding", R"({"n":1})", R"({"libsession_2025_2026":161})")->passed);
  EXPECT_FALSE(run("padding", R"({"padded":"xyz"})", R"({"message":""})")->passed);
  EXPECT_FALSE(
      run("session_protocol", R"({"recipient_ed25519_seed32":"00","ciphertext":""})", R"({"error":true})")->passed);
  EXPECT_FALSE(run("padding", R"({"new":1})", "{}"));
  EXPECT_FALSE(run("onion_hop", "{}", "{}"));
}

}  // namespace
}  // namespace argot::session
