// A whole network of real processes: fourteen service nodes in two swarms, ten accounts that speak through onions, and
// trouble among the nodes meanwhile.
#include <boost/json.hpp>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <signal.h>
#include <unistd.h>

#include "scene.h"

namespace argot::e2e {
namespace {

constexpr int people = 10, nodes = 14;

class Network : public Scene {
 protected:
  Network() {
    // Fixed ports, so that a node comes back where it was; another try when somebody else has one of them.
    bool up = false;
    for (int attempt = 0; attempt < 5 && !up; ++attempt) {
      const int port = 20'000 + (::getpid() * 7 + attempt * 1'013) % 12'000;
      up = devnet({"up", "--nodes", std::to_string(nodes), "--seed-port", "0", "--port", std::to_string(port)}).code ==
           0;
      if (!up) devnet({"down"});
    }
    EXPECT_TRUE(up);
    fs::create_symlink(path("net") / "nodes.txt", path("nodes.txt"));
    for (int i = 0; i < people; ++i) {
      make_account(name_of(i));
      write(name_of(i) + ".yaml",
            "data: " + path(name_of(i)).string() +
                "\nlog: warning\nplugins:\n  network: os\n  directory: {use: static, file: " +
                path("nodes.txt").string() +
                "}\n  transport: {use: swarm, route: onion, timeout: 3s}\n  crypto: [session]\n  storage: sqlite\n");
    }
  }
  ~Network() override { devnet({"down"}); }

  Result devnet(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--json", "devnet", "--dir", path("net").string()});
    return argot(arguments);
  }
  pid_t process_of(int node) {
    std::istringstream lines(devnet({"status"}).out);
    for (std::string line; std::getline(lines, line);) {
      const auto value = boost::json::parse(line);
      if (value.at("node").as_int64() == node) return pid_t(value.at("pid").as_int64());
    }
    ADD_FAILURE() << "node " << node << " does not run";
    return 0;
  }

  static std::string name_of(int person) { return "person-" + std::to_string(person); }
  static std::string peer_of(int person) { return name_of(person ^ 1); }
  static std::string text_of(int person, int number) {
    return name_of(person) + " says " + std::to_string(number) + " of many";
  }
  std::vector<std::string> texts(int person, const std::string& direction) {
    std::vector<std::string> out;
    std::istringstream lines(as(name_of(person), {"--json", "history", "--limit", "1000"}).out);
    for (std::string line; std::getline(lines, line);) {
      const auto message = boost::json::parse(line);
      if (message.at("direction").as_string() == direction) out.emplace_back(message.at("text").as_string());
    }
    return out;
  }
};

TEST_F(Network, DeliversAThousandMessagesOnceWhileNodesComeAndGo) {
  constexpr int rounds = 10, each = 10;
  std::vector<std::unique_ptr<Process>> terminals;
  for (int i = 0; i < people; ++i) terminals.push_back(converse(name_of(i), peer_of(i)));
  pid_t cut_off = 0;
  for (int round = 0; round < rounds; ++round) {
    for (int k = 1; k <= each; ++k)
      for (int i = 0; i < people; ++i) terminals[std::size_t(i)]->type(text_of(i, round * each + k));
    const std::string victim = std::to_string(round % nodes + 1),
                      back = std::to_string((round + nodes - 2) % nodes + 1);
    EXPECT_EQ(devnet({"kill", victim}).code, 0);
    if (round >= 2) {
      EXPECT_EQ(devnet({"restart", back}).code, 0);
    }
    if (round == 3) ::kill(cut_off = process_of(nodes), SIGSTOP);  // still there, takes connections, says nothing
    if (round == 7) ::kill(cut_off, SIGCONT);
  }
  for (const int last : {rounds - 1, rounds}) EXPECT_EQ(devnet({"restart", std::to_string(last)}).code, 0);

  for (int i = 0; i < people; ++i)
    for (int k = 1; k <= rounds * each; ++k)
      ASSERT_TRUE(terminals[std::size_t(i)]->wait_for("‹ " + text_of(i ^ 1, k) + "\n"))
          << text_of(i ^ 1, k) << " did not arrive";
  for (auto& terminal : terminals) terminal->kill();
  for (int i = 0; i < people; ++i) {
    std::vector<std::string> all;
    for (int k = 1; k <= rounds * each; ++k) all.push_back(text_of(i ^ 1, k));
    EXPECT_THAT(texts(i, "incoming"), testing::UnorderedElementsAreArray(all));
  }

  // What nodes write down tells nobody who spoke to whom.
  for (int node = 1; node <= nodes; ++node) {
    const std::string log = read(path("net") / ("node-" + std::to_string(node) + ".log"));
    EXPECT_FALSE(log.empty());
    for (int i = 0; i < people; ++i)
      EXPECT_EQ(log.find(id(name_of(i)).substr(2, 16)), std::string::npos) << "the log of node " << node;
  }
}

}  // namespace
}  // namespace argot::e2e
