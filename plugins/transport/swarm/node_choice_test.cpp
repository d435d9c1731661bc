#include "node_choice.h"

#include <sdk/testing/bare_context.h>

#include <gtest/gtest.h>

namespace argot::swarm {
namespace {

std::vector<ServiceNode> nodes(int count) {
  std::vector<ServiceNode> out(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) out[static_cast<std::size_t>(i)].ed25519[0] = static_cast<Byte>(i + 1);
  return out;
}

class NodeChoiceTest : public testing::Test {
 public:
  kit::BareWorld world_;
  kit::BareContext ctx_{world_};
  NodeChoice choice_;
};

TEST_F(NodeChoiceTest, PutsEveryNodeFirstSometimes) {
  std::set<Byte> first;
  for (int i = 0; i < 200; ++i) first.insert(choice_.order(ctx_, nodes(5)).front().ed25519[0]);
  EXPECT_EQ(first.size(), 5u);
}

TEST_F(NodeChoiceTest, AsksFailedNodesLast) {
  const auto all = nodes(3);
  choice_.failed(all[0], ctx_.uptime());
  choice_.lied(all[1], ctx_.uptime());
  for (int i = 0; i < 50; ++i) {
    const auto order = choice_.order(ctx_, all);
    EXPECT_EQ(order[0].ed25519, all[2].ed25519);
    EXPECT_EQ(order[1].ed25519, all[0].ed25519);
    EXPECT_EQ(order[2].ed25519, all[1].ed25519);
  }
}

TEST_F(NodeChoiceTest, ForgivesAfterAWhileAndLaterEachTime) {
  const auto all = nodes(1);
  Duration lasted[2];
  for (Duration& length : lasted) {
    const Duration begin = world_.uptime;
    choice_.failed(all[0], begin);
    while (choice_.has_penalty(all[0], world_.uptime)) world_.uptime += std::chrono::seconds(1);
    length = world_.uptime - begin;
  }
  EXPECT_EQ(lasted[0], std::chrono::seconds(10));
  EXPECT_EQ(lasted[1], std::chrono::seconds(20));
  for (int i = 0; i < 40; ++i) choice_.failed(all[0], world_.uptime);
  world_.uptime += std::chrono::minutes(10);
  EXPECT_FALSE(choice_.has_penalty(all[0], world_.uptime));
}

TEST_F(NodeChoiceTest, DoesNotForgiveALiarForAnHonestWord) {
  const auto all = nodes(1);
  choice_.lied(all[0], ctx_.uptime());
  choice_.worked(all[0]);
  EXPECT_TRUE(choice_.has_penalty(all[0], ctx_.uptime()));
}

TEST_F(NodeChoiceTest, ForgivesANodeThatWorks) {
  const auto all = nodes(1);
  choice_.failed(all[0], ctx_.uptime());
  choice_.worked(all[0]);
  EXPECT_FALSE(choice_.has_penalty(all[0], ctx_.uptime()));
}

}  // namespace
}  // namespace argot::swarm
