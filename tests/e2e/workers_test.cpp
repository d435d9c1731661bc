// A node on more than one core: "workers: 2" in its profile.
#include <argot/bytes.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include <signal.h>
#include <time.h>

#include "scene.h"
#include "visitor.h"

namespace argot::e2e {
namespace {

using testing::HasSubstr;

class Workers : public Scene {
 protected:
  Node& start_node(int workers = 2) {
    Node& made = node("a", "workers: " + std::to_string(workers));
    for (int i = 2; i <= workers; ++i)
      EXPECT_TRUE(
          made.process->wait_for("Shard " + std::to_string(i) + " of " + std::to_string(workers) + " listens on"));
    if (read(path("nodes.txt")) != made.line + "\n") {  // one that comes back at its address is there already
      list_nodes();
      nodes_know(1);
    }
    return made;
  }
  static std::int64_t now_ms() { return ::time(nullptr) * std::int64_t{1000}; }
  static std::string account(int number) {
    std::string out = "05" + std::string(64, '0');
    const std::string digits = std::to_string(number);
    return out.replace(66 - digits.size(), digits.size(), digits);
  }
  static std::string store(int person, const std::string& text) {
    return R"({"method":"store","params":{"pubkey":")" + account(person) + R"(","timestamp":)" +
           std::to_string(now_ms()) + R"(,"ttl":86400000,"data":")" + to_base64(view(text)) + "\"}}";
  }
  static std::string hash_of(const std::string& answer) {
    const auto at = answer.find("\"hash\":\"");
    return at == std::string::npos ? std::string() : answer.substr(at + 8, 43);
  }
  /// How long the threads of this name have used the processor, in seconds.
  static double time_of(pid_t process, const std::string& name) {
    double out = 0;
    for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
      const std::string line = read(task.path() / "schedstat");  // nanoseconds on the processor, ...
      if (!line.empty() && read(task.path() / "comm") == name + "\n") out += std::stod(line) * 1e-9;
    }
    return out;
  }
};

TEST_F(Workers, BothServeManyConnectionsAsOneNode) {
  Node& node = start_node();
  constexpr int clients = 64, each = 10;
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (int c = t; c < clients; c += 8) {
          Visitor visitor(node.address);
          for (int i = 0; i < each; ++i) {
            const auto stored = visitor.post("/storage_rpc/v1", store(c, "message " + std::to_string(i)));
            if (stored && stored->status == 200 && !hash_of(stored->body).empty()) ++good;
          }
        }
      });
  }
  EXPECT_EQ(good, clients * each);
  // Dozens of handshakes, at least: a shard that sat idle would have used a hundredth of that.
  EXPECT_GE(time_of(node.process->pid(), "shard 2"), 0.01) << "the system gives connections to both";
  node.process->signal(SIGTERM);
  const Result end = node.process->finish();
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(end.err, Not(HasSubstr("[error]")));
}

TEST_F(Workers, AnAccountSpeaksThroughThem) {
  start_node(3);
  make_account("alice");
  make_account("bob");
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(as("alice", {"send", id("bob"), "message " + std::to_string(i), "--wait", "60"}).code, 0);
  EXPECT_EQ(received("bob", "alice", "message 5").size(), 6u);
}

TEST_F(Workers, APowerCutLosesNothingThatWasAcknowledged) {
  Node& node = start_node();
  std::mutex mutex;
  std::vector<std::pair<int, std::string>> acknowledged;  // person, text
  std::condition_variable heard;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        try {
          Visitor visitor(node.address);
          for (int i = 0;; ++i) {
            const std::string text = std::to_string(t) + " says " + std::to_string(i);
            const auto stored = visitor.post("/storage_rpc/v1", store(t, text));
            if (!stored || stored->status != 200) return;
            const std::lock_guard lock(mutex);
            acknowledged.emplace_back(t, text);
            heard.notify_one();
          }
        } catch (const std::runtime_error&) {
        }
      });
    {
      std::unique_lock lock(mutex);
      EXPECT_TRUE(heard.wait_for(lock, patience, [&] { return acknowledged.size() >= 400; }));
    }
    ::kill(node.process->pid(), SIGKILL);
  }
  node.process->kill();
  Node& again = start_node();
  Visitor visitor(again.address);
  // What is stored already says so when it is stored once more.
  std::size_t known = 0;
  for (const auto& [person, text] : acknowledged) {
    const auto stored = visitor.post("/storage_rpc/v1", store(person, text));
    ASSERT_TRUE(stored);
    known += stored->body.find("\"already\":true") != std::string::npos;
  }
  EXPECT_GE(acknowledged.size(), 400u);
  EXPECT_EQ(known, acknowledged.size());
}

TEST_F(Workers, WhatIsWrongIsSaid) {
  const auto run = [this](const std::string& text) { return argot({"run", write("p.yaml", text).string()}); };
  const std::string rest =
      "\ndata: " + path("p").string() + "\nplugins: {network: os, app: {use: session-node, listen: \"127.0.0.1:0\"}}\n";
  EXPECT_TRUE(fails_with(run("workers: 0" + rest), {"p.yaml:1:10: ", "workers: must be a whole number from 1 to 64"}));
  EXPECT_TRUE(fails_with(run("workers: 2\ndata: " + path("p").string() + "\nplugins: {network: os}\n"),
                         {"p.yaml:1:10: ", "no app of this profile can be run by several kernels"}));
  // Somebody else's port is not shared by accident.
  Node& there = node("b");
  EXPECT_TRUE(fails_with(run("workers: 2\ndata: " + path("p").string() +
                             "\nplugins: {network: os, app: {use: session-node, listen: \"" + there.address + "\"}}\n"),
                         {there.address, "already in use"}));
}

TEST_F(Workers, WhereShardsCannotMeetNothingStarts) {
  const Result result = argot({"run", write("p.yaml", "workers: 2\ndata: " + path("p").string() +
                                                          "\nplugins: {network: os, app: {use: session-node, listen: "
                                                          "\"127.0.0.1:0\", shards_meet: \"unix:/no/such/place\"}}\n")
                                          .string()});
  EXPECT_TRUE(fails_with(result, {"/no/such/place"}));
}

}  // namespace
}  // namespace argot::e2e
