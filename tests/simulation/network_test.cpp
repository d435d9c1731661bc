// Two clients and three service nodes, each a kernel of its own with the plugins that run live; TLS and HTTP inside.
#include <kernel/messenger/messenger_test.h>

#include <unistd.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

constexpr int node_count = 3;

std::string seed_of(int i) { return std::string(63, '1') + std::to_string(i); }

std::string line_of(int i) {
  const auto seed = from_hex(seed_of(i));
  return "node-" + std::to_string(i) + ":22021 " + to_hex(make_identity(Secret{ByteView(*seed)})->ed25519_public()) +
         " 1";
}

std::string all_nodes() {
  std::string list;
  for (int i = 1; i <= node_count; ++i) list += (i > 1 ? ", \"" : "[\"") + line_of(i) + "\"";
  return list + "]";
}

/// A network of real plugins in a simulated world.
class Network3 {
 public:
  Network3(std::uint64_t seed, SimOptions options = with_text()) : sim(seed, options) {
    std::string name = (std::filesystem::temp_directory_path() / "argot-sim-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
    for (int i = 1; i <= node_count; ++i) start_node(i);
    for (const char* who : {"alice", "bob"}) start_client(who);
  }
  ~Network3() {
    for (auto& [name, kernel] : kernels_) sim.host(name).kill();
    kernels_.clear();
    std::filesystem::remove_all(dir_);
  }
  static SimOptions with_text() {
    SimOptions options;
    options.log_text = true;
    options.link.latency = 5ms;
    return options;
  }

  void start_node(int i) {
    const std::string name = "node-" + std::to_string(i);
    start(name, "plugins:\n  network: sim\n  app:\n    - {use: session-node, listen: \"" + name +
                    ":22021\", swarm: \"1\", rate_limit: false, key_seed: \"" + seed_of(i) +
                    "\", nodes: " + all_nodes() + "}\n");
  }
  void start_client(const std::string& name) {
    start(name, "plugins:\n  network: sim\n  directory: {use: static, nodes: " + all_nodes() +
                    "}\n  transport: {use: swarm, poll_interval: 1s}\n  crypto: [session]\n  storage: memory\n  "
                    "messenger: {keys: memory}\n");
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
  void send(const std::string& from, const std::string& to, std::string text) {
    kernels_[from]->service<Messenger>().lease()->send(ids_[from], ids_[to], std::move(text));
  }
  std::vector<std::string> received(const std::string& who) {
    HistoryQuery query;
    query.limit = 1000;
    std::vector<std::string> out;
    for (const Message& m : kernels_[who]->service<Messenger>().lease()->history(ids_[who], query))
      if (m.direction == Direction::incoming) out.push_back(m.text);
    std::reverse(out.begin(), out.end());
    return out;
  }
  bool until_received(const std::string& who, std::size_t count, Duration limit = 30min) {
    return sim.step_until([&] { return kernels_.contains(who) && received(who).size() >= count; }, limit);
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

struct Record {
  std::string log;
  std::uint64_t draw = 0;
  std::vector<std::string> at_bob;
};

Record conversation(std::uint64_t seed) {
  Network3 net(seed);
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

TEST(SimulatedNetwork, CarriesAConversationOverTlsAndHttp) {
  EXPECT_EQ(conversation(1).at_bob, (std::vector<std::string>{"one", "two", "three"}));
}

TEST(SimulatedNetwork, IsTheSameRunToTheByteForTheSameSeed) {
  const Record first = conversation(42), second = conversation(42);
  EXPECT_GT(first.log.size(), 10'000u);
  EXPECT_TRUE(first.log == second.log)
      << "the logs differ at byte "
      << std::mismatch(first.log.begin(), first.log.end(), second.log.begin(), second.log.end()).first -
             first.log.begin();
  EXPECT_EQ(first.draw, second.draw);
}

TEST(SimulatedNetwork, IsAnotherRunForAnotherSeed) {
  const Record first = conversation(42), second = conversation(43);
  EXPECT_FALSE(first.log == second.log);
  EXPECT_NE(first.draw, second.draw);
}

TEST(SimulatedNetwork, DeliversEverythingOnceWhileNodesAndClientsDieAndThePathIsCut) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SimOptions options;
    options.link.latency = 20ms;
    options.link.loss = 0.02;
    Network3 net(seed, options);
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
