// The network of issue 3 in trouble: fourteen nodes in three swarms, ten people who write through onions while packets
// are lost, clocks are wrong, nodes and people's machines die and come back, pairs of hosts cannot see each other, one
// member of a swarm is cut off for long, and swarms change. Every message arrives once, in its author's order.
//
// Each seed is a test of its own. A failing one says how to run it alone; ARGOT_SIM_LOG=1 shows what hosts log,
// ARGOT_SIM_SEEDS=N runs the first N seeds, ARGOT_SIM_KEEP=1 leaves the nodes' databases.
#include "scene.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

int number_of_seeds() {
  if (const char* given = std::getenv("ARGOT_SIM_SEEDS")) return std::max(1, std::atoi(given));
  return sanitized ? 3 : 50;
}

constexpr int nodes = 14, people = 10, seconds_of_trouble = 100;

/// What happens is drawn from the seed, apart from the world's own generators.
class Fate {
 public:
  explicit Fate(std::uint64_t seed) : engine_(seed) {}
  int below(int n) { return int(engine_() % std::uint64_t(n)); }
  bool once_in(int n) { return below(n) == 0; }
  template <class List> auto one_of(const List& list) { return *std::next(list.begin(), below(int(list.size()))); }

 private:
  std::mt19937_64 engine_;
};

class TroubledNetwork : public testing::TestWithParam<int> {
 protected:
  TroubledNetwork() : fate(std::uint64_t(GetParam())), net(std::uint64_t(GetParam()), options()) {
    net.sim.on_log([this, shown = std::getenv("ARGOT_SIM_LOG") != nullptr](const SimLogLine& line) {
      if (shown)
        std::cerr << double(line.at.count()) / 1e6 << " " << line.host << " " << line.who << ": " << line.text << "\n";
      if (line.host.starts_with("node-")) look_at(line);
    });
    for (int i = 1; i <= nodes; ++i)
      if (fate.once_in(4)) skew(SimulatedNetwork::node_name(i));
    for (int i = 0; i < people; ++i) {
      skew(person(i));
      net.start_client(person(i));
    }
    net_is_up = true;
  }
  static NetworkOptions options() {
    NetworkOptions out;
    out.nodes = nodes;
    out.log = "debug";
    out.swarms = {"2aaaaaaaaaaaaaaa", "7fffffffffffffff", "d555555555555555"};
    out.sim.link.latency = 20ms;
    out.sim.link.jitter = 30ms;
    out.sim.link.loss = 0.01;
    return out;
  }
  static std::string person(int i) { return "person-" + std::to_string(i); }
  /// Somebody's clock is up to an hour wrong.
  void skew(const std::string& name) {
    net.sim.host(name).set_clock_skew(std::chrono::seconds(fate.below(7200) - 3600));
  }

  /// What nodes write down names no account, not even for somebody who debugs them, and usually no client's address.
  void look_at(const SimLogLine& line) {
    ++lines_of_nodes;
    bool names = line.level >= int(LogLevel::info) && line.text.find("person-") != std::string_view::npos;
    for (int i = 0; i < people && net_is_up; ++i)
      names |= line.text.find(net.id(person(i)).text().substr(2, 16)) != std::string_view::npos;
    EXPECT_FALSE(names) << line.host << " " << line.who << ": " << line.text;
  }

  void write_something() {
    for (int i = 0; i < people; ++i) {
      if (!fate.once_in(8) || !net.is_up(person(i))) continue;
      const int to = (i + 1 + fate.below(3)) % people;
      auto& texts = sent[{i, to}];
      texts.push_back(person(i) + " to " + person(to) + ", " + std::to_string(texts.size() + 1));
      ids[texts.back()] = net.send(person(i), person(to), texts.back());
    }
  }
  /// What became of the messages that are not there.
  std::string fate_of_missing(int from, int to) {
    std::string out;
    const auto there = net.received(person(to), person(from));
    for (const std::string& text : sent[{from, to}])
      if (std::ranges::find(there, text) == there.end())
        out += "\n" + text + ":\n" + net.trace(person(from), ids[text]);
    return out;
  }

