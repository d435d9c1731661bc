// Swapping plugins on a running kernel.
#include <tests/host/host_fixture.h>

#include <argot/directory.h>
#include <argot/transport.h>

#include <fstream>
#include <set>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SwapTest : public HostTest {
 protected:
  void swap(Kernel& kernel, std::string kind, std::string from, std::string to, std::vector<std::string> options = {}) {
    SwapRequest request(std::move(kind), std::move(from), std::move(to), std::move(options));
    world.run(kernel.host().swap(std::move(request)));
  }
  /// Stores one text; gives the name of the plugin that took it.
  static Task<std::string> store(Handle<Transport> transport, std::string text) {
    auto lease = transport.lease();
    Mailbox mailbox;
    StoreRequest request(mailbox, view(text), Duration(1s));
    StoreReceipt receipt = co_await lease->store(std::move(request));
    co_return receipt.hash;
  }
  std::string store_now(Kernel& kernel, std::string text) {
    std::string taker;
    auto run = [](Handle<Transport> transport, std::string t, std::string* out) -> Task<> {
      *out = co_await store(transport, std::move(t));
    };
    world.run(run(kernel.service<Transport>(), std::move(text), &taker));
    return taker;
  }
};

TEST_F(SwapTest, NewCallsGoToTheNewPluginAndHandlesStay) {
  Kernel kernel = make("plugins: {transport: left, app: courier}");
  world.run(kernel.start());
  Handle<Transport> handle = kernel.service<Transport>();
  swap(kernel, "transport", "left", "right");
  EXPECT_EQ(handle.provider(), "right");
  EXPECT_EQ(store_now(kernel, "x"), "right 1.0.0");
  EXPECT_THAT(events(), ElementsAre("start left 1.0.0", "start courier", "start right 1.0.0", "stop left 1.0.0"));
  world.run(kernel.stop());
  EXPECT_THAT(events(), ElementsAre("start left 1.0.0", "start courier", "start right 1.0.0", "stop left 1.0.0",
                                    "stop courier", "stop right 1.0.0"));
}

TEST_F(SwapTest, ACallInsideTheOldPluginEndsThere) {
  Kernel kernel = make("plugins: {transport: {use: left, pause: 2s}}");
  world.run(kernel.start());
  std::string first, second;
  asio::co_spawn(world.executor(), store(kernel.service<Transport>(), "slow"),
                 [&](std::exception_ptr, std::string s) { first = s; });
  world.poll();
  bool swapped = false;
  SwapRequest request("transport", "left", "right");
  asio::co_spawn(world.executor(), kernel.host().swap(std::move(request)), [&](std::exception_ptr) { swapped = true; });
  world.poll();
  EXPECT_FALSE(swapped) << "the old one is not stopped while a call is inside";
  EXPECT_EQ(store_now(kernel, "quick"), "right 1.0.0") << "while new calls go on";
  world.run_for(3s);
  EXPECT_TRUE(swapped);
  EXPECT_EQ(first, "left 1.0.0");
  EXPECT_THAT(ledger().stored, ElementsAre("quick", "slow"));
}

TEST_F(SwapTest, ACallThatDoesNotEndIsCancelledAfterFiveSeconds) {
  Kernel kernel = make("plugins: {transport: {use: left, pause: 24h}}");
  world.run(kernel.start());
  std::exception_ptr failure;
  asio::co_spawn(world.executor(), store(kernel.service<Transport>(), "stuck"),
                 [&](std::exception_ptr e, std::string) { failure = e; });
  world.poll();
  Duration before = world.uptime();
  swap(kernel, "transport", "left", "right");
  EXPECT_LE(world.uptime() - before, 6s);
  ASSERT_TRUE(failure);
  EXPECT_EQ(to_error(failure).code(), Code::cancelled) << "its caller tries again, and reaches the new one";
  EXPECT_THAT(kernel.host().leftovers(), IsEmpty());
}

