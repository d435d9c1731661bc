// The same seed is the same run; another is another. Randomness and its streams.
#include <kernel/world/sim.h>

#include <kernel/world/test_wait.h>

#include <argot/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>
#include <boost/asio/post.hpp>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;
using test::spawn;
using test::wait;

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

}  // namespace
}  // namespace argot::kernel
