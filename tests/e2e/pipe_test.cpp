// `argot watch | head`: whoever reads our output may go at any time.
#include <fcntl.h>
#include <unistd.h>

#include "scene.h"

namespace argot::e2e {
namespace {

/// The reader of a process's standard output, which this test is.
class Reader {
 public:
  Reader() {
    EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0);
    launch.in_child = [writing = ends_[1]] { ::dup2(writing, STDOUT_FILENO); };
  }
  ~Reader() { go(); }
  /// Once the process runs: it alone has the other end.
  void begin() { ::close(std::exchange(ends_[1], -1)); }
  bool wait_for(const std::string& text) {
    char piece[4096];
    while (got_.find(text) == std::string::npos) {
      const auto n = ::read(ends_[0], piece, sizeof piece);
      if (n <= 0) return false;
      got_.append(piece, std::size_t(n));
    }
    return true;
  }
  void go() {
    for (int& end : ends_)
      if (end >= 0) ::close(std::exchange(end, -1));
  }
  Launch launch;

 private:
  int ends_[2] = {-1, -1};
  std::string got_;
};

class Pipe : public Scene {
 protected:
  Pipe() {
    node("node-1");
    list_nodes();
    for (const char* who : {"alice", "bob"}) make_account(who);
  }
};

TEST_F(Pipe, WatchEndsInPeaceWhenNobodyReadsItAnyMore) {
  Reader head;
  auto watch = start_as("bob", {"watch"}, head.launch);
  head.begin();
  EXPECT_EQ(as("alice", {"send", id("bob"), "the first line"}).code, 0);
  ASSERT_TRUE(head.wait_for("the first line"));
  head.go();
  EXPECT_EQ(as("alice", {"send", id("bob"), "one too many"}).code, 0);
  const Result end = watch->finish();
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.err, "");
}

TEST_F(Pipe, HistoryThatNobodyReadsIsNoFailure) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(as("alice", {"send", id("bob"), "line " + std::to_string(i)}).code, 0);
  Reader gone;
  auto history = start_as("alice", {"history"}, gone.launch);
  gone.go();
  const Result end = history->finish();
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.err, "");
}

}  // namespace
}  // namespace argot::e2e
