#include <argot/error.h>
#include <gtest/gtest.h>

namespace argot {
namespace {

TEST(Error, CarriesKindSentenceAndRemedy) {
  const Error error(Code::not_found, "The file a.so does not exist.", "Build it first.");
  EXPECT_EQ(error.code(), Code::not_found);
  EXPECT_STREQ(error.what(), "The file a.so does not exist.");
  EXPECT_EQ(error.remedy(), "Build it first.");
  EXPECT_EQ(error.sentence(), "The file a.so does not exist. Build it first.");
}

TEST(Error, SentencesEndWithAStop) {
  EXPECT_EQ(Error(Code::internal, "No stop").sentence(), "No stop.");
  EXPECT_EQ(Error(Code::internal, "Really?").sentence(), "Really?");
  EXPECT_EQ(Error(Code::internal, "One", "two").sentence(), "One. two.");
}

TEST(Error, EveryCodeHasAStableName) {
  EXPECT_EQ(name_of(Code::invalid_argument), "invalid_argument");
  EXPECT_EQ(name_of(Code::resource_exhausted), "resource_exhausted");
  EXPECT_EQ(name_of(Code::internal), "internal");
  EXPECT_EQ(name_of(static_cast<Code>(99)), "internal");
}

TEST(ToError, KeepsOurErrorsAndTranslatesForeignOnes) {
  const auto from = [](auto failure) { return to_error(std::make_exception_ptr(failure)); };
  EXPECT_EQ(from(Error(Code::timeout, "Late.", "Wait.")).remedy(), "Wait.");
  EXPECT_EQ(from(Error(Code::timeout, "Late.")).code(), Code::timeout);
  EXPECT_EQ(from(std::runtime_error("broken")).code(), Code::internal);
  EXPECT_STREQ(from(std::runtime_error("broken")).what(), "broken");
  EXPECT_EQ(from(std::bad_alloc()).code(), Code::resource_exhausted);
  EXPECT_EQ(from(7).code(), Code::internal);
  EXPECT_EQ(to_error(nullptr).code(), Code::internal);
}

}  // namespace
}  // namespace argot
