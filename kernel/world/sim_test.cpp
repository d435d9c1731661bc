// Running coroutines in a simulated world, and what a process has of worlds.
#include <kernel/world/sim.h>

#include <kernel/world/test_wait.h>

#include <argot/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>
#include <boost/asio/steady_timer.hpp>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;
using test::spawn;
using test::wait;

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
