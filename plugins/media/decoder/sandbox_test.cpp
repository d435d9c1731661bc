// What the trial decoder does, no real decoder should be able to do to anybody.
#include "sandbox.h"

#include <sdk/testing/bare_context.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>
#include <thread>

namespace argot::media {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::filesystem::path decoders() {
  return std::filesystem::path(std::getenv("ARGOT_BUILD_DIR")) / "lib/argot/decoders";
}

SandboxLimits quick() {
  SandboxLimits out;
  out.time = std::chrono::milliseconds(400);
  return out;
}

class SandboxTest : public testing::Test {
 public:
  Answer answer(std::string word, SandboxLimits limits = SandboxLimits()) {
    Sandbox sandbox(ctx_, "argot-decode-trial", decoders(), limits);
    Request request;
    request.data = to_bytes(view(word));
    auto task = sandbox.run("The file", std::move(request));
    return ctx_.run(std::move(task));
  }
  Error error(std::string word, SandboxLimits limits = SandboxLimits()) {
    try {
      answer(std::move(word), limits);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("The file"));
      return error;
    }
    return Error(Code::internal, "nothing was thrown");
  }

  kit::BareWorld world_;
  kit::BareContext ctx_{world_};
};

TEST_F(SandboxTest, GivesBackWhatTheDecoderMade) {
  const std::string big = "echo " + std::string(9'000'000, 'x');
  EXPECT_EQ(text_of(answer(big).data), big);
  EXPECT_EQ(answer("echo").text, "text/plain");
}

TEST_F(SandboxTest, ADecoderHasNoEnvironment) {
  setenv("ARGOT_TRIAL_SECRET", "visible", 1);
  EXPECT_EQ(text_of(answer("environment").data), "empty");
}

TEST_F(SandboxTest, ADecodersNoIsASentence) {
  const Error no = error("refuse");
  EXPECT_EQ(no.code(), Code::corrupt);
  EXPECT_STREQ(no.what(), "The file is wrong on purpose.");
}

TEST_F(SandboxTest, ACrashIsAnError) {
  EXPECT_THAT(error("crash").what(), HasSubstr("signal 11"));
  EXPECT_EQ(error("crash").code(), Code::corrupt);
  EXPECT_EQ(error("abort").code(), Code::corrupt);
  EXPECT_EQ(error("leave").code(), Code::corrupt);
}

TEST_F(SandboxTest, SpinningEndsByCpuTime) { EXPECT_EQ(error("spin", quick()).code(), Code::timeout); }

TEST_F(SandboxTest, HangingEndsByTheAlarmWhereVirtualTimeStandsStill) {
  EXPECT_EQ(error("hang", quick()).code(), Code::timeout);
}

TEST_F(SandboxTest, EatingMemoryIsRefused) {
  SandboxLimits limits;
  limits.memory_mb = 128;
  EXPECT_EQ(error("eat", limits).code(), Code::resource_exhausted);
}

TEST_F(SandboxTest, NothingOfTheSystemIsInReach) {
  for (const char* word : {"read-file", "write-file", "connect", "fork", "exec", "signal", "code", "descriptor"}) {
    const Error found = error(word);
    EXPECT_EQ(found.code(), Code::corrupt) << word;
    EXPECT_THAT(found.what(), HasSubstr("signal " + std::to_string(SIGSYS))) << word;
  }
  EXPECT_FALSE(std::filesystem::exists("trial-was-here"));
}

TEST_F(SandboxTest, AnAnswerWithoutEndIsCutOff) {
  EXPECT_THAT(error("flood").what(), HasSubstr("more than an answer"));
}

TEST_F(SandboxTest, ANonsensicalAnswerIsAnError) {
  EXPECT_THAT(error("nonsense").what(), HasSubstr("no sensible answer"));
}

TEST_F(SandboxTest, AfterEveryHarmTheNextItemIsDecoded) {
  Sandbox sandbox(ctx_, "argot-decode-trial", decoders(), quick());
  for (const char* word : {"crash", "flood", "spin", "connect"}) {
    Request bad, good;
    bad.data = to_bytes(view(std::string_view(word)));
    good.data = to_bytes(view("echo"));
    EXPECT_THROW(ctx_.run(sandbox.run("It", std::move(bad))), Error);
    EXPECT_EQ(text_of(ctx_.run(sandbox.run("It", std::move(good))).data), "echo");
  }
  EXPECT_EQ(sandbox.running(), 0u);
}

