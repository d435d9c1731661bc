#include "network_time.h"

#include <gtest/gtest.h>

namespace argot::swarm {
namespace {

constexpr std::int64_t now = 1'750'000'000'000, hour = 3'600'000;

Fixed<32> node(int number) {
  Fixed<32> key{};
  key[0] = static_cast<Byte>(number);
  return key;
}

TEST(NetworkTime, IsLocalTimeAsLongAsNobodySaidOtherwise) {
  EXPECT_EQ(to_ms(NetworkTime().at(from_ms(now))), now);
  EXPECT_EQ(to_ms(NetworkTime().at(node(1), from_ms(now))), now);
}

TEST(NetworkTime, IsWhatMostNodesHaveHoweverWrongTheOthersAre) {
  NetworkTime time;
  time.observe(node(1), now + hour, from_ms(now));
  for (int i = 2; i <= 4; ++i) time.observe(node(i), now + 10'000 + i, from_ms(now));
  time.observe(node(5), now - hour, from_ms(now));
  EXPECT_EQ(to_ms(time.at(from_ms(now))), now + 10'003);
}

TEST(NetworkTime, CountsEachNodeOnceHoweverOftenItAnswers) {
  NetworkTime time;
  time.observe(node(1), now + 100, from_ms(now));
  time.observe(node(2), now + 200, from_ms(now));
  for (int i = 0; i < 20; ++i) time.observe(node(3), now + 9'000, from_ms(now));
  EXPECT_EQ(to_ms(time.at(from_ms(now))), now + 200);
}

TEST(NetworkTime, IsThatOfTheLastTenNodes) {
  NetworkTime time;
  for (int i = 0; i < 10; ++i) time.observe(node(i), now + 1'000'000, from_ms(now));
  for (int i = 10; i < 20; ++i) time.observe(node(i), now + 10'000, from_ms(now));
  EXPECT_EQ(to_ms(time.at(from_ms(now))), now + 10'000);
}

TEST(NetworkTime, RoundsTheDifferenceDown) {
  NetworkTime time;
  time.observe(node(1), now + 1, from_ms(now));
  time.observe(node(2), now + 2, from_ms(now));  // differences -1 and -2: in the middle -1.5, which becomes -2
  EXPECT_EQ(to_ms(time.at(from_ms(now))), now + 2);
}

TEST(NetworkTime, IgnoresWhatIsNoClock) {
  NetworkTime time;
  for (std::int64_t bad : {std::int64_t{0}, std::int64_t{1'750'000'000}, std::int64_t{1'609'459'199'999}, INT64_MAX})
    time.observe(node(1), bad, from_ms(now));
  EXPECT_FALSE(time.known());
}

TEST(NetworkTime, BeginsAnewWhenOurOwnClockWasSet) {
  NetworkTime time;
  for (int i = 0; i < 5; ++i) time.observe(node(i), now, from_ms(now));
  // An hour later by our clock, a moment later by that of the first node we hear of.
  time.observe(node(3), now + 5, from_ms(now + hour));
  EXPECT_EQ(to_ms(time.at(from_ms(now + hour))), now + 5);
  EXPECT_EQ(to_ms(time.at(node(1), from_ms(now + hour))), now + 5);
}

TEST(NetworkTime, KnowsWhatTheClockOfANodeShows) {
  NetworkTime time;
  for (int i = 0; i < 5; ++i) time.observe(node(i), now, from_ms(now));
  time.observe(node(7), now + hour, from_ms(now));
  EXPECT_EQ(to_ms(time.at(node(7), from_ms(now + 10))), now + hour + 10);
  EXPECT_EQ(to_ms(time.at(from_ms(now + 10))), now + 10);
}

TEST(NetworkTime, DoesNotFollowANodeIntoNextWeek) {
  NetworkTime time;
  for (int i = 0; i < 5; ++i) time.observe(node(i), now, from_ms(now));
  time.observe(node(7), now + 3 * hour, from_ms(now));
  EXPECT_EQ(to_ms(time.at(node(7), from_ms(now))), now);
}

}  // namespace
}  // namespace argot::swarm
