// Time, order, death and randomness in the simulated world.
#include <kernel/world/sim.h>

#include <kernel/world/test_wait.h>

#include <argot/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;
using test::wait;

Task<> tick(SimHost& host, Duration every, std::string& out, char letter) {
  for (;;) {
    co_await wait(host, every);
    out += letter;
  }
}

void spawn(SimHost& host, Task<> task) {
  asio::co_spawn(host.executor(), std::move(task), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
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

TEST(SimRun, GivesACoroutinesResultAndThrowsWhatItThrew) {
  SimWorld world(1);
  SimHost& host = world.host("a");
  auto number = [](SimHost& h) -> Task<int> {
    co_await wait(h, 1s);
    co_return 7;
  };
  auto failing = [](SimHost& h) -> Task<> {
    co_await wait(h, 1s);
    throw Error(Code::corrupt, "no");
  };
  EXPECT_EQ(world.run(host, number(host)), 7);
  EXPECT_THROW(world.run(host, failing(host)), Error);
}

TEST(SimRun, SaysWhenACoroutineCannotEnd) {
  SimWorld world(1);
  SimHost& host = world.host("a");
  const auto code_of = [&](Task<> task, Duration limit) {
    try {
      world.run(host, std::move(task), limit);
    } catch (const Error& error) {
      return std::string(name_of(error.code()));
    }
    return std::string("none");
  };
  auto sleeper = [](SimHost& h) -> Task<> { co_await wait(h, 2h); };
  EXPECT_EQ(code_of(sleeper(host), 1h), "timeout");
  world.in(1s, [&] { host.kill(); });
  EXPECT_EQ(code_of(sleeper(host), 1h), "cancelled");
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

// --- repeatability ---

struct Trace {
  std::string text;
  std::uint64_t hash, drawn;
};

Trace busy_run(std::uint64_t seed, bool shuffle = false, bool extra_host = false) {
  SimOptions options;
  options.log_text = true;
  options.shuffle = shuffle;
  options.link.jitter = 5ms;
  options.link.loss = 0.05;
  SimWorld world(seed, options);
  if (extra_host) world.host("extra");
  SimHost& server = world.host("server");
  spawn(server, test::echo(server, "server:1"));
  auto client = [](SimHost& h) -> Task<> {
    Stream stream = co_await h.fabric()->connect("server:1");
    for (int i = 0; i < 20; ++i) {
      Fixed<1> size;
      h.random(size);
      std::string text(size[0] + 1u, '\0');
      randombytes_buf(text.data(), text.size());
      co_await test::write(stream, text);
      const std::string back = co_await test::read_exactly(stream, text.size());
      EXPECT_EQ(back, text);
      if (h.chance("dawdle", 0.3)) co_await wait(h, 100ms);
    }
  };
  for (const char* name : {"a", "b", "c"}) spawn(world.host(name), client(world.host(name)));
  world.run_until_idle();
  return {world.log_text(), world.log_hash(), world.final_draw()};
}

TEST(SimRepeat, TheSameSeedGivesTheSameRunToTheByte) {
  const Trace first = busy_run(5), second = busy_run(5);
  EXPECT_GT(first.text.size(), 10'000u);
  EXPECT_EQ(first.text, second.text);
  EXPECT_EQ(first.hash, second.hash);
  EXPECT_EQ(first.drawn, second.drawn);
}

TEST(SimRepeat, AnotherSeedGivesAnother) {
  const Trace first = busy_run(5), second = busy_run(6);
  EXPECT_NE(first.text, second.text);
  EXPECT_NE(first.hash, second.hash);
  EXPECT_NE(first.drawn, second.drawn);
}

TEST(SimRepeat, ShufflingChangesTheOrderAndRepeats) {
  EXPECT_NE(busy_run(5, true).hash, busy_run(5, false).hash);
  EXPECT_EQ(busy_run(5, true).text, busy_run(5, true).text);
}

TEST(SimShuffle, TakesReadyTurnsInAllOrders) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimOptions options;
    options.shuffle = true;
    SimWorld world(seed, options);
    std::string order;
    for (char c : std::string("abc")) asio::post(world.host("h").executor(), [&order, c] { order += c; });
    world.run_until_idle();
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 6u);
}

TEST(SimShuffle, TakesTimersOfOneMomentInAllOrders) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimOptions options;
    options.shuffle = true;
    SimWorld world(seed, options);
    std::string order;
    for (char c : std::string("abc")) world.host("h").wait_until(1s, [&order, c](error_code) { order += c; });
    world.run_until_idle();
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 6u);
}

