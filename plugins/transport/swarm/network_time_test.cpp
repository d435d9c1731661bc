#include "network_time.h"

#include <gtest/gtest.h>

namespace argot::swarm {
namespace {

constexpr std::int64_t now = 1'750'000'000'000;

TEST(NetworkTime, IsLocalTimeAsLongAsNobodySaidOtherwise) { EXPECT_EQ(to_ms(NetworkTime().at(from_ms(now))), now); }

TEST(NetworkTime, FollowsTheAverageOfTheLastTenReplies) {
  NetworkTime time;
  for (int i = 0; i < 10; ++i) time.observe(now + 1'000'000, from_ms(now));
  for (int i = 0; i < 5; ++i) time.observe(now + 10'000, from_ms(now));
  for (int i = 0; i < 5; ++i) time.observe(now + 20'000, from_ms(now));
  EXPECT_EQ(to_ms(time.at(from_ms(now))), now + 15'000);
}

TEST(NetworkTime, RoundsTheDifferenceDown) {
  NetworkTime time;
  time.observe(now + 1, from_ms(now));
  time.observe(now + 2, from_ms(now));  // differences -1 and -2: their average -1.5 becomes -2
  EXPECT_EQ(to_ms(time.at(from_ms(now))), now + 2);
}

TEST(NetworkTime, IgnoresWhatIsNoClock) {
  NetworkTime time;
  for (std::int64_t bad : {std::int64_t{0}, std::int64_t{1'750'000'000}, std::int64_t{1'609'459'199'999}, INT64_MAX})
    time.observe(bad, from_ms(now));
  EXPECT_FALSE(time.known());
}

TEST(NetworkTime, BeginsAnewWhenItWasRefused) {
  NetworkTime time;
  time.observe(now + 500'000, from_ms(now));
  time.forget();
  time.observe(now + 5, from_ms(now));
  EXPECT_EQ(to_ms(time.at(from_ms(now))), now + 5);
}

}  // namespace
}  // namespace argot::swarm
