// Death in the simulated world: of one host, of all of them, at any moment.
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

TEST(SimKill, DropsEverythingThatWaitsWithoutRunningIt) {
  SimWorld world(1);
  SimHost& host = world.host("a");
  auto witness = std::make_shared<int>();
  bool ran = false;
  auto sleeper = [](SimHost& h, std::shared_ptr<int>, bool& r) -> Task<> {
    co_await wait(h, 1s);
    r = true;
  };
  spawn(host, sleeper(host, witness, ran));
  world.step_for(500ms);
  asio::post(host.executor(), [&ran, witness] { ran = true; });
  host.run_off_loop([] {}, [&ran, witness] { ran = true; });
  EXPECT_GT(witness.use_count(), 1);
  host.kill();
  EXPECT_EQ(witness.use_count(), 1);
  world.run_until_idle();
  EXPECT_FALSE(ran);
}

TEST(SimKill, LeavesOtherHostsAlone) {
  SimWorld world(1);
  std::string out;
  spawn(world.host("a"), tick(world.host("a"), 1s, out, 'a'));
  spawn(world.host("b"), tick(world.host("b"), 1s, out, 'b'));
  world.step_for(2s);
  world.host("a").kill();
  world.step_for(2s);
  EXPECT_EQ(out, "ababbb");
}

TEST(SimKill, ADeadHostTakesNothingAndAnOldLifeNeverReturns) {
  SimWorld world(1);
  SimHost& host = world.host("a");
  const auto old = host.executor();
  bool ran = false;
  host.kill();
  auto witness = std::make_shared<int>();
  host.wait_until(1s, [&ran, witness](error_code) { ran = true; });
  asio::post(host.executor(), [&ran, witness] { ran = true; });
  EXPECT_EQ(witness.use_count(), 1);
  host.restart();
  asio::post(old, [&ran, witness] { ran = true; });
  world.run_until_idle();
  EXPECT_FALSE(ran);
  asio::post(host.executor(), [&] { ran = true; });
  world.run_until_idle();
  EXPECT_TRUE(ran);
}

TEST(SimKill, DuringAHostsOwnTurnComesAtItsEnd) {
  SimWorld world(1);
  SimHost& host = world.host("a");
  std::string out;
  asio::post(host.executor(), [&] {
    host.kill();
    out += host.alive() ? "still" : "already dead";
  });
  asio::post(host.executor(), [&] { out += "never"; });
  world.run_until_idle();
  EXPECT_EQ(out, "still");
  EXPECT_FALSE(host.alive());
}

TEST(SimKill, AtATurnStopsBeforeThatTurn) {
  for (std::uint64_t turn = 1; turn <= 4; ++turn) {
    SimWorld world(1);
    SimHost& host = world.host("a");
    host.kill_at_turn(turn);
    std::string out;
    for (char c : std::string("abc")) asio::post(host.executor(), [&out, c] { out += c; });
    world.run_until_idle();
    EXPECT_EQ(out, std::string("abc").substr(0, turn - 1));
    EXPECT_EQ(host.alive(), turn == 4);
  }
}

TEST(SimKill, CoroutinesAreUnwoundWithTheirDestructors) {
  SimWorld world(1);
  SimHost& host = world.host("a");
  struct Asks {  // a destructor that still uses its world
    SimHost& host;
    std::string& out;
    ~Asks() {
      out += "gone ";
      host.wait_until(1s, [](error_code) { FAIL(); });
      asio::post(host.executor(), [] { FAIL(); });
    }
  };
  std::string out;
  auto job = [](SimHost& h, std::string& o) -> Task<> {
    Asks asks{h, o};
    co_await wait(h, 1h);
  };
  for (int i = 0; i < 3; ++i) spawn(host, job(host, out));
  world.step_for(1s);
  host.kill();
  EXPECT_EQ(out, "gone gone gone ");
  world.run_until_idle();
}

TEST(SimKill, DestructorsMayCancelEachOthersWaits) {
  SimWorld world(1);
  SimHost& host = world.host("a");
  struct Emits {  // as a Deadline does
    std::vector<asio::cancellation_signal>& signals;
    ~Emits() {
      for (auto& s : signals) s.emit(asio::cancellation_type::terminal);
    }
  };
  std::vector<asio::cancellation_signal> signals(5);
  auto job = [](SimHost& h, std::vector<asio::cancellation_signal>& all) -> Task<> {
    Emits emits{all};
    co_await wait(h, 1h);
  };
  for (int i = 0; i < 3; ++i) {
    spawn(host, job(host, signals));
    world.step_for(1ms);
    host.wait_until(
        1h, asio::bind_cancellation_slot(signals[static_cast<std::size_t>(i)].slot(), [](error_code) { FAIL(); }));
  }
  host.kill();
  host.restart();
  bool fired = false;
  host.wait_until(2h, [&](error_code) { fired = true; });
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_TRUE(fired);
}

TEST(SimKill, AWorldMayEndWithEverythingStillWaiting) {
  auto witness = std::make_shared<int>();
  {
    SimWorld world(1);
    auto job = [](SimHost& h, std::shared_ptr<int>) -> Task<> {
      Stream stream = co_await h.fabric()->connect("server:1");
      co_await test::read_some(stream);
    };
    spawn(world.host("server"), test::echo(world.host("server"), "server:1"));
    for (const char* name : {"a", "b", "c"}) spawn(world.host(name), job(world.host(name), witness));
    world.step_for(1s);
    spawn(world.host("d"), job(world.host("d"), witness));  // still connecting
    world.step_for(1ms);
    world.partition(world.host("a"), world.host("server"));
    EXPECT_EQ(witness.use_count(), 5);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

}  // namespace
}  // namespace argot::kernel
