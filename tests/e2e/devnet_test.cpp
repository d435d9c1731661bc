// `argot devnet`, as a person types it: what it says, what it refuses, and what is left behind.
#include <boost/json.hpp>

#include <sstream>

#include "scene.h"

namespace argot::e2e {
namespace {

class Devnet : public Scene {
 protected:
  ~Devnet() override { devnet({"down"}); }
  Result devnet(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--json", "devnet", "--dir", path("net").string()});
    return argot(arguments);
  }
  Result up(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"up", "--nodes", "3", "--swarms", "1", "--port", "0", "--seed-port", "0"});
    return devnet(more);
  }
  /// The process of each node; 0: it does not run.
  std::vector<std::int64_t> processes() {
    std::vector<std::int64_t> out;
    std::istringstream lines(devnet({"status"}).out);
    for (std::string line; std::getline(lines, line);) {
      const auto value = boost::json::parse(line);
      const auto* pid = value.as_object().if_contains("pid");
      out.push_back(pid ? pid->as_int64() : 0);
    }
    return out;
  }
};

TEST_F(Devnet, GoesOnAfterItsCommandAndEndsWhenTold) {
  ASSERT_EQ(up().code, 0);
  EXPECT_THAT(processes(), testing::AllOf(testing::SizeIs(3), testing::Each(testing::Gt(0))));
  EXPECT_TRUE(fails_with(up(), {"runs in", "already", "argot devnet down"}));
  EXPECT_EQ(devnet({"down"}).out, "{\"stopped\":3}\n");
  EXPECT_THAT(processes(), testing::AllOf(testing::SizeIs(3), testing::Each(0)));
}

TEST_F(Devnet, KillsRestartsAndAddsNodes) {
  ASSERT_EQ(up().code, 0);
  EXPECT_EQ(devnet({"kill", "2"}).code, 0);
  EXPECT_EQ(processes().at(1), 0);
  EXPECT_TRUE(fails_with(devnet({"kill", "2"}), {"Node 2 does not run", "argot devnet restart 2"}));
  EXPECT_TRUE(fails_with(devnet({"kill", "9"}), {"no node 9", "1 to 3"}));
  EXPECT_EQ(devnet({"restart", "2"}).code, 0);
  EXPECT_GT(processes().at(1), 0);
  EXPECT_EQ(devnet({"add"}).out, "{\"node\":4}\n");
  EXPECT_THAT(processes(), testing::AllOf(testing::SizeIs(4), testing::Each(testing::Gt(0))));
}

TEST_F(Devnet, InOneProcessHasNoNodeToKillAlone) {
  ASSERT_EQ(up({"--in-process"}).code, 0);
  const auto all = processes();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_THAT(all, testing::Each(testing::AllOf(testing::Gt(0), all.front())));
  EXPECT_TRUE(fails_with(devnet({"kill", "1"}), {"share one process", "--in-process"}));
  EXPECT_TRUE(fails_with(devnet({"restart", "1"}), {"share one process", "--in-process"}));
}

TEST_F(Devnet, RefusesWhatMakesNoSense) {
  EXPECT_TRUE(fails_with(devnet({"status"}), {"no local network in", "argot devnet up"}));
  EXPECT_TRUE(fails_with(devnet({"up", "--nodes", "2", "--swarms", "3"}), {"2 nodes cannot make 3 swarms"}));
}

}  // namespace
}  // namespace argot::e2e