TEST_F(SandboxTest, TooLargeAnItemNeverReachesADecoder) {
  const Error found = error(std::string(max_input + 1, 'x'));
  EXPECT_EQ(found.code(), Code::resource_exhausted);
}

TEST_F(SandboxTest, AMissingDecoderIsNamed) {
  try {
    Sandbox sandbox(ctx_, "argot-decode-nothing", {}, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::not_found);
    EXPECT_THAT(error.what(), HasSubstr("argot/decoders/argot-decode-nothing"));
  }
}

/// As live: work off the loop is on another thread, so timers fire and cancelling works while it runs.
class ThreadedContext : public kit::BareContext {
 public:
  explicit ThreadedContext(kit::BareWorld& world) : BareContext(world), loop_(world.loop) {}
  ~ThreadedContext() override {
    for (std::thread& thread : threads_) thread.join();
  }
  void run_off_loop(std::function<void()> work, Handler<void()> done) override {
    auto shared = std::make_shared<Handler<void()>>(std::move(done));
    ++busy_;
    threads_.emplace_back([this, work = std::move(work), shared] {
      work();
      asio::post(loop_, [this, shared] {
        --busy_;
        std::move (*shared)();
      });
    });
  }
  /// Without time passing, until no thread works.
  void finish() {
    do {
      loop_.restart();
      loop_.poll();
      std::this_thread::yield();
    } while (busy_ > 0);
    loop_.restart();
    loop_.poll();
  }

 private:
  asio::io_context& loop_;
  std::vector<std::thread> threads_;
  int busy_ = 0;
};

class LiveSandboxTest : public testing::Test {
 public:
  LiveSandboxTest() {
    SandboxLimits limits;
    limits.time = std::chrono::seconds(600);  // only what the test does ends it
    limits.waiting = 1;
    sandbox_ = std::make_unique<Sandbox>(ctx_, "argot-decode-trial", decoders(), limits);
  }
  void begin(std::string word, asio::cancellation_slot slot = {}) {
    Request request;
    request.data = to_bytes(view(word));
    auto& end = ends_.emplace_back();
    asio::co_spawn(world_.loop, sandbox_->run("It", std::move(request)),
                   asio::bind_cancellation_slot(slot, [&end](std::exception_ptr failure, Answer) {
                     end = failure ? std::string(name_of(to_error(failure).code())) : "done";
                   }));
    world_.loop.restart();
    world_.loop.poll();
  }

  kit::BareWorld world_;
  ThreadedContext ctx_{world_};
  std::unique_ptr<Sandbox> sandbox_;
  std::deque<std::string> ends_;
};

TEST_F(LiveSandboxTest, TheWorldsTimerEndsAHangingDecoder) {
  begin("hang");
  world_.pass(std::chrono::seconds(601));
  ctx_.finish();
  EXPECT_THAT(ends_, testing::ElementsAre("timeout"));
}

TEST_F(LiveSandboxTest, CancellingKillsTheDecoder) {
  asio::cancellation_signal signal;
  begin("hang", signal.slot());
  signal.emit(asio::cancellation_type::terminal);
  ctx_.finish();
  EXPECT_THAT(ends_, testing::ElementsAre("cancelled"));
}

TEST_F(LiveSandboxTest, StoppingEndsWhatRunsAndWhatWaits) {
  for (int i = 0; i < 3; ++i) begin("hang");
  EXPECT_EQ(sandbox_->running(), 2u);
  sandbox_->stop();
  ctx_.finish();
  begin("echo");
  EXPECT_THAT(ends_, testing::Each("cancelled"));
  EXPECT_EQ(sandbox_->running(), 0u);
}

TEST_F(LiveSandboxTest, WhatFindsNoRoomInTheQueueIsRefusedAndTheRestIsDone) {
  asio::cancellation_signal first, second;
  begin("hang", first.slot());
  begin("hang", second.slot());
  begin("echo");
  begin("echo");
  EXPECT_EQ(ends_[3], "resource_exhausted");
  first.emit(asio::cancellation_type::terminal);
  while (ends_[2].empty()) {
    world_.loop.restart();
    world_.loop.poll();
  }
  EXPECT_EQ(ends_[2], "done");
  second.emit(asio::cancellation_type::terminal);
  ctx_.finish();
}

}  // namespace
}  // namespace argot::media
