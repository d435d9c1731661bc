// kill -9 while a child process commits: what it was told is committed is there, and all or nothing of the rest.
#include "test_store.h"

#include <csignal>
#include <random>

#include <sys/wait.h>

namespace argot::sqlite {
namespace {

constexpr int batch = 7;

/// Commits batch after batch and tells each through the pipe, until it is killed.
[[noreturn]] void commit_for_ever(const fs::path& folder, const Secret& key, int pipe) {
  auto store = open_store(folder, key);
  int next = 0;
  if (auto value = store->begin()->get("test", "next")) next = std::stoi(std::string(text_of(*value)));
  for (;; ++next) {
    auto tx = store->begin();
    tx->put(plain_conversation(0));
    for (int i = 0; i < batch; ++i) {
      const auto id =
          tx->insert(plain_message(next * batch + i, "batch " + std::to_string(next) + std::string(500, 'z')));
      OutboxEntry entry;
      entry.message = id.value_or(0);
      tx->put(entry);
    }
    tx->put("test", "next", view(std::to_string(next + 1)));
    tx->commit();
    if (::write(pipe, &next, sizeof next) != sizeof next) ::_exit(1);
  }
}

TEST_F(StoreTest, loses_nothing_that_was_committed_when_killed) {
  std::mt19937 random(4);
  int last_told = -1;
  for (int life = 0; life < 12; ++life) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      commit_for_ever(folder_, key_, ends[1]);
    }
    ::close(ends[1]);
    // After so many commits, at whatever point of the next one it happens to be.
    for (unsigned left = 1 + random() % 150, told = 0; left > 0 && ::read(ends[0], &told, sizeof told) == sizeof told;
         --left)
      last_told = static_cast<int>(told);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (int told = 0; ::read(ends[0], &told, sizeof told) == sizeof told;) last_told = told;
    ::close(ends[0]);

    auto store = open();
    auto tx = store->begin();
    const int next = std::stoi(std::string(text_of(tx->get("test", "next").value())));
    EXPECT_GE(next, last_told + 1) << "life " << life;
    EXPECT_LE(next, last_told + 2) << "life " << life;
    // Newest to oldest: every number once.
    std::int64_t expected = std::int64_t{next} * batch;
    MessageQuery query;
    query.limit = 1000;
    for (;;) {
      const auto page = tx->messages(query);
      for (auto& m : page) ASSERT_EQ(m.sent_at_ms, --expected);
      if (page.empty()) break;
      query.before = page.back().id;
    }
    EXPECT_EQ(expected, 0);
    EXPECT_EQ(tx->due(0, 1'000'000).size(), static_cast<std::size_t>(next * batch));
    query = {};
    query.match = "batch " + std::to_string(next - 1);
    EXPECT_EQ(tx->messages(query).size(), static_cast<std::size_t>(batch));
  }
}

}  // namespace
}  // namespace argot::sqlite
