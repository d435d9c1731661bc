// A kernel that is destroyed without being stopped, as when a machine loses power: nothing of its plugins runs any
// more, nothing leaks, nothing dangles. (The address sanitizer's run of this file is half of the test.)
#include <tests/host/host_fixture.h>

#include <argot/directory.h>
#include <argot/transport.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const char* const everything = R"(
plugins:
  directory: {use: good, nodes: [a], pause: 1s}
  transport: {use: left, pause: 1s}
  app:
    - {use: actor, as: clock, mode: timer}
    - {use: actor, as: ticker, mode: task}
    - {use: actor, as: deaf, mode: stubborn}
    - {use: actor, as: digger, mode: job}
)";

TEST_F(HostTest, AKilledKernelRunsNothingMore) {
  std::optional<Kernel> kernel(std::in_place, world, Profile::parse(everything, "test.yaml"), catalog());
  world.run(kernel->start());
  world.run_for(1500ms);
  events().clear();
  kernel.reset();
  world.run_for(24h);
  EXPECT_THAT(events(), IsEmpty());
  EXPECT_EQ(world.timers(), 0u);
}

TEST_F(HostTest, AKernelCanBeKilledAtEveryTurnOfItsStart) {
  for (int turns = 0;; ++turns) {
    TestWorld world;
    std::optional<Kernel> kernel(std::in_place, world, Profile::parse(everything, "test.yaml"), catalog());
    bool done = false;
    asio::co_spawn(world.executor(), kernel->start(), [&](std::exception_ptr) { done = true; });
    for (int i = 0; i < turns && !done; ++i) world.step();
    bool finished = done;
    kernel.reset();
    world.run_for(24h);
    EXPECT_TRUE(done) << "whoever waited for the start is told";
    EXPECT_EQ(world.timers(), 0u);
    if (finished) break;
  }
}

TEST_F(HostTest, AKernelCanBeKilledAtEveryTurnOfItsStop) {
  for (int turns = 0;; ++turns) {
    TestWorld world;
    std::optional<Kernel> kernel(std::in_place, world, Profile::parse(everything, "test.yaml"), catalog());
    world.run(kernel->start());
    bool done = false;
    asio::co_spawn(world.executor(), kernel->stop(), [&](std::exception_ptr) { done = true; });
    for (int i = 0; i < turns && !done; ++i) world.step();
    bool finished = done;
    kernel.reset();
    world.run_for(24h);
    EXPECT_EQ(world.timers(), 0u);
    if (finished) break;
  }
}

TEST_F(HostTest, AKernelCanBeKilledAtEveryTurnOfASwapWithACallInside) {
  auto call = [](Handle<Transport> transport) -> Task<> {
    auto lease = transport.lease();
    Mailbox mailbox;
    StoreRequest request(mailbox, view("hello"), Duration(1s));
    co_await lease->store(std::move(request));
  };
  for (int turns = 0;; ++turns) {
    TestWorld world;
    std::optional<Kernel> kernel(std::in_place, world, Profile::parse(everything, "test.yaml"), catalog());
    world.run(kernel->start());
    // The caller is another component of the same kernel, so it dies with it.
    kernel->host().context("app", "clock").spawn("call", call(kernel->service<Transport>()));
    bool done = false;
    SwapRequest request("transport", "left", "right");
    asio::co_spawn(world.executor(), kernel->host().swap(std::move(request)), [&](std::exception_ptr) { done = true; });
    for (int i = 0; i < turns && !done; ++i) world.step();
    bool finished = done;
    kernel.reset();
    world.run_for(24h);
    EXPECT_EQ(world.timers(), 0u);
    if (finished) break;
  }
}

TEST_F(HostTest, WhoeverWaitsForTheEndOfAKilledKernelIsTold) {
  std::optional<Kernel> kernel(std::in_place, world, Profile::parse("plugins: {app: actor}", "test.yaml"), catalog());
  world.run(kernel->start());
  std::exception_ptr failure;
  asio::co_spawn(world.executor(), kernel->wait_for_stop(), [&](std::exception_ptr e, int) { failure = e; });
  world.poll();
  kernel.reset();
  world.poll();
  EXPECT_TRUE(failure);
}

TEST_F(HostTest, TenThousandKernelsInOneProcess) {
  Profile profile = Profile::parse(everything, "test.yaml");
  std::vector<std::unique_ptr<TestWorld>> worlds;
  std::vector<std::unique_ptr<Kernel>> kernels;
  for (int i = 0; i < 10'000; ++i) {
    worlds.push_back(std::make_unique<TestWorld>());
    kernels.push_back(std::make_unique<Kernel>(*worlds.back(), profile, catalog()));
    worlds.back()->run(kernels.back()->start());
  }
  EXPECT_EQ(kernels.back()->host().running_plugins().size(), 6u);
  kernels.clear();
}

}  // namespace
}  // namespace argot::kernel