  // --- what goes wrong; each of it ends by itself or with end_of_trouble() ---
  void kill_or_restart() {
    if (down.size() < 3 && fate.once_in(8)) {
      const int victim = 1 + fate.below(nodes);
      if (net.is_up(SimulatedNetwork::node_name(victim))) {
        net.kill(SimulatedNetwork::node_name(victim));
        down.insert(victim);
      }
    }
    if (!down.empty() && fate.once_in(8)) {
      const int back = fate.one_of(down);
      down.erase(back);
      net.start_node(back);
    }
    if (away < 0 && fate.once_in(20)) net.kill(person(away = fate.below(people)));
    if (away >= 0 && fate.once_in(6)) net.start_client(person(std::exchange(away, -1)));
  }
  void cut_or_heal() {
    if (fate.once_in(6)) {
      SimHost& a = net.sim.host(SimulatedNetwork::node_name(1 + fate.below(nodes)));
      SimHost& b = net.sim.host(fate.once_in(2) ? person(fate.below(people))
                                                : SimulatedNetwork::node_name(1 + fate.below(nodes)));
      if (&a == &b) return;
      net.sim.partition(a, b);
      cuts.emplace_back(&a, &b);
    }
    if (!cuts.empty() && (cuts.size() > 6 || fate.once_in(8))) {
      net.sim.heal(*cuts.front().first, *cuts.front().second);
      cuts.erase(cuts.begin());
    }
  }
  void change_swarms(int second) {
    auto swarms = net.swarms();
    if (second == 30) swarms.erase(leaver = 1 + fate.below(nodes));  // it no longer counts, but still runs
    if (second == 45) {
      net.start_node(nodes + 1);
      swarms[nodes + 1] = fate.one_of(options().swarms);
    }
    if (second == 60)  // two of each of two swarms make a new one between them
      for (const char* from : {"2aaaaaaaaaaaaaaa", "7fffffffffffffff"}) {
        int left = 2;
        for (auto& [number, swarm] : swarms)
          if (swarm == from && left-- > 0) swarm = "5555555555555555";
      }
    if (second == 80) swarms[leaver] = fate.one_of(options().swarms);
    if (swarms != net.swarms()) net.list_nodes(swarms);
  }
  void end_of_trouble() {
    net.sim.heal_all();
    net.sim.rejoin(net.sim.host(SimulatedNetwork::node_name(cut_off)));
    for (const int number : std::exchange(down, {})) net.start_node(number);
    if (away >= 0) net.start_client(person(std::exchange(away, -1)));
  }

  bool all_have_arrived() {
    for (const auto& [who, texts] : sent)
      if (net.received(person(who.second), person(who.first)).size() < texts.size()) return false;
    return true;
  }

  std::size_t lines_of_nodes = 0;
  bool net_is_up = false;
  Fate fate;
  SimulatedNetwork net;
  std::map<std::pair<int, int>, std::vector<std::string>> sent;  ///< by author and receiver
  std::map<std::string, MessageId> ids;                          ///< by text
  std::set<int> down;
  std::vector<std::pair<SimHost*, SimHost*>> cuts;
  int away = -1, leaver = 0, cut_off = 0;
};

TEST_P(TroubledNetwork, DeliversEveryMessageOnceAndInOrder) {
  SCOPED_TRACE("To run this seed alone: simulation_test --gtest_filter='*TroubledNetwork*/" +
               std::to_string(GetParam()) + "' in a build folder's bin, with ARGOT_BUILD_DIR naming that folder");
  cut_off = 1 + fate.below(nodes);
  for (int second = 0; second < seconds_of_trouble; ++second) {
    write_something();
    kill_or_restart();
    cut_or_heal();
    change_swarms(second);
    if (second == 20) net.sim.isolate(net.sim.host(SimulatedNetwork::node_name(cut_off)));
    net.sim.step_for(1s);
  }
  end_of_trouble();
  const Duration calm = net.sim.uptime();
  for (int minutes = 0; minutes < 30 * 60 && !all_have_arrived(); ++minutes) net.sim.step_for(1s);
  RecordProperty("seconds_after_trouble", int((net.sim.uptime() - calm) / 1s));
  if (std::getenv("ARGOT_SIM_LOG")) std::cerr << "all there after " << (net.sim.uptime() - calm) / 1s << " s\n";
  net.sim.step_for(30s);  // nothing may come twice later either
  std::size_t messages = 0;
  for (const auto& [who, texts] : sent) {
    messages += texts.size();
    EXPECT_EQ(net.received(person(who.second), person(who.first)), texts)
        << "from " << person(who.first) << " to " << person(who.second) << fate_of_missing(who.first, who.second);
  }
  EXPECT_GT(messages, 80u);
  EXPECT_GT(lines_of_nodes, 20u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TroubledNetwork, testing::Range(1, number_of_seeds() + 1),
                         [](const auto& info) { return std::to_string(info.param); });

}  // namespace
}  // namespace argot::kernel
