// kill -9 of clients and service nodes under traffic, in real processes on real files: nothing is lost and nothing
// comes twice. (kernel/messenger/crash_test.cpp does the same at every single turn, in the simulated world.)
#include <boost/json.hpp>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <sstream>

#include "scene.h"

namespace argot::e2e {
namespace {

constexpr int nodes = 3;

class Kill : public Scene {
 protected:
  Kill() {
    for (int i = 1; i <= nodes; ++i) node(name_of(i));
    list_nodes();
    nodes_know(nodes);
    for (const char* who : {"alice", "bob"}) make_account(who);
    for (const char* who : {"alice", "bob"}) open(who);
  }
  static std::string name_of(int i) { return "node-" + std::to_string(i); }
  static std::string peer_of(const std::string& who) { return who == "alice" ? "bob" : "alice"; }

  struct Talker {
    std::unique_ptr<Process> terminal;
    int typed = 0;
    std::vector<std::string> acknowledged;  ///< the terminal has shown that a node has it
  };
  void open(const std::string& who) { talkers_[who].terminal = converse(who, peer_of(who)); }
  void say(const std::string& who) {
    Talker& talker = talkers_[who];
    talker.terminal->type(who + " says " + std::to_string(++talker.typed) + " of many");
  }
  void note_acknowledged(const std::string& who, const std::string& out) {
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);)
      if (const auto at = line.find(who + " says "); at != std::string::npos && line.ends_with(" ✓"))
        talkers_[who].acknowledged.push_back(line.substr(at, line.size() - at - std::strlen(" ✓")));
  }
  void kill_and_reopen(const std::string& who) {
    note_acknowledged(who, talkers_[who].terminal->kill().out);
    open(who);
  }

  struct History {
    std::vector<std::string> sent, received;
    std::size_t unsettled = 0;
  };
  History history(const std::string& who) {
    History history;
    std::istringstream lines(as(who, {"--json", "history", "--limit", "1000"}).out);
    for (std::string line; std::getline(lines, line);) {
      const auto message = boost::json::parse(line);
      const std::string text(message.at("text").as_string());
      const bool outgoing = message.at("direction").as_string() == "outgoing";
      (outgoing ? history.sent : history.received).push_back(text);
      if (outgoing && message.at("state").as_string() != "sent") ++history.unsettled;
    }
    return history;
  }

  /// What somebody has received once all of these have come.
  std::vector<std::string> arrivals(const std::string& who, const std::vector<std::string>& awaited) {
    Talker& talker = talkers_[who];
    talker.terminal->type("/history 1000");  // what came before this terminal was there
    for (const std::string& text : awaited)
      if (!talker.terminal->wait_for("‹ " + text + "\n")) break;
    note_acknowledged(who, talker.terminal->kill().out);
    std::vector<std::string> received = history(who).received;
    open(who);
    return received;
  }

  std::map<std::string, Talker> talkers_;
};

TEST_F(Kill, OfAnybodyAtAnyMomentLosesNothingAndRepeatsNothing) {
  const char* wanted = std::getenv("ARGOT_KILLS");
  const int rounds = wanted ? std::atoi(wanted) : 20;
  const char* seed = std::getenv("ARGOT_SEED");
  std::mt19937 random(seed ? unsigned(std::atoi(seed)) : 1u);
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 3; ++i)
      for (const char* who : {"alice", "bob"}) say(who);
    // A moment that differs from round to round, told by what somebody sees: perhaps nothing yet, perhaps an answer.
    const std::string watcher = random() % 2 ? "alice" : "bob";
    Process& screen = *talkers_[watcher].terminal;
    const std::string mark = random() % 2 ? " ✓\n" : "‹ ";
    if (random() % 4) screen.wait_for(mark, count(screen.out(), mark) + 1 + random() % 2);
    switch (const int victim = int(random() % 5)) {
      case 0: kill_and_reopen("alice"); break;
      case 1: kill_and_reopen("bob"); break;
      default: {
        const std::string name = name_of(victim - 1);
        kill_node(name);
        if (random() % 2) say(watcher);  // while it is away
        node(name);
      }
    }
  }
  for (const char* who : {"alice", "bob"}) talkers_[who].terminal->type(who + std::string(" says goodbye"));
  for (const char* who : {"alice", "bob"}) talkers_[who].terminal->wait_for("says goodbye ✓");  // the last in its lane
  for (const char* who : {"alice", "bob"}) {
    note_acknowledged(who, talkers_[who].terminal->kill().out);
    const History mine = history(who);
    EXPECT_EQ(mine.unsettled, 0u);
    for (const std::string& text : talkers_[who].acknowledged)
      EXPECT_EQ(std::count(mine.sent.begin(), mine.sent.end(), text), 1) << text;
    // Not in order: a node that was away gives what it alone has when it comes back.
    EXPECT_THAT(arrivals(peer_of(who), mine.sent), testing::UnorderedElementsAreArray(mine.sent));
    EXPECT_EQ(std::set<std::string>(mine.sent.begin(), mine.sent.end()).size(), mine.sent.size());
    open(who);
  }
}

}  // namespace
}  // namespace argot::e2e
