// Service nodes on machines that are not well: a disk that is full while clients store, and a clock that is an hour
// off. Real processes; what was acknowledged is there afterwards, also after kill -9.
#include <boost/json.hpp>

#include <signal.h>
#include <sys/resource.h>

#include <fstream>
#include <set>

#include "node_client.h"
#include "scene.h"

namespace argot::e2e {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

/// A mailbox that needs no signature: a closed group of the old kind (namespace -10).
const std::string group = "05" + std::string(64, 'a');
constexpr std::int64_t hour_ms = 3'600'000;

class NodeTroubles : public Scene {
 protected:
  static NodeAnswer store(const Node& node, const std::string& data, std::int64_t time = now_ms(),
                          std::int64_t ttl = 24 * hour_ms) {
    return ask_node(node.address, "store",
                    {{"pubkey", group}, {"namespace", -10}, {"timestamp", time}, {"ttl", ttl}, {"data", data}});
  }
  static std::string hash_of(const NodeAnswer& answer) {
    return std::string(json::parse(answer.body).at("hash").as_string());
  }
  static std::set<std::string> stored_in(const Node& node) {
    std::set<std::string> out;
    std::string last;
    for (bool more = true; more;) {
      json::object params{{"pubkey", group}, {"namespace", -10}};
      if (!last.empty()) params["last_hash"] = last;
      const NodeAnswer answer = ask_node(node.address, "retrieve", params);
      EXPECT_EQ(answer.status, 200u) << answer.body;
      if (answer.status != 200) break;
      const json::value page = json::parse(answer.body);
      for (const auto& message : page.at("messages").as_array())
        out.insert(last = std::string(message.at("hash").as_string()));
      more = page.at("more").as_bool();
    }
    return out;
  }
  /// Asks until it is so, or patience ends.
  template <class F> static bool until(F so) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      if (so()) return true;
      ::usleep(50'000);
    }
    return false;
  }
};

/// From now on no file of this process grows, as on a full disk.
void limit_files(pid_t process, rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  ASSERT_EQ(::prlimit(process, RLIMIT_FSIZE, &limit, nullptr), 0);
}

long resident_kb(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
  return 0;
}

