#include <kernel/host/nearest.h>

#include <gtest/gtest.h>

namespace argot::kernel {
namespace {

TEST(Nearest, CountsInsertedRemovedReplacedAndSwappedLetters) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("swarm", "swarm"), 0u);
  EXPECT_EQ(edit_distance("swarm", "swam"), 1u);
  EXPECT_EQ(edit_distance("swarm", "swarrm"), 1u);
  EXPECT_EQ(edit_distance("swarm", "sworm"), 1u);
  EXPECT_EQ(edit_distance("swarm", "swamr"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Nearest, SuggestsWhatIsNearAndNothingElse) {
  std::vector<std::string> words = {"poll_interval", "nodes", "timeout"};
  EXPECT_EQ(nearest("pol_interval", words), "poll_interval");
  EXPECT_EQ(nearest("pollinterval", words), "poll_interval");
  EXPECT_EQ(nearest("node", words), "nodes");
  EXPECT_EQ(nearest("colour", words), "");
  EXPECT_EQ(nearest("x", {"y"}), "") << "a word of one letter is near to every other";
  EXPECT_EQ(nearest(std::string(100'000, 'a'), words), "");
  EXPECT_EQ(nearest("anything", {}), "");
}

TEST(Nearest, MakesSentences) {
  EXPECT_EQ(did_you_mean("swram", {"swarm"}), " Did you mean \"swarm\"?");
  EXPECT_EQ(did_you_mean("zzz", {"swarm"}), "");
  EXPECT_EQ(list_allowed({"a", "b"}), " Allowed: a, b.");
  EXPECT_EQ(list_allowed({}), " Nothing is allowed here.");
}

}  // namespace
}  // namespace argot::kernel
