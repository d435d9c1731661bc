// Plugins exchanged under a running conversation: everything is delivered once.
#include <kernel/messenger/messenger_test.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t burst = 1000;

std::vector<std::string> numbered() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < burst; ++i) out.push_back("message " + std::to_string(i));
  return out;
}

/// Sends a burst, swapping something at alice and at bob on the way.
void swap_during_burst(const std::function<void(TwoPeople&, int round)>& swap) {
  TwoPeople world;
  world.bring_up();
  const auto wanted = numbered();
  int round = 0;
  for (std::size_t i = 0; i < burst; ++i) {
    world.alice.send(world.bob.id(), wanted[i]);
    if (i % 7 == 0) world.sim.step_for(1ms);
    if (i % 250 == 125) swap(world, round++);
  }
  ASSERT_TRUE(world.until([&] { return world.bob.texts().size() >= burst; }, 1h));
  world.sim.step_for(10min);
  EXPECT_EQ(world.bob.texts(), wanted);
  EXPECT_EQ(world.alice.states(), std::vector<MessageState>(burst, MessageState::sent));
}

void swap_both(TwoPeople& world, const std::string& kind, const std::string& to) {
  for (Person* p : {&world.alice, &world.bob}) {
    SwapRequest request(kind, "", to);
    world.sim.run(p->host(), p->kernel().host().swap(std::move(request)));
  }
}

TEST(Swap, OfTheTransportDuringABurstDeliversEverythingOnce) {
  swap_during_burst([](TwoPeople& world, int) { swap_both(world, "transport", "loopback"); });
}

TEST(Swap, OfTheSuiteDuringABurstDeliversEverythingOnce) {
  swap_during_burst([](TwoPeople& world, int) { swap_both(world, "crypto", "session"); });
}

TEST(Swap, OfTheStorageDuringABurstDeliversEverythingOnce) {
  const auto dir = std::filesystem::temp_directory_path() / ("argot-swap-" + std::to_string(::getpid()));
  std::filesystem::create_directories(dir);
  {
    TwoPeople world;
    world.alice = Person(world.sim, "alice", "memory", dir / "alice");
    world.bob = Person(world.sim, "bob", "memory", dir / "bob");
    world.bring_up();
    const auto wanted = numbered();
    for (std::size_t i = 0; i < burst; ++i) {
      world.alice.send(world.bob.id(), wanted[i]);
      if (i % 7 == 0) world.sim.step_for(1ms);
      if (i % 250 == 125) swap_both(world, "storage", i % 500 == 125 ? "sqlite" : "memory");
    }
    ASSERT_TRUE(world.until([&] { return world.bob.texts().size() >= burst; }, 1h));
    world.sim.step_for(10min);
    EXPECT_EQ(world.bob.texts(), wanted);
    EXPECT_EQ(world.alice.states(), std::vector<MessageState>(burst, MessageState::sent));
  }
  std::filesystem::remove_all(dir);
}

TEST(Swap, ThatFailsLeavesEverythingAsItWas) {
  TwoPeople world;
  world.bring_up();
  SwapRequest request("transport", "", "no-such-transport");
  EXPECT_THROW(world.sim.run(world.alice.host(), world.alice.kernel().host().swap(std::move(request))), Error);
  world.alice.send(world.bob.id(), "still here");
  EXPECT_TRUE(world.until([&] { return world.bob.texts() == std::vector<std::string>{"still here"}; }));
}

}  // namespace
}  // namespace argot::kernel
