#include "commit_queue.h"

#include <http/test_world.h>

#include "gather.h"
#include "test_support.h"

namespace argot::node {
namespace {

using http::test::TestContext;
using test::t0;

const AccountId alice(AccountId::person, Bytes(32, 1));

/// Lets the test decide when the worker works.
struct Fixture : testing::Test {
  TestContext world;
  std::shared_ptr<Database> db = std::make_shared<Database>(":memory:", 400'000);
  CommitQueue queue{world, db};

  static Task<> store(CommitQueue* queue, int n, std::size_t size, int* good, int* bad) {
    auto work = [n, size](Database& d) {
      return d.store(alice, 0, std::to_string(n), t0, t0 + 1, Bytes(size, 1)).kind;
    };
    try {
      const auto kind = co_await queue->run(std::move(work));
      if (kind == Database::Stored::fresh) ++*good;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::resource_exhausted);
      ++*bad;
    }
  }
};

TEST_F(Fixture, EverythingSubmittedIsDoneOnce) {
  int good = 0, bad = 0;
  const auto all = [&]() -> Task<> {
    Gather gather(world);
    for (int i = 0; i < 1000; ++i) gather.spawn("store", store(&queue, i, 1, &good, &bad));
    co_await gather.wait();
  };
  world.run(all());
  EXPECT_EQ(good, 1000);
  EXPECT_EQ(db->count(), 1000);
}

TEST_F(Fixture, WhenTheDatabaseIsFullOnlyThoseFailThatDoNotFit) {
  int good = 0, bad = 0;
  const auto all = [&]() -> Task<> {
    Gather gather(world);
    for (int i = 0; i < 40; ++i) gather.spawn("store", store(&queue, i, i % 2 ? 50'000 : 10, &good, &bad));
    co_await gather.wait();
  };
  world.run(all());
  EXPECT_GT(bad, 5);
  EXPECT_EQ(good + bad, 40);
  EXPECT_EQ(db->count(), good) << "what was acknowledged is there, and nothing else";
  EXPECT_GE(good, 20) << "the small ones fit";
}

TEST_F(Fixture, OfSeveralTogetherOnlyTheGuiltyFail) {
  std::vector<CommitQueue::Work> works;
  for (int i = 0; i < 5; ++i)
    works.emplace_back([i](Database& d) {
      d.store(alice, 0, std::to_string(i), t0, t0 + 1, {});
      if (i == 3) throw Error(Code::corrupt, "not this one");
    });
  const auto failures = world.run(queue.run_each(std::move(works)));
  ASSERT_EQ(failures.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(static_cast<bool>(failures[i]), i == 3) << i;
  EXPECT_EQ(db->count(), 4);
}

TEST_F(Fixture, WhoReadsSeesWhatWasAcknowledged) {
  const auto all = [&]() -> Task<> {
    int good = 0, bad = 0;
    Gather gather(world);
    for (int i = 0; i < 600; ++i) gather.spawn("store", store(&queue, i, 1, &good, &bad));
    auto count = [](Database& d) { return d.count(); };
    while (good < 600) {
      const int acknowledged = good;
      const std::int64_t seen = co_await queue.read(count);
      EXPECT_GE(seen, acknowledged);
    }
    co_await gather.wait();
    EXPECT_NE(queue.idle(), nullptr);
  };
  world.run(all());
}

TEST_F(Fixture, WhatTheWorkThrowsReachesTheCaller) {
  auto work = [](Database& d) -> int {
    d.store(alice, 0, "lost", t0, t0 + 1, {});
    throw Error(Code::corrupt, "so it is");
  };
  try {
    world.run(queue.run(std::move(work)));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "so it is");
  }
  EXPECT_EQ(db->count(), 0);
}

TEST_F(Fixture, AClosedQueueLetsTheDatabaseGoAndRefuses) {
  std::weak_ptr<Database> alive = db;
  db.reset();
  world.run(queue.close());
  EXPECT_TRUE(alive.expired());
  auto work = [](Database&) { return 1; };
  EXPECT_THROW(world.run(queue.run(work)), Refused);
  EXPECT_THROW(world.run(queue.read(work)), Refused);
}

}  // namespace
}  // namespace argot::node