TEST_F(SwapTest, TwentySwapsUnderTrafficLoseNothingAndRepeatNothing) {
  Kernel kernel = make("plugins: {transport: {use: left, pause: 3ms}}");
  world.run(kernel.start());
  constexpr int senders = 8, each = 250;
  int done = 0;
  auto sender = [](Handle<Transport> transport, int number, int* finished) -> Task<> {
    for (int i = 0; i < each; ++i) {
      std::string text = std::to_string(number) + "-" + std::to_string(i);
      co_await store(transport, std::move(text));
    }
    ++*finished;
  };
  for (int n = 0; n < senders; ++n)
    asio::co_spawn(world.executor(), sender(kernel.service<Transport>(), n, &done), asio::detached);
  for (int i = 0; i < 20; ++i) {
    world.run_for(20ms);
    ASSERT_LT(done, senders) << "there is traffic during every swap";
    swap(kernel, "transport", "", i % 2 ? "left" : "right", {"pause=3ms"});
  }
  world.run_for(10s);
  EXPECT_EQ(done, senders);
  std::set<std::string> distinct(ledger().stored.begin(), ledger().stored.end());
  EXPECT_EQ(ledger().stored.size(), static_cast<std::size_t>(senders * each));
  EXPECT_EQ(distinct.size(), ledger().stored.size());
  EXPECT_THAT(kernel.host().leftovers(), IsEmpty());
}

TEST_F(SwapTest, ANewPluginThatDoesNotStartLeavesTheOldOneRunning) {
  Kernel kernel = make("plugins: {transport: left}");
  world.run(kernel.start());
  EXPECT_THAT(sentence_of([&] { swap(kernel, "transport", "left", "right", {"refuse=true"}); }),
              HasSubstr("transport/right 1.0.0 could not start: The post office is closed"));
  EXPECT_EQ(store_now(kernel, "x"), "left 1.0.0");
  swap(kernel, "transport", "left", "right");
  EXPECT_EQ(store_now(kernel, "y"), "right 1.0.0");
}

TEST_F(SwapTest, WhatCannotWorkIsRefusedBeforeAnythingChanges) {
  Kernel kernel = make("plugins: {transport: left, app: courier}");
  world.run(kernel.start());
  EXPECT_THAT(sentence_of([&] { swap(kernel, "transport", "left", "rihgt"); }), HasSubstr("Did you mean \"right\"?"));
  EXPECT_THAT(sentence_of([&] { swap(kernel, "transport", "lfet", "right"); }),
              HasSubstr("No transport plugin called \"lfet\" is running. Did you mean \"left\"?"));
  EXPECT_THAT(sentence_of([&] { swap(kernel, "transport", "left", "round"); }),
              HasSubstr("needs directory/1, which nothing in the profile provides"));
  EXPECT_THAT(sentence_of([&] { swap(kernel, "transport", "left", "right", {"puase=1s"}); }),
              HasSubstr("has no option \"puase\". Did you mean \"pause\"?"));
  EXPECT_THAT(sentence_of([&] { swap(kernel, "storage", "", "memory"); }), HasSubstr("No storage plugin is running"));
  EXPECT_EQ(store_now(kernel, "x"), "left 1.0.0");
}

TEST_F(SwapTest, TwoSwapsAtOnceAreRefused) {
  Kernel kernel = make("plugins: {transport: {use: left, pause: 1s}}");
  world.run(kernel.start());
  asio::co_spawn(world.executor(), store(kernel.service<Transport>(), "x"), asio::detached);
  world.poll();
  SwapRequest request("transport", "left", "right");
  asio::co_spawn(world.executor(), kernel.host().swap(std::move(request)), asio::detached);
  world.poll();
  EXPECT_THAT(sentence_of([&] { swap(kernel, "transport", "right", "left"); }), HasSubstr("Another swap is going on"));
  world.run_for(2s);
  swap(kernel, "transport", "right", "left");
}

TEST_F(SwapTest, AStopWaitsForTheSwapThatIsGoingOn) {
  Kernel kernel = make("plugins: {transport: {use: left, pause: 1s}}");
  world.run(kernel.start());
  asio::co_spawn(world.executor(), store(kernel.service<Transport>(), "x"), asio::detached);
  world.poll();
  SwapRequest request("transport", "left", "right");
  asio::co_spawn(world.executor(), kernel.host().swap(std::move(request)), asio::detached);
  world.poll();
  world.run(kernel.stop());
  EXPECT_THAT(events(), ElementsAre("start left 1.0.0", "start right 1.0.0", "stop left 1.0.0", "stop right 1.0.0"));
  EXPECT_THAT(ledger().stored, ElementsAre("x"));
}

