// A node among more clients than it likes: thousands that say nothing, and some that speak very slowly. Whoever behaves
// is served meanwhile.
#include <fstream>

#include <sys/resource.h>

#include "scene.h"
#include "visitor.h"

namespace argot::e2e {
namespace {
// A sanitizer's shadow is memory too. g++ says it by a macro, clang by a feature.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool with_sanitizer = true;
#elif defined(__has_feature)
constexpr bool with_sanitizer = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool with_sanitizer = false;
#endif

using namespace std::chrono_literals;

const std::string info = R"({"method":"info","params":{}})";

class Crowd : public Scene {
 protected:
  Node& alone(const Launch& launch = {}) {
    Node& made = node("a", {}, launch);
    list_nodes();
    nodes_know(1);
    return made;
  }
  static bool is_served(const std::string& address) {
    try {
      const auto answer = Visitor(address).post("/storage_rpc/v1", info);
      return answer && answer->status == 200;
    } catch (const std::runtime_error&) {
      return false;
    }
  }
  static double resident_kb(pid_t process) {
    std::ifstream in("/proc/" + std::to_string(process) + "/smaps_rollup");
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("Rss:")) return std::stod(line.substr(4));
    return 0;
  }
  static void limit_files(rlim_t most) {
    const rlimit files{most, most};
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
};

TEST_F(Crowd, TenThousandOpenConnectionsAreServedInBoundedMemory) {
  constexpr std::size_t count = 10'000;
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  if (files.rlim_max < count + 500) GTEST_SKIP() << "this user may open " << files.rlim_max << " files only";
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  const Node& node = alone();
  ASSERT_TRUE(is_served(node.address));
  const double before = resident_kb(node.process->pid());
  std::vector<Visitor> crowd;
  crowd.reserve(count);
  // The node drops who is silent for a minute: on a slow machine the first may be gone before the last has come.
  const auto began = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    Visitor visitor(node.address);
    const auto answer = visitor.post("/storage_rpc/v1", info);
    ASSERT_TRUE(answer && answer->status == 200) << "connection " << i << "; " << node.process->said();
    visitor.fall_silent();
    crowd.push_back(std::move(visitor));
  }
  const double each = (resident_kb(node.process->pid()) - before) / double(count);
  const bool all_there = std::chrono::steady_clock::now() - began < 55s;
  RecordProperty("kilobytes_each", std::to_string(each));
  EXPECT_TRUE(is_served(node.address));
  if (!with_sanitizer) {
    EXPECT_LE(each, 45) << "KB a connection";
  }
  if (all_there) {
    EXPECT_FALSE(crowd.front().ends_within(0ms)) << "nobody has to go yet";
  }
  crowd.clear();
  EXPECT_TRUE(is_served(node.address));
}

TEST_F(Crowd, WhenFilesRunOutOldConnectionsMakeRoomAndTheNodeSaysSo) {
  Launch launch;
  launch.in_child = [] { limit_files(200); };
  const Node& node = alone(launch);
  std::vector<Visitor> crowd;
  int refused = 0;
  for (int i = 0; i < 600; ++i) {
    try {
      Visitor visitor(node.address);
      const auto answer = visitor.post("/storage_rpc/v1", info);
      if (!answer) ++refused;
      visitor.fall_silent();
      crowd.push_back(std::move(visitor));
    } catch (const std::runtime_error&) {
      ++refused;
    }
  }
  EXPECT_LT(refused, 60) << "one in sixteen finds no place";
  EXPECT_TRUE(node.process->wait_for("Raise the limit of open files"));
  EXPECT_TRUE(crowd.front().ends_within(patience)) << "the first that came is the first to go";
  int served = 0;
  for (int i = 0; i < 20; ++i) served += is_served(node.address);
  EXPECT_GE(served, 17);
}

TEST_F(Crowd, WhoSpeaksTooSlowlyIsSentAwayAndOthersAreServedMeanwhile) {
  const Node& node = alone();
  struct Slow {
    std::string what;
    Visitor visitor;
    std::string rest;  ///< what it goes on with, a byte at a time
    bool ended = false;
  };
  std::vector<Slow> all;
  const std::string hello = Visitor::client_hello();
  const auto plain = [&](std::string what, const std::string& begin, std::string rest) {
    Visitor visitor(node.address, Visitor::Manner::plain);
    visitor.say(begin);
    all.push_back({std::move(what), std::move(visitor), std::move(rest)});
  };
  const auto tls = [&](std::string what, const std::string& begin, std::string rest) {
    Visitor visitor(node.address);
    visitor.say(begin);
    all.push_back({std::move(what), std::move(visitor), std::move(rest)});
  };
  plain("a visitor who says nothing", "", "");
  plain("half a TLS handshake", hello.substr(0, hello.size() / 2), hello.substr(hello.size() / 2));
  plain("half a link of a node", "\xA6lnk1\n", std::string(100, 'x'));
  tls("half a header", "POST /storage_rpc/v1 HTTP/1.1\r\nX: ", std::string(10'000, 'x'));
  tls("half a body", "POST /storage_rpc/v1 HTTP/1.1\r\nContent-Length: 100000\r\n\r\n{", std::string(90'000, ' '));
  tls("half an onion", "POST /onion_req/v2 HTTP/1.1\r\nContent-Length: 100000\r\n\r\n", std::string(90'000, 'o'));

  // Each sends a byte whenever half a second has passed, and would for hours. The node's limit is 10 s for each.
  const auto began = std::chrono::steady_clock::now();
  std::size_t left = all.size();
  while (left > 0 && std::chrono::steady_clock::now() - began < patience) {
    EXPECT_TRUE(is_served(node.address));
    for (Slow& slow : all) {
      if (slow.ended) continue;
      slow.ended = slow.visitor.ends_within(500ms / all.size());
      if (!slow.ended && !slow.rest.empty()) {
        slow.ended = !slow.visitor.say(slow.rest.substr(0, 1));
        slow.rest.erase(0, 1);
      }
      if (!slow.ended) continue;
      --left;
      const auto after = std::chrono::steady_clock::now() - began;
      EXPECT_GE(after, 4s) << slow.what;
      EXPECT_LE(after, 30s) << slow.what;
    }
  }
  for (const Slow& slow : all) EXPECT_TRUE(slow.ended) << slow.what;
}

}  // namespace
}  // namespace argot::e2e