// --- randomness ---

Fixed<32> world_bytes(SimHost& host) {
  Fixed<32> out;
  host.random(out);
  return out;
}
Fixed<32> sodium_bytes(SimWorld& world, SimHost& host) {
  Fixed<32> out;
  asio::post(host.executor(), [&] { randombytes_buf(out.data(), out.size()); });
  world.run_until_idle();
  return out;
}

TEST(SimRandom, AddingAHostShiftsNobodyElsesNumbers) {
  Fixed<32> alone, alone_sodium;
  {
    SimWorld world(9);
    alone = world_bytes(world.host("a"));
    alone_sodium = sodium_bytes(world, world.host("a"));
  }
  SimWorld world(9);
  world_bytes(world.host("new"));
  sodium_bytes(world, world.host("new"));
  EXPECT_EQ(world_bytes(world.host("a")), alone);
  EXPECT_EQ(sodium_bytes(world, world.host("a")), alone_sodium);
}

TEST(SimRandom, HostsSeedsAndPurposesDiffer) {
  std::set<Fixed<32>> all;
  for (std::uint64_t seed : {1, 2}) {
    SimWorld world(seed);
    for (const char* name : {"a", "b"}) {
      all.insert(world_bytes(world.host(name)));
      all.insert(sodium_bytes(world, world.host(name)));
    }
  }
  EXPECT_EQ(all.size(), 8u);
}

TEST(SimRandom, LibsodiumRepeatsInsideAndIsRealOutside) {
  const auto key = [](bool simulated) {
    std::optional<SimWorld> world;
    if (simulated) world.emplace(3);
    Fixed<32> out;
    randombytes_buf(out.data(), out.size());
    return out;
  };
  EXPECT_EQ(key(true), key(true));
  EXPECT_NE(key(false), key(false));
  EXPECT_STRNE(randombytes_implementation_name(), "argot simulation");
}

TEST(SimRandom, ChancesAreTakenAboutAsOftenAsAsked) {
  SimWorld world(4);
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) taken += world.host("a").chance("tenth", 0.1);
  EXPECT_NEAR(taken, 1000, 150);
  EXPECT_FALSE(world.host("a").chance("never", 0));
}

TEST(SimRandom, ChancesCanBeTurnedOff) {
  SimOptions options;
  options.rare_paths = false;
  SimWorld world(4, options);
  EXPECT_FALSE(world.host("a").chance("sure", 1));
}

// --- one at a time ---

TEST(SimWorlds, MayFollowEachOtherButNotCoexist) {
  { SimWorld first(1); }
  SimWorld second(1);
  EXPECT_THROW(SimWorld(2), Error);
  EXPECT_STREQ(randombytes_implementation_name(), "argot simulation");
}

TEST(SimWorlds, ShareWhatOutlivesAKernel) {
  SimWorld world(1);
  world.host("a").shared("disk") = std::make_shared<int>(5);
  EXPECT_EQ(*std::static_pointer_cast<int>(world.host("b").shared("disk")), 5);
}

TEST(SimWorlds, NoticeARealTimer) {
  SimWorld world(1);
  spawn(world.host("a"), test::echo(world.host("a"), "a:1"));
  world.step_for(1s);
  world.check_no_real_io();
  asio::steady_timer timer(world.host("a").executor());
  EXPECT_THROW(world.check_no_real_io(), Error);
}

TEST(SimWorlds, RefuseNamesThatNoAddressCouldHold) {
  SimWorld world(1);
  EXPECT_THROW(world.host(""), Error);
  EXPECT_THROW(world.host("a b"), Error);
}

}  // namespace
}  // namespace argot::kernel
