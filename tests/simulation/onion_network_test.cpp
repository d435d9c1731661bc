// Clients that reach the service nodes in onions: nine nodes in two swarms, each a kernel of its own with the plugins
// that run live.
#include <kernel/messenger/messenger_test.h>

#include <argot/paths.h>

#include <unistd.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

constexpr int node_count = 9;

std::string seed_of(int i) { return std::string(62, '2') + "a" + std::to_string(i); }
std::string swarm_of(int i) { return i % 2 ? "3fffffffffffffff" : "bfffffffffffffff"; }
std::string name_of(int i) { return "node-" + std::to_string(i); }

std::string all_nodes() {
  std::string list;
  for (int i = 1; i <= node_count; ++i) {
    const auto seed = from_hex(seed_of(i));
    const auto keys = make_identity(Secret{ByteView(*seed)});
    list +=
        (i > 1 ? ", \"" : "[\"") + name_of(i) + ":22021 " + to_hex(keys->ed25519_public()) + " " + swarm_of(i) + "\"";
  }
  return list + "]";
}

class OnionNetwork {
 public:
  OnionNetwork(std::uint64_t seed, double loss = 0) : sim(seed, options(loss)) {
    std::string name = (std::filesystem::temp_directory_path() / "argot-onions-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
    for (int i = 1; i <= node_count; ++i) start_node(i);
    for (const char* who : {"alice", "bob"}) start_client(who);
  }
  ~OnionNetwork() {
    for (auto& [name, kernel] : kernels_) sim.host(name).kill();
    kernels_.clear();
    std::filesystem::remove_all(dir_);
  }
  static SimOptions options(double loss) {
    SimOptions out;
    out.link.latency = 10ms;
    out.link.loss = loss;
    return out;
  }
  void start_node(int i) {
    start(name_of(i), "plugins:\n  network: sim\n  app:\n    - {use: session-node, listen: \"" + name_of(i) +
                          ":22021\", swarm: \"" + swarm_of(i) + "\", rate_limit: false, key_seed: \"" + seed_of(i) +
                          "\", nodes: " + all_nodes() + "}\n");
  }
  void start_client(const std::string& name) {
    start(name, "plugins:\n  network: sim\n  directory: {use: static, nodes: " + all_nodes() +
                    "}\n  transport: {use: swarm, route: onion, poll_interval: 1s}\n  crypto: [session]\n  storage: "
                    "memory\n  messenger: {keys: memory}\n");
    if (ids_.contains(name)) return;
    auto m = kernels_[name]->service<Messenger>().lease();
    std::string phrase;
    ids_[name] = sim.run(sim.host(name), m->create_account({}, &phrase)).id;
  }
  void kill(const std::string& name) {
    sim.host(name).kill();
    kernels_.erase(name);
    sim.host(name).restart();
  }
  MessageId send(const std::string& from, const std::string& to, std::string text) {
    return kernels_[from]->service<Messenger>().lease()->send(ids_[from], ids_[to], std::move(text));
  }
  std::vector<Message> all(const std::string& who) {
    HistoryQuery query;
    query.limit = 1000;
    return kernels_[who]->service<Messenger>().lease()->history(ids_[who], query);
  }
  std::vector<std::string> received(const std::string& who) {
    std::vector<std::string> out;
    for (const Message& m : all(who))
      if (m.direction == Direction::incoming) out.push_back(m.text);
    std::reverse(out.begin(), out.end());
    return out;
  }
  bool until_received(const std::string& who, std::size_t count) {
    return sim.step_until([&] { return kernels_.contains(who) && received(who).size() >= count; }, 30min);
  }
  std::string trace(const std::string& who, MessageId message) {
    std::string out;
    for (const TraceStep& step : kernels_[who]->service<Messenger>().lease()->trace(ids_[who], message))
      out += step.stage + ": " + step.detail + "\n";
    return out;
  }
  std::set<std::string> guards(const std::string& who) {
    std::set<std::string> out;
    for (const PathView& path : kernels_[who]->service<Paths>().lease()->paths()) out.insert(path.hops.at(0).host);
    return out;
  }

  SimWorld sim;

 private:
  void start(const std::string& name, const std::string& text) {
    Profile profile = Profile::parse(text, name + ".yaml");
    profile.data = dir_ / name;
    auto kernel = std::make_unique<Kernel>(sim.host(name), std::move(profile), built_plugins());
    add_messenger(kernel->host());
    sim.run(sim.host(name), kernel->start());
    kernels_[name] = std::move(kernel);
  }
  std::filesystem::path dir_;
  std::map<std::string, std::unique_ptr<Kernel>> kernels_;
  std::map<std::string, AccountId> ids_;
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

TEST(OnionNetwork, DeliversEverythingOnceWhileNodesDieAndPacketsAreLost) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    OnionNetwork net(seed, 0.01);
    std::vector<std::string> wanted;
    for (int i = 0; i < 20; ++i) {
      wanted.push_back("message " + std::to_string(i));
      net.send("alice", "bob", wanted.back());
      net.sim.step_for(500ms);
      if (i == 4) net.kill("node-1");
      if (i == 7) net.kill("node-4");
      if (i == 9) net.start_node(1);
      if (i == 10) net.sim.isolate(net.sim.host("node-6"));
      if (i == 12) net.start_node(4);
      if (i == 13) net.kill(*net.guards("alice").begin());
      if (i == 16) net.sim.rejoin(net.sim.host("node-6"));
    }
    EXPECT_TRUE(net.until_received("bob", wanted.size())) << "seed " << seed;
    net.sim.step_for(3min);
    EXPECT_EQ(net.received("bob"), wanted) << "seed " << seed;
  }
}

}  // namespace
}  // namespace argot::kernel
