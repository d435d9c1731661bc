#include <argot/vault.h>

#include <argot/testing/bare_context.h>

#include <gmock/gmock.h>

namespace argot {
namespace {

using testing::HasSubstr;

class Vault : public testing::Test {
 protected:
  static Secret secret(std::string_view text) { return Secret(view(text)); }
  std::string wrap(std::string_view passphrase) {
    return ctx.run(wrap_key(ctx, key.clone(), secret(passphrase), KdfStrength::interactive));
  }
  Secret unwrap(std::string wrapped, std::string_view passphrase) {
    return ctx.run(unwrap_key(ctx, std::move(wrapped), secret(passphrase)));
  }
  Error refusal(std::string wrapped, std::string_view passphrase) {
    try {
      unwrap(std::move(wrapped), passphrase);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "it was opened";
    return Error(Code::internal, "");
  }
  static std::string with(std::string text, std::string_view what, std::string_view other) {
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), other);
  }
  kit::BareWorld world;
  kit::BareContext ctx{world};
  Secret key{view("0123456789abcdef0123456789abcdef")};
};

TEST_F(Vault, GivesBackWhatWasPutInWithTheSamePassphraseOnly) {
  const std::string wrapped = wrap("correct horse");
  EXPECT_TRUE(needs_passphrase(wrapped));
  EXPECT_EQ(wrapped.find("0123"), std::string::npos);
  EXPECT_TRUE(equal_secret(unwrap(wrapped, "correct horse").view(), key.view()));
  for (const char* wrong : {"", "Correct horse", "correct horse "})
    EXPECT_EQ(refusal(wrapped, wrong).code(), Code::unauthenticated) << wrong;
}

TEST_F(Vault, WithoutAPassphraseTheTextIsTheKey) {
  const std::string wrapped = wrap("");
  EXPECT_FALSE(needs_passphrase(wrapped));
  EXPECT_TRUE(equal_secret(unwrap(wrapped, "").view(), key.view()));
}

TEST_F(Vault, TwoTextsOfOneKeyHaveNothingInCommon) { EXPECT_NE(wrap("same"), wrap("same")); }

TEST_F(Vault, StretchesThePassphraseOffTheLoop) {
  class Watching final : public kit::BareContext {
   public:
    using BareContext::BareContext;
    void run_off_loop(std::function<void()> work, Handler<void()> done) override {
      ++jobs;
      BareContext::run_off_loop(std::move(work), std::move(done));
    }
    int jobs = 0;
  } watching(world);
  const std::string wrapped = watching.run(wrap_key(watching, key.clone(), secret("slow"), KdfStrength::interactive));
  EXPECT_EQ(watching.jobs, 1);
  watching.run(unwrap_key(watching, wrapped, secret("slow")));
  EXPECT_EQ(watching.jobs, 2);
  const std::string open = watching.run(wrap_key(watching, key.clone(), Secret(), KdfStrength::interactive));
  watching.run(unwrap_key(watching, open, Secret()));
  EXPECT_EQ(watching.jobs, 2) << "nothing to stretch";
}

TEST_F(Vault, SaysThatATextIsDamaged) {
  const std::string wrapped = wrap("x");
  for (const std::string& bad :
       {std::string(), std::string("[]"), std::string("{}"), with(wrapped, "\"salt\":\"", "\"salt\":\"A"),
        with(wrapped, "\"box\"", "\"bax\""), with(wrapped, "\"ops\":2", "\"ops\":999"),
        with(wrapped, "\"memory\":", "\"memory\":-"), with(wrapped, "\"memory\":", "\"memory\":9999999")})
    EXPECT_EQ(refusal(bad, "x").code(), Code::corrupt) << bad;
  const Error newer = refusal(with(wrapped, "\"version\":1", "\"version\":2"), "x");
  EXPECT_EQ(newer.code(), Code::incompatible);
  EXPECT_THAT(newer.remedy(), HasSubstr("newer Argot"));
}

}  // namespace
}  // namespace argot
