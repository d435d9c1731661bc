#include <kernel/world/live.h>

#include <kernel/world/test_wait.h>

#include <argot/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <fstream>
#include <sstream>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

LogOptions quiet() {
  LogOptions options;
  options.level = LogLevel::error;
  return options;
}

TEST(LiveWorld, TimersFireInTheOrderOfTheirTimesAndNeverEarly) {
  LiveWorld world(quiet());
  std::string order;
  const Duration start = world.uptime();
  world.wait_until(start + 3ms, [&](error_code) {
    order += 'c';
    world.stop();
  });
  world.wait_until(start + 1ms, [&](error_code) { order += 'a'; });
  world.wait_until(start + 2ms, [&](error_code failure) {
    order += 'b';
    EXPECT_FALSE(failure);
    EXPECT_GE(world.uptime(), start + 2ms);
  });
  world.run();
  EXPECT_EQ(order, "abc");
}

TEST(LiveWorld, ATimerThatIsDueAlreadyStillFiresLater) {
  LiveWorld world(quiet());
  bool fired = false;
  world.wait_until(Duration(0), [&](error_code) {
    fired = true;
    world.stop();
  });
  EXPECT_FALSE(fired);
  world.run();
  EXPECT_TRUE(fired);
}

TEST(LiveWorld, ACancelledWaitEndsWithOperationAborted) {
  LiveWorld world(quiet());
  asio::cancellation_signal cancel;
  error_code result;
  world.wait_until(world.uptime() + 1h, asio::bind_cancellation_slot(cancel.slot(), [&](error_code failure) {
                     result = failure;
                     world.stop();
                   }));
  asio::post(world.executor(), [&] { cancel.emit(asio::cancellation_type::terminal); });
  world.run();
  EXPECT_EQ(result, asio::error::operation_aborted);
}

TEST(LiveWorld, ASignalMayComeAfterItsWaitHasEndedOrOutliveTheWorld) {
  asio::cancellation_signal late, never;
  {
    LiveWorld world(quiet());
    world.wait_until(world.uptime(), asio::bind_cancellation_slot(late.slot(), [&](error_code) { world.stop(); }));
    world.wait_until(world.uptime() + 1h, asio::bind_cancellation_slot(never.slot(), [](error_code) { FAIL(); }));
    world.run();
  }
  late.emit(asio::cancellation_type::terminal);
  never.emit(asio::cancellation_type::terminal);
}

TEST(LiveWorld, CoroutinesThatStillWaitAtTheEndAreDestroyed) {
  auto witness = std::make_shared<int>();
  {
    LiveWorld world(quiet());
    auto job = [](LiveWorld& w, std::shared_ptr<int>) -> Task<> { co_await test::wait(w, 1h); };
    asio::co_spawn(world.executor(), job(world, witness), [](std::exception_ptr) {});
    world.poll();
    EXPECT_EQ(witness.use_count(), 2);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(LiveWorld, ExceptionsOfCallbacksLeaveRunAndTheLoopGoesOn) {
  LiveWorld world(quiet());
  asio::post(world.executor(), [] { throw Error(Code::internal, "thrown"); });
  asio::post(world.executor(), [&] { world.stop(); });
  EXPECT_THROW(world.run(), Error);
  world.run();
}

TEST(LiveWorld, WorkOffTheLoopRunsOnAnotherThreadAndEndsOnTheLoop) {
  LiveWorld world(quiet());
  const auto loop = std::this_thread::get_id();
  std::thread::id work, done;
  world.run_off_loop([&] { work = std::this_thread::get_id(); },
                     [&] {
                       done = std::this_thread::get_id();
                       world.stop();
                     });
  world.run();
  EXPECT_NE(work, loop);
  EXPECT_EQ(done, loop);
}

TEST(LiveWorld, AJobThatThrowsIsLoggedAndStillEnds) {
  const auto file = std::filesystem::path(testing::TempDir()) / "argot-live-test.log";
  std::filesystem::remove(file);
  {
    LogOptions options;
    options.file = file;
    LiveWorld world(options);
    int left = 2;
    const auto ended = [&] {
      if (--left == 0) asio::post(world.executor(), [&] { world.stop(); });
    };
    world.run_off_loop([] { throw Error(Code::corrupt, "The thing is broken."); }, ended);
    world.run_off_loop([] {}, ended);
    world.run();
    world.poll();
  }
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_THAT(text.str(), testing::HasSubstr("world: A job off the loop threw: The thing is broken."));
}

TEST(LiveWorld, MoreJobsThanMayWaitAreAllDone) {
  LiveWorld world(quiet());
  std::atomic<int> worked = 0;
  int done = 0;
  constexpr int jobs = 5000;
  for (int i = 0; i < jobs; ++i)
    world.run_off_loop([&] { ++worked; },
                       [&] {
                         if (++done == jobs) world.stop();
                       });
  world.run();
  EXPECT_EQ(worked, jobs);
}

TEST(LiveWorld, JobsThatWaitAtTheEndAreDroppedWithTheirHandlers) {
  auto witness = std::make_shared<int>();
  {
    LiveWorld world(quiet());
    for (int i = 0; i < 100; ++i) world.run_off_loop([] {}, [witness] {});
  }
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(LiveWorld, RandomnessDiffersAndChanceIsNeverTaken) {
  LiveWorld world(quiet());
  Fixed<32> a{}, b{};
  world.random(a);
  world.random(b);
  EXPECT_NE(a, b);
  EXPECT_FALSE(world.chance("always", 1.0));
  EXPECT_EQ(world.fabric(), nullptr);
}

TEST(LiveLog, KeepsToTheLevelOfEachSpeakerAndToOneLine) {
  const auto file = std::filesystem::path(testing::TempDir()) / "argot-log-test.log";
  std::filesystem::remove(file);
  {
    LogOptions options;
    options.file = file;
    options.level = LogLevel::warning;
    options.levels["swarm"] = LogLevel::debug;
    LiveLog log(options);
    log.write(LogLevel::info, "other", "not this");
    log.write(LogLevel::debug, "swarm", "two\nlines");
    log.set_level("swarm", LogLevel::error);
    log.write(LogLevel::warning, "swarm", "nor this");
  }
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_THAT(text.str(), testing::HasSubstr("swarm: two lines"));
  EXPECT_THAT(text.str(), testing::Not(testing::HasSubstr("not this")));
  EXPECT_THAT(text.str(), testing::Not(testing::HasSubstr("nor this")));
}

TEST(LiveLog, SaysWhichFileCannotBeOpened) {
  LogOptions options;
  options.file = "/proc/argot/nowhere.log";
  try {
    LiveLog log(options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::permission_denied);
    EXPECT_THAT(error.what(), testing::HasSubstr("/proc/argot/nowhere.log"));
  }
}

}  // namespace
}  // namespace argot::kernel
