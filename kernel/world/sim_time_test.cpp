// Time, order and waiting in the simulated world.
#include <kernel/world/sim.h>

#include <kernel/world/test_wait.h>

#include <argot/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;
using test::spawn;
using test::wait;

Task<> tick(SimHost& host, Duration every, std::string& out, char letter) {
  for (;;) {
    co_await wait(host, every);
    out += letter;
  }
}

TEST(SimTime, StandsStillUntilNothingIsReadyAndThenJumps) {
  SimWorld world(1);
  SimHost& host = world.host("a");
  std::vector<Duration> seen;
  host.wait_until(5s, [&](error_code) { seen.push_back(host.uptime()); });
  host.wait_until(2h, [&](error_code) { seen.push_back(host.uptime()); });
  asio::post(host.executor(), [&] { seen.push_back(host.uptime()); });
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_EQ(seen, (std::vector<Duration>{0s, 5s, 2h}));
}

TEST(SimTime, EqualTimesComeInTheOrderAsked) {
  SimWorld world(1);
  std::string order;
  for (char c : std::string("abcdefgh"))
    world.host(std::string(1, static_cast<char>(c % 3 + 'x'))).wait_until(1s, [&order, c](error_code) { order += c; });
  world.run_until_idle();
  EXPECT_EQ(order, "abcdefgh");
}

TEST(SimTime, StepForStopsAtTheTimeGiven) {
  SimWorld world(1);
  std::string out;
  spawn(world.host("a"), tick(world.host("a"), 1s, out, '.'));
  world.step_for(10s);
  EXPECT_EQ(out.size(), 10u);
  EXPECT_EQ(world.uptime(), 10s);
  world.step_for(500ms);
  EXPECT_EQ(world.uptime(), 10s + 500ms);
  EXPECT_EQ(out.size(), 10u);
}

TEST(SimTime, CallsOfTheExperimentCanBeTakenBack) {
  SimWorld world(1);
  std::string out;
  world.at(2s, [&] { out += 'b'; });
  const auto id = world.in(1s, [&] { out += 'a'; });
  world.in(3s, [&] { out += 'c'; });
  world.cancel(id);
  world.cancel(id);
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_EQ(out, "bc");
}

TEST(SimTime, StepUntilGivesUpAtItsLimitAndWhenNothingIsLeft) {
  SimWorld world(1);
  std::string out;
  EXPECT_FALSE(world.step_until([] { return false; }));
  spawn(world.host("a"), tick(world.host("a"), 1s, out, '.'));
  EXPECT_FALSE(world.step_until([] { return false; }, 5s));
  EXPECT_EQ(world.uptime(), 5s);
  EXPECT_TRUE(world.step_until([&] { return out.size() == 7; }));
  EXPECT_EQ(world.uptime(), 7s);
}

TEST(SimTime, AnEndlessLoopThatWaitsForNothingIsFoundAndNamed) {
  SimOptions options;
  options.max_turns_per_instant = 1000;
  SimWorld world(1, options);
  SimHost& host = world.host("spinner");
  auto spin = [](SimHost& h) -> Task<> {
    for (;;) co_await asio::post(h.executor(), asio::use_awaitable);
  };
  spawn(host, spin(host));
  try {
    world.run_until_idle();
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("spinner"));
  }
}

TEST(SimTime, ClocksOfHostsMayBeOffButUptimeIsNot) {
  SimWorld world(1);
  world.host("slow").set_clock_skew(-90s);
  EXPECT_EQ(world.host("right").now() - world.host("slow").now(), 90s);
  EXPECT_EQ(world.host("right").uptime(), world.host("slow").uptime());
  world.step_for(1h);
  EXPECT_EQ(world.host("right").now(), world.now());
}

TEST(SimTime, AJobOffTheLoopRunsInLineAndItsEndCostsTime) {
  SimWorld world(1);
  std::string out;
  world.host("a").run_off_loop([&] { out += "work "; }, [&] { out += "done"; });
  EXPECT_EQ(out, "work ");
  world.run_until_idle();
  EXPECT_EQ(out, "work done");
  EXPECT_EQ(world.uptime(), SimOptions().offload_cost);
}

TEST(SimTime, AJobThatThrowsIsLoggedAndStillEnds) {
  SimWorld world(1);
  std::string logged;
  bool done = false;
  world.on_log([&](const SimLogLine& line) { logged = line.text; });
  world.host("a").run_off_loop([] { throw Error(Code::corrupt, "It broke."); }, [&] { done = true; });
  world.run_until_idle();
  EXPECT_TRUE(done);
  EXPECT_THAT(logged, testing::HasSubstr("It broke."));
}

TEST(SimCancel, ACancelledWaitEndsAbortedAtOnceAndNotInsideTheCall) {
  SimWorld world(1);
  asio::cancellation_signal cancel;
  std::optional<error_code> result;
  world.host("a").wait_until(1h, asio::bind_cancellation_slot(cancel.slot(), [&](error_code e) { result = e; }));
  cancel.emit(asio::cancellation_type::terminal);
  EXPECT_FALSE(result);
  world.run_until_idle();
  EXPECT_EQ(result, asio::error::operation_aborted);
  EXPECT_EQ(world.uptime(), 0s);
  cancel.emit(asio::cancellation_type::terminal);  // nothing is left to cancel
}

}  // namespace
}  // namespace argot::kernel
