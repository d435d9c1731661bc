#include <argot/settings.h>

#include <gtest/gtest.h>

namespace argot {
namespace {

using namespace std::chrono_literals;

TEST(Settings, DurationsAreAWholeNumberAndAUnit) {
  EXPECT_EQ(parse_duration("250ms"), Duration(250ms));
  EXPECT_EQ(parse_duration("5s"), Duration(5s));
  EXPECT_EQ(parse_duration("3m"), Duration(3min));
  EXPECT_EQ(parse_duration("2h"), Duration(2h));
  EXPECT_EQ(parse_duration("14d"), Duration(14 * 24h));
  EXPECT_EQ(parse_duration("0"), Duration(0));
  for (const char* bad : {"", "s", "5", "5 s", "-5s", "1.5s", "5sec", "99999999999999999999s", "9223372036854775807d"})
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
}

TEST(Settings, SizesAreBytesOrHaveAUnit) {
  EXPECT_EQ(parse_size("10"), 10);
  EXPECT_EQ(parse_size("64KiB"), 65536);
  EXPECT_EQ(parse_size("10MB"), 10'000'000);
  EXPECT_EQ(parse_size("1GiB"), 1 << 30);
  for (const char* bad : {"", "KiB", "-1", "1.5MB", "1 MB", "1TBx", "9223372036854775807KiB"})
    EXPECT_EQ(parse_size(bad), std::nullopt) << bad;
}

TEST(Settings, AskingForAnotherTypeOrAnUndeclaredOptionIsAnError) {
  Settings settings;
  settings.set("port", std::int64_t{80});
  EXPECT_EQ(settings.number("port"), 80);
  EXPECT_TRUE(settings.has("port"));
  EXPECT_FALSE(settings.has("host"));
  EXPECT_THROW(settings.text("port"), Error);
  EXPECT_THROW(settings.text("host"), Error);
}

}  // namespace
}  // namespace argot
