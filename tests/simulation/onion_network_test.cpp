// Clients that reach the service nodes in onions: nine nodes in two swarms.
#include "scene.h"

#include <gtest/gtest.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

struct OnionNetwork : SimulatedNetwork {
  explicit OnionNetwork(std::uint64_t seed, double loss = 0) : SimulatedNetwork(seed, options(loss)) {
    for (const char* who : {"alice", "bob"}) start_client(who);
  }
  static NetworkOptions options(double loss) {
    NetworkOptions out;
    out.sim.link.latency = 10ms;
    out.sim.link.loss = loss;
    return out;
  }
};

TEST(OnionNetwork, CarriesAConversationThroughThreeHopsAndPushesIt) {
  OnionNetwork net(1);
  net.send("alice", "bob", "first");
  ASSERT_TRUE(net.until_received("bob", 1));
  net.sim.step_for(30s);
  // From now on a node holds Bob's request: what comes is there long before the next poll would be.
  const Duration before = net.sim.uptime();
  const MessageId sent = net.send("alice", "bob", "second");
  ASSERT_TRUE(net.until_received("bob", 2));
  EXPECT_LT(net.sim.uptime() - before, 2s);
  net.sim.step_for(5s);  // Bob is told before Alice's node has told her that it is stored
  const std::string trace = net.trace("alice", sent);
  for (const char* hop : {"guard node-", "hop node-", "exit node-", "node node-"})
    EXPECT_NE(trace.find(hop), std::string::npos) << trace;
  net.sim.check_no_real_io();
}

TEST(OnionNetwork, KeepsItsGuardsWhenAClientStartsAgain) {
  OnionNetwork net(2);
  net.send("alice", "bob", "hello");
  ASSERT_TRUE(net.until_received("bob", 1));
  net.sim.step_for(1min);
  const std::set<std::string> before = net.guards("alice");
  EXPECT_EQ(before.size(), 2u);
  net.kill("alice");
  net.start_client("alice");
  net.send("alice", "bob", "again");
  ASSERT_TRUE(net.until_received("bob", 2));
  net.sim.step_for(1min);
  EXPECT_EQ(net.guards("alice"), before);
}

}  // namespace
}  // namespace argot::kernel