TEST_F(SwapTest, StateMovesBeforeTheExchangeAndAFailureKeepsTheOldOne) {
  Kernel kernel = make("plugins: {transport: left}");
  bool willing = false;
  std::vector<std::string> seen;
  auto rebinder = [&](Slot& slot, Instance& next) -> Task<> {
    seen.push_back(slot.provider);
    EXPECT_NE(slot.current, &next);
    EXPECT_NE(next.object, nullptr);
    if (!willing) throw Error(Code::resource_exhausted, "The new place is full.");
    co_return;
  };
  kernel.host().on_swap("transport/1", rebinder);
  world.run(kernel.start());
  EXPECT_THAT(sentence_of([&] { swap(kernel, "transport", "left", "right"); }),
              HasSubstr("transport/left 1.0.0 was not swapped for transport/right 1.0.0: The new place is full."));
  EXPECT_EQ(store_now(kernel, "x"), "left 1.0.0");
  EXPECT_THAT(events(), ElementsAre("start left 1.0.0", "start right 1.0.0", "stop right 1.0.0"));
  willing = true;
  swap(kernel, "transport", "left", "right");
  EXPECT_EQ(store_now(kernel, "y"), "right 1.0.0");
  EXPECT_THAT(seen, ElementsAre("left", "left"));
}

/// A search path of its own, with files that the test changes.
class UpgradeTest : public SwapTest {
 protected:
  UpgradeTest() : place_(fs::temp_directory_path() / ("argot-upgrade-" + std::to_string(::getpid()))) {
    fs::create_directories(place_ / "transport");
    put(fixtures() / "usual/transport/left.so");
  }
  ~UpgradeTest() override { fs::remove_all(place_); }
  /// Overwrites the plugin's file in place, as `cp` does: the worst way to upgrade.
  void put(const fs::path& from) {
    std::ifstream in(from, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    ASSERT_FALSE(bytes.empty()) << from;
    std::ofstream out(file(), std::ios::binary | std::ios::trunc);
    out << bytes;
  }
  fs::path file() const { return place_ / "transport" / "left.so"; }
  fs::path place_;
};

TEST_F(UpgradeTest, OverwritingALoadedFileIsHarmlessAndSwappingItLoadsTheNewCode) {
  Kernel kernel(world, Profile::parse("plugins: {transport: {use: left, pause: 7ms}}", "test.yaml"), Catalog({place_}));
  world.run(kernel.start());
  put(fixtures() / "newer/transport/left-2.so");
  EXPECT_EQ(store_now(kernel, "a"), "left 1.0.0");
  swap(kernel, "transport", "left", "left");
  EXPECT_EQ(store_now(kernel, "b"), "left 2.0.0");
  EXPECT_EQ(kernel.host().context("transport", "left").settings().duration("pause"), Duration(7ms)) << "settings stay";
  {
    std::ofstream rubbish(file(), std::ios::binary | std::ios::trunc);
    rubbish << std::string(200'000, '\xcc');
  }
  EXPECT_EQ(store_now(kernel, "c"), "left 2.0.0");
  EXPECT_THAT(sentence_of([&] { swap(kernel, "transport", "left", "left"); }), HasSubstr("is not a shared library"));
  EXPECT_EQ(store_now(kernel, "d"), "left 2.0.0");
  put(fixtures() / "usual/transport/left.so");
  swap(kernel, "transport", "left", "left");
  EXPECT_EQ(store_now(kernel, "e"), "left 1.0.0");
}

TEST_F(UpgradeTest, OldCodeCanReallyBeUnmapped) {
  Kernel kernel(world, Profile::parse("plugins: {transport: left}", "test.yaml"), Catalog({place_}));
  kernel.host().unmap_retired = true;
  world.run(kernel.start());
  for (int i = 0; i < 20; ++i) {
    put(fixtures() / (i % 2 ? "usual/transport/left.so" : "newer/transport/left-2.so"));
    swap(kernel, "transport", "left", "left");
    EXPECT_EQ(store_now(kernel, "x"), i % 2 ? "left 1.0.0" : "left 2.0.0");
  }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_EQ(kernel.host().unmapped(), 20u) << "RTLD_NOLOAD found the old code still mapped";
#endif
}

}  // namespace
}  // namespace argot::kernel
