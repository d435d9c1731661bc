// Who learns what, seen where it cannot be denied: in the packets between hosts. Fourteen nodes, four people. What
// nodes write into their logs is looked at in trouble_test.cpp, where they have something to write.
#include "scene.h"

#include <gtest/gtest.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> people = {"alice", "bob", "carol", "dave"};

/// What the packets show. Kept apart from the network, which sends its last ones while it is taken down.
struct Watch {
  std::map<std::string, std::set<std::string>> spoke_to;  ///< who ever connected to whom
  std::map<std::string, std::string> ids;
  std::size_t accounts_on_the_wire = 0;
};

struct WatchedNetwork : SimulatedNetwork {
  explicit WatchedNetwork(std::uint64_t seed) : SimulatedNetwork(seed, options()) {
    sim.observe([watch = watch](const Packet& packet) {
      if (packet.kind == PacketKind::connect) watch->spoke_to[std::string(packet.from)].insert(std::string(packet.to));
      const std::string_view bytes(reinterpret_cast<const char*>(packet.bytes.data()), packet.bytes.size());
      for (const auto& [who, account] : watch->ids)
        watch->accounts_on_the_wire += bytes.find(account) != std::string_view::npos;
    });
    for (const auto& who : people) {
      start_client(who);
      watch->ids[who] = id(who).text();
    }
  }
  static NetworkOptions options() {
    NetworkOptions out;
    out.nodes = 14;
    out.sim.link.latency = 10ms;
    return out;
  }
  /// The hosts in a message's trace that had this part in it: "guard", "exit", "node".
  std::set<std::string> with_part(const std::string& who, MessageId message, const std::string& part) {
    std::set<std::string> out;
    const std::string text = trace(who, message);
    for (std::size_t at = 0; (at = text.find(part + " node-", at)) != std::string::npos;) {
      at += part.size() + 1;
      out.insert(text.substr(at, text.find(':', at) - at));
    }
    return out;
  }

  std::shared_ptr<Watch> watch = std::make_shared<Watch>();
};

TEST(WhoLearnsWhat, OnlyItsGuardsSeeAClientAndTheyAreNeverItsExitsNorTheNodesThatKeepItsMessages) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    WatchedNetwork net(seed);
    std::vector<std::pair<std::string, MessageId>> sent;
    for (int i = 0; i < 12; ++i) {
      const std::string& from = people[std::size_t(i) % people.size()];
      sent.emplace_back(from, net.send(from, people[std::size_t(i + 1) % people.size()], "text " + std::to_string(i)));
      net.sim.step_for(5s);
    }
    for (const auto& who : people) {
      ASSERT_TRUE(net.until_received(who, 3)) << "seed " << seed;
      EXPECT_EQ(net.watch->spoke_to[who], net.guards(who)) << who << ", seed " << seed;
      EXPECT_LE(net.watch->spoke_to[who].size(), 2u) << who << ", seed " << seed;
    }
    net.sim.step_for(5s);
    for (const auto& [who, message] : sent) {
      const std::string trace = net.trace(who, message);
      for (const char* far : {"hop", "exit", "node"}) {
        const auto hosts = net.with_part(who, message, far);
        EXPECT_FALSE(hosts.empty()) << trace;
        for (const std::string& host : hosts)
          EXPECT_FALSE(net.watch->spoke_to[who].contains(host)) << who << "\n" << trace;
      }
      for (const std::string& guard : net.with_part(who, message, "guard"))
        EXPECT_TRUE(net.watch->spoke_to[who].contains(guard)) << trace;
    }
    // Nodes call nobody back, and nothing on any wire names an account.
    for (int node = 1; node <= 14; ++node)
      for (const std::string& host : net.watch->spoke_to[SimulatedNetwork::node_name(node)])
        EXPECT_TRUE(host.starts_with("node-")) << host;
    EXPECT_EQ(net.watch->accounts_on_the_wire, 0u);
  }
}

TEST(WhoLearnsWhat, TheWatcherSeesWhatADirectRouteGivesAway) {
  NetworkOptions options = WatchedNetwork::options();
  options.route = "direct";
  SimulatedNetwork net(1, options);
  auto seen = std::make_shared<std::set<std::string>>();
  net.sim.observe([seen](const Packet& packet) {
    if (packet.kind == PacketKind::connect && packet.from == "alice") seen->insert(std::string(packet.to));
  });
  for (const char* who : {"alice", "bob"}) net.start_client(who);
  const MessageId message = net.send("alice", "bob", "hello");
  ASSERT_TRUE(net.until_received("bob", 1));
  net.sim.step_for(5s);
  const std::string trace = net.trace("alice", message);
  const std::size_t at = trace.find("node node-") + 5;
  EXPECT_TRUE(seen->contains(trace.substr(at, trace.find(':', at) - at))) << trace;
}

}  // namespace
}  // namespace argot::kernel
