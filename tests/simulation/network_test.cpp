// Two clients and three service nodes, straight: a conversation, the same run for the same seed, and trouble.
#include "scene.h"

#include <gtest/gtest.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

NetworkOptions three_nodes() {
  NetworkOptions options;
  options.nodes = 3;
  options.swarms = {"1"};
  options.route = "direct";
  options.sim.log_text = true;
  options.sim.link.latency = 5ms;
  return options;
}

struct Record {
  std::string log;
  std::uint64_t draw = 0;
  std::vector<std::string> at_bob;
};

Record conversation(std::uint64_t seed) {
  SimulatedNetwork net(seed, three_nodes());
  for (const char* who : {"alice", "bob"}) net.start_client(who);
  for (const char* text : {"one", "two", "three"}) {
    net.send("alice", "bob", text);
    net.sim.step_for(700ms);
  }
  EXPECT_TRUE(net.until_received("bob", 3));
  net.send("bob", "alice", "got them");
  EXPECT_TRUE(net.until_received("alice", 1));
  Record run;
  run.at_bob = net.received("bob");
  run.log = net.sim.log_text();
  run.draw = net.sim.final_draw();
  net.sim.check_no_real_io();
  return run;
}

TEST(NetworkOfThree, CarriesAConversationOverTlsAndHttp) {
  EXPECT_EQ(conversation(1).at_bob, (std::vector<std::string>{"one", "two", "three"}));
}

TEST(NetworkOfThree, IsTheSameRunToTheByteForTheSameSeed) {
  const Record first = conversation(42), second = conversation(42);
  EXPECT_GT(first.log.size(), 10'000u);
  EXPECT_TRUE(first.log == second.log)
      << "the logs differ at byte "
      << std::mismatch(first.log.begin(), first.log.end(), second.log.begin(), second.log.end()).first -
             first.log.begin();
  EXPECT_EQ(first.draw, second.draw);
}

TEST(NetworkOfThree, IsAnotherRunForAnotherSeed) {
  const Record first = conversation(42), second = conversation(43);
  EXPECT_FALSE(first.log == second.log);
  EXPECT_NE(first.draw, second.draw);
}

TEST(NetworkOfThree, WorksTheSameWhenNodesHaveSeveralKernels) {
  for (const std::string route : {"direct", "onion"}) {
    NetworkOptions options = three_nodes();
    options.nodes = 4;
    options.route = route;
    options.workers = 2;
    options.sim.log_text = false;
    SimulatedNetwork net(3, options);
    for (const char* who : {"alice", "bob"}) net.start_client(who);
    std::vector<std::string> wanted;
    for (int i = 0; i < 12; ++i) {
      wanted.push_back("message " + std::to_string(i));
      net.send("alice", "bob", wanted.back());
      net.sim.step_for(700ms);
      if (i == 3) net.kill("node-1");  // its other kernel goes on and finds it again
      if (i == 6) net.start_shard(1, 1);
      if (i == 8) net.kill("node-2.2");
      if (i == 10) net.start_shard(2, 2);
    }
    EXPECT_TRUE(net.until_received("bob", wanted.size())) << route;
    EXPECT_EQ(net.received("bob"), wanted) << route;
    net.sim.check_no_real_io();
  }
}

TEST(NetworkOfThree, DeliversEverythingOnceWhileNodesAndClientsDieAndThePathIsCut) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    NetworkOptions options = three_nodes();
    options.sim.log_text = false;
    options.sim.link.latency = 20ms;
    options.sim.link.loss = 0.02;
    SimulatedNetwork net(seed, options);
    for (const char* who : {"alice", "bob"}) net.start_client(who);
    std::vector<std::string> wanted;
    for (int i = 0; i < 20; ++i) {
      wanted.push_back("message " + std::to_string(i));
      net.send("alice", "bob", wanted.back());
      net.sim.step_for(300ms);
      if (i == 5) net.kill("node-1");
      if (i == 8) net.start_node(1);
      if (i == 10) net.sim.isolate(net.sim.host("node-2"));
      if (i == 12) net.kill("bob");
      if (i == 14) net.start_client("bob");
      if (i == 15) net.sim.rejoin(net.sim.host("node-2"));
      if (i == 17) {
        net.kill("alice");
        net.start_client("alice");
      }
    }
    EXPECT_TRUE(net.until_received("bob", wanted.size())) << "seed " << seed;
    net.sim.step_for(5min);
    EXPECT_EQ(net.received("bob"), wanted) << "seed " << seed;
  }
}

}  // namespace
}  // namespace argot::kernel