std::string data_of(int n) {
  std::string out = "message" + std::to_string(n) + "+";
  out.resize(4'000, 'A');
  return out;
}

TEST_F(NodeTroubles, AFullDiskUnderLoadRefusesLosesNothingAndRecovers) {
  Launch launch;
  launch.in_child = [] { ::signal(SIGXFSZ, SIG_IGN); };  // then writing gives an error, as a full disk does
  node("node", {}, launch);
  list_nodes();
  nodes_know(1);
  Node& it = node_of("node");
  std::set<std::string> acknowledged;
  int n = 0;
  for (; n < 20; ++n) {
    const NodeAnswer answer = store(it, data_of(n));
    ASSERT_EQ(answer.status, 200u) << answer.body;
    acknowledged.insert(hash_of(answer));
  }
  const long before = resident_kb(it.process->pid());

  limit_files(it.process->pid(), 16 * 1024);
  int refused = 0;
  for (int i = 0; i < 500; ++i, ++n) {
    const NodeAnswer answer = store(it, data_of(n));
    if (answer.status == 200) {
      acknowledged.insert(hash_of(answer));
      continue;
    }
    ++refused;
    // storage_node.md section 9: every entry failed, and a full database gives no reason.
    ASSERT_EQ(answer.status, 500u) << answer.body;
    const json::value body = json::parse(answer.body);
    ASSERT_EQ(body.at("swarm").as_object().size(), 1u);
    const json::object& entry = body.at("swarm").as_object().begin()->value().as_object();
    EXPECT_TRUE(entry.at("failed").as_bool() && entry.at("query_failure").as_bool()) << answer.body;
    EXPECT_FALSE(entry.contains("reason")) << answer.body;
    if (i % 100 == 0) {
      EXPECT_EQ(stored_in(it), acknowledged) << "who reads is served all the while";
    }
  }
  EXPECT_GT(refused, 100) << "the disk was never full";
  EXPECT_EQ(ask_node(it.address, "info", {}).status, 200u);
  EXPECT_LT(resident_kb(it.process->pid()), before + 48 * 1024);

  limit_files(it.process->pid(), RLIM_INFINITY);
  EXPECT_TRUE(until([&] {
    const NodeAnswer answer = store(it, data_of(n++));
    if (answer.status == 200) acknowledged.insert(hash_of(answer));
    return answer.status == 200;
  })) << "it recovers without a restart";
  for (int i = 0; i < 20; ++i, ++n) {
    const NodeAnswer answer = store(it, data_of(n));
    EXPECT_EQ(answer.status, 200u) << answer.body;
    if (answer.status == 200) acknowledged.insert(hash_of(answer));
  }
  EXPECT_EQ(stored_in(it), acknowledged);

  it.process->kill();
  const std::set<std::string> after = stored_in(node("node"));
  for (const std::string& hash : acknowledged) EXPECT_TRUE(after.contains(hash)) << "was acknowledged: " << hash;
}

TEST_F(NodeTroubles, KilledWhileTheDiskIsFullItKeepsWhatWasAcknowledged) {
  Launch launch;
  launch.in_child = [] { ::signal(SIGXFSZ, SIG_IGN); };
  node("node", {}, launch);
  list_nodes();
  nodes_know(1);
  std::set<std::string> acknowledged;
  int n = 0;
  for (int round = 0; round < 4; ++round) {
    Node& it = node_of("node");
    for (int i = 0; i < 60; ++i, ++n) {
      if (i == 20) limit_files(it.process->pid(), static_cast<rlim_t>(16 + 24 * round) * 1024);
      const NodeAnswer answer = store(it, data_of(n));
      if (answer.status == 200) acknowledged.insert(hash_of(answer));
    }
    it.process->kill();
    node("node", {}, launch);
    EXPECT_TRUE(until([&] {
      return ask_node(node_of("node").address, "retrieve", {{"pubkey", group}, {"namespace", -10}}).status == 200;
    }));
    const std::set<std::string> after = stored_in(node_of("node"));
    for (const std::string& hash : acknowledged) EXPECT_TRUE(after.contains(hash)) << "round " << round;
  }
}

class ClockTroubles : public NodeTroubles {
 protected:
  /// A process whose clock is this many seconds off.
  static Launch off_by(int seconds) {
    Launch launch;
    launch.environment = {"LD_PRELOAD=" + (build_dir() / "tests" / "e2e" / "libe2e_clock.so").string(),
                          "ARGOT_TEST_CLOCK=" + std::to_string(seconds)};
    return launch;
  }
};

TEST_F(ClockTroubles, ANodeAnHourOffSaysSoToWhoIsRight) {
  node("behind", {}, off_by(-3600));
  node("ahead", {}, off_by(3600));
  list_nodes();
  nodes_know(2);
  for (const auto& [name, sign] : {std::pair{"behind", -1}, std::pair{"ahead", 1}}) {
    const NodeAnswer info = ask_node(node_of(name).address, "info", {});
    const std::int64_t skew = json::parse(info.body).at("timestamp").as_int64() - now_ms() - sign * hour_ms;
    EXPECT_LT(std::abs(skew), 60'000) << "the test's clock does not work: " << info.body;
  }
  // From the future, as the one sees it; past its end, as the other does.
  const NodeAnswer early = store(node_of("behind"), data_of(1));
  EXPECT_EQ(early.status, 406u);
  EXPECT_EQ(early.body, "Timestamp error: check your clock");
  const NodeAnswer late = store(node_of("ahead"), data_of(2), now_ms(), hour_ms / 2);
  EXPECT_EQ(late.status, 406u);
  EXPECT_EQ(late.body, "Timestamp error: check your clock");
}

TEST_F(ClockTroubles, PeopleWhoseClocksAreAnHourOffTalk) {
  node("node");
  list_nodes();
  nodes_know(1);
  make_account("alice");
  make_account("bob");
  const Result sent = as("alice", {"send", id("bob"), "from the future"}, off_by(3600));
  EXPECT_EQ(sent.code, 0) << sent.out << sent.err;
  const Result back = as("alice", {"send", id("bob"), "from the past"}, off_by(-3600));
  EXPECT_EQ(back.code, 0) << back.out << back.err;
  {
    auto bob = start_as("bob", {"watch"}, off_by(-3600));  // signs what it retrieves with its clock
    EXPECT_TRUE(bob->wait_for("from the future"));
    EXPECT_TRUE(bob->wait_for("from the past"));
    bob->signal(SIGTERM);
    EXPECT_EQ(bob->finish().code, 0);
  }
  EXPECT_THAT(received("bob", "alice"), testing::UnorderedElementsAre("from the future", "from the past"));
}

TEST_F(ClockTroubles, AMemberAnHourOffMissesNothingForLong) {
  node("right");
  node("behind", {}, off_by(-3600));
  list_nodes();
  nodes_know(2);
  const NodeAnswer answer = store(node_of("right"), data_of(1));
  ASSERT_EQ(answer.status, 200u);
  EXPECT_THAT(answer.body, HasSubstr("\"406\"")) << "the other one refuses what comes from its future";
  const std::string hash = hash_of(answer);
  EXPECT_TRUE(until([&] { return stored_in(node_of("behind")).contains(hash); })) << "it is handed over";
  EXPECT_TRUE(stored_in(node_of("right")).contains(hash));
}

TEST_F(ClockTroubles, AMemberAnHourAheadForgetsEarlyAndTheOthersDoNot) {
  node("right");
  node("ahead", {}, off_by(3600));
  list_nodes();
  nodes_know(2);
  const NodeAnswer brief = store(node_of("right"), data_of(1), now_ms(), hour_ms / 2);
  const NodeAnswer lasting = store(node_of("right"), data_of(2));
  ASSERT_EQ(brief.status, 200u);
  ASSERT_EQ(lasting.status, 200u);
  EXPECT_TRUE(until([&] { return stored_in(node_of("ahead")).contains(hash_of(lasting)); }));
  EXPECT_FALSE(stored_in(node_of("ahead")).contains(hash_of(brief))) << "it has expired there";
  EXPECT_THAT(stored_in(node_of("right")), testing::UnorderedElementsAre(hash_of(brief), hash_of(lasting)));
  // Put right again it serves both kinds as the others do.
  node_of("ahead").process->kill();
  node("ahead");
  const NodeAnswer again = store(node_of("ahead"), data_of(3), now_ms(), hour_ms / 2);
  EXPECT_EQ(again.status, 200u) << again.body;
  EXPECT_TRUE(until([&] { return stored_in(node_of("right")).contains(hash_of(again)); }));
  EXPECT_TRUE(stored_in(node_of("ahead")).contains(hash_of(lasting)));
}

}  // namespace
}  // namespace argot::e2e
