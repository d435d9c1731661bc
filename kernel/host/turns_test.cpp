#include <kernel/host/turns.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace argot::kernel {
namespace {

using ::testing::ElementsAre;

class TurnsTest : public ::testing::Test {
 protected:
  asio::io_context io{1};
  std::shared_ptr<Turns> turns = std::make_shared<Turns>(io.get_executor(), 64);
  TurnOwner* alice = turns->add_owner("alice");
  TurnOwner* bob = turns->add_owner("bob");
  std::vector<std::string> log;
};

TEST_F(TurnsTest, RunInTheOrderOfPostingAcrossOwners) {
  for (int i = 0; i < 3; ++i) {
    asio::post(turns->executor(alice), [this, i] { log.push_back("a" + std::to_string(i)); });
    asio::post(turns->executor(bob), [this, i] { log.push_back("b" + std::to_string(i)); });
  }
  EXPECT_TRUE(log.empty());
  io.run();
  EXPECT_THAT(log, ElementsAre("a0", "b0", "a1", "b1", "a2", "b2"));
}

TEST_F(TurnsTest, KnowWhoseTurnItIs) {
  asio::post(turns->executor(alice), [this] { log.push_back(turns->current()->name); });
  asio::post(turns->executor(bob), [this] { log.push_back(turns->current()->name); });
  io.run();
  EXPECT_THAT(log, ElementsAre("alice", "bob"));
  EXPECT_EQ(turns->current(), nullptr);
}

TEST_F(TurnsTest, DispatchRunsAtOnceForTheSameOwnerOnly) {
  asio::post(turns->executor(alice), [this] {
    asio::dispatch(turns->executor(alice), [this] { log.push_back("mine"); });
    asio::dispatch(turns->executor(bob), [this] { log.push_back("other"); });
    log.push_back("end");
  });
  io.run();
  EXPECT_THAT(log, ElementsAre("mine", "end", "other"));
}

TEST_F(TurnsTest, ADeadOwnersTurnsAreDroppedAndTheirContentDestroyed) {
  auto token = std::make_shared<int>(1);
  asio::post(turns->executor(alice), [this, token] { log.push_back("never"); });
  asio::post(turns->executor(bob), [this] { log.push_back("bob"); });
  turns->kill(alice);
  EXPECT_EQ(token.use_count(), 1) << "destroyed at once";
  asio::post(turns->executor(alice), [this, token] { log.push_back("never"); });
  EXPECT_EQ(token.use_count(), 1);
  io.run();
  EXPECT_THAT(log, ElementsAre("bob"));
}

TEST_F(TurnsTest, ACoroutineOfADeadOwnerIsDestroyedWithoutRunning) {
  struct Witness {
    std::vector<std::string>* log;
    ~Witness() { log->push_back("destroyed"); }
  };
  auto work = [](std::vector<std::string>* l) -> Task<> {
    Witness witness{l};
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    l->push_back("begun");
    co_await asio::post(executor, asio::use_awaitable);
    l->push_back("gone on");
  };
  auto single = std::make_shared<Turns>(io.get_executor(), 1);
  TurnOwner* carol = single->add_owner("carol");
  asio::co_spawn(single->executor(carol), work(&log), asio::detached);
  while (log.empty()) io.poll_one();
  single->kill(carol);
  EXPECT_THAT(log, ElementsAre("begun", "destroyed"));
  io.run();
  EXPECT_THAT(log, ElementsAre("begun", "destroyed"));
}

TEST_F(TurnsTest, AnExceptionIsReportedWithItsOwnerAndTheOthersGoOn) {
  turns->on_failure = [this](const TurnOwner& owner, std::exception_ptr) { log.push_back(owner.name + " failed"); };
  asio::post(turns->executor(alice), [] { throw 7; });
  asio::post(turns->executor(bob), [this] { log.push_back("bob"); });
  io.run();
  EXPECT_THAT(log, ElementsAre("alice failed", "bob"));
}

TEST_F(TurnsTest, OneTurnAtATimeWhenTheWorldWantsToSeeEach) {
  auto single = std::make_shared<Turns>(io.get_executor(), 1);
  TurnOwner* carol = single->add_owner("carol");
  for (int i = 0; i < 3; ++i) asio::post(single->executor(carol), [this, i] { log.push_back(std::to_string(i)); });
  io.run_one();
  EXPECT_THAT(log, ElementsAre("0"));
  io.run();
  EXPECT_THAT(log, ElementsAre("0", "1", "2"));
}

TEST_F(TurnsTest, ManyTurnsOneAtATimeUseTheSamePlacesAgain) {
  auto single = std::make_shared<Turns>(io.get_executor(), 1);
  TurnOwner *carol = single->add_owner("carol"), *dave = single->add_owner("dave");
  int sum = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 10; ++i) asio::post(single->executor(i % 2 ? carol : dave), [&] { ++sum; });
    if (round == 50) single->kill(dave);
    io.run();
    io.restart();
  }
  EXPECT_EQ(sum, 50 * 10 + 50 * 5);
}

TEST_F(TurnsTest, MayDieWithTurnsWaitingInTheWorld) {
  asio::post(turns->executor(alice), [this] { log.push_back("never"); });
  turns->kill_all();
  turns.reset();
  io.run();
  EXPECT_TRUE(log.empty());
}

}  // namespace
}  // namespace argot::kernel
