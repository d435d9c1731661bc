#include <argot/content.h>
#include <gtest/gtest.h>

namespace argot {
namespace {

TEST(DisplayName, BlanksAtBothEndsGoAndThoseInsideStay) {
  EXPECT_EQ(display_name(" \t\n Ann\u200bLee \u3000\ufeff\u2060"), "Ann\u200bLee");
  EXPECT_EQ(display_name("\u200e\u200fx\u00a0"), "x");
}

TEST(DisplayName, NothingLeftIsNoName) {
  EXPECT_FALSE(display_name(""));
  EXPECT_FALSE(display_name("   \u200b\u200c\u200d "));
  EXPECT_FALSE(display_name("\xff\xfe"));
}

TEST(DisplayName, ALongNameIsCutBetweenCodePoints) {
  EXPECT_EQ(display_name(std::string(100, 'a'))->size(), 100u);
  EXPECT_EQ(display_name(std::string(101, 'a'))->size(), 100u);
  std::string long_name;
  for (int i = 0; i < 40; ++i) long_name += "\u20ac";  // three bytes each
  EXPECT_EQ(display_name(long_name)->size(), 99u);
  EXPECT_EQ(display_name(std::string(99, 'a') + " b"), std::string(99, 'a'));
}

}  // namespace
}  // namespace argot
