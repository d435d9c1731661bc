// Starting and stopping a kernel, and what can go wrong with it.
#include <kernel/host/gate.h>
#include <kernel/host/kernel_context.h>
#include <tests/host/host_fixture.h>

#include <argot/directory.h>
#include <argot/fabric.h>
#include <argot/transport.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Service {
  static constexpr std::string_view interface_id = "messenger/1", kind = "messenger";
};

TEST_F(HostTest, StartsPluginsInOrderAndStopsThemInReverse) {
  Kernel kernel = make(R"(
plugins:
  app: courier
  transport: left
  directory: {use: good, nodes: [alpha, beta]}
)");
  world.run(kernel.start());
  EXPECT_THAT(events(), ElementsAre("start left 1.0.0", "start courier"));
  EXPECT_EQ(kernel.service<Directory>().lease()->nodes().size(), 2u);
  EXPECT_EQ(kernel.service<Transport>().provider(), "left");
  world.run(kernel.stop());
  EXPECT_THAT(events(), ElementsAre("start left 1.0.0", "start courier", "stop courier", "stop left 1.0.0"));
  EXPECT_THAT(kernel.host().leftovers(), IsEmpty());
}

TEST_F(HostTest, CallsAPluginThroughItsSlotAndItsWaitsTakeVirtualTime) {
  Kernel kernel = make("plugins: {directory: {use: good, nodes: [a], pause: 5s}}");
  world.run(kernel.start());
  Handle<Directory> directory = kernel.service<Directory>();
  auto refresh = [](Handle<Directory> d) -> Task<> {
    auto lease = d.lease();
    co_await lease->refresh();
  };
  Duration before = world.uptime();
  world.run(refresh(directory));
  EXPECT_EQ(directory.lease()->generation(), 1u);
  EXPECT_EQ(world.uptime() - before, 5s);
  world.run(kernel.stop());
  EXPECT_FALSE(directory) << "after the stop nothing is bound any more";
  EXPECT_THROW(directory.lease(), Error);
}

/// Sleeps until somebody cancels it, and notes that it goes on.
Task<> sleep_long(Context* ctx, std::vector<std::string>* log) {
  try {
    co_await ctx->sleep(1h);
  } catch (const Error&) {  // cancelled
  }
  log->push_back("the sleeper goes on");
}

Task<> wait_at(Gate gate, std::vector<std::string>* log) {
  co_await gate.wait();
  log->push_back("the waiter goes on");
}

TEST_F(HostTest, WhoCancelsAWaitIsNotInterruptedByTheOneThatWaited) {
  Kernel kernel = make("plugins: {directory: {use: good, nodes: [a]}}");
  world.run(kernel.start());
  Context& ctx = kernel.host().context("directory", "good");
  std::vector<std::string> log;
  asio::cancellation_signal cancel;
  asio::co_spawn(ctx.executor(), sleep_long(&ctx, &log), asio::bind_cancellation_slot(cancel.slot(), asio::detached));
  world.poll();
  asio::post(ctx.executor(), [&] {
    log.push_back("cancels");
    cancel.emit(asio::cancellation_type::terminal);
    log.push_back("has cancelled");
  });
  world.poll();
  EXPECT_THAT(log, ElementsAre("cancels", "has cancelled", "the sleeper goes on"));
  world.run(kernel.stop());
}

TEST_F(HostTest, AWaitOfAPluginThatStopsEndsInATurnOfItsOwn) {
  Kernel kernel = make("plugins: {directory: {use: good, nodes: [a]}}");
  world.run(kernel.start());
  auto& ctx = static_cast<KernelContext&>(kernel.host().context("directory", "good"));
  ctx.refuse_waits();
  std::vector<std::string> log;
  asio::post(ctx.executor(), [&] {
    log.push_back("waits");
    ctx.wait_until(ctx.uptime() + 1h, [&](error_code failure) { log.push_back(failure ? "refused" : "woken"); });
    log.push_back("has begun to wait");
  });
  world.poll();
  EXPECT_THAT(log, ElementsAre("waits", "has begun to wait", "refused"));
  world.run(kernel.stop());
}

TEST_F(HostTest, WhoOpensAGateIsNotInterruptedByTheOneThatWaited) {
  Kernel kernel = make("plugins: {directory: {use: good, nodes: [a]}}");
  world.run(kernel.start());
  Context& ctx = kernel.host().context("directory", "good");
  std::vector<std::string> log;
  Gate gate;
  asio::co_spawn(ctx.executor(), wait_at(gate, &log), asio::detached);
  world.poll();
  asio::post(ctx.executor(), [&] {
    log.push_back("opens");
    gate.open();
    log.push_back("has opened");
  });
  world.poll();
  EXPECT_THAT(log, ElementsAre("opens", "has opened", "the waiter goes on"));
  world.run(kernel.stop());
}

TEST_F(HostTest, SettingsHaveTheirDefaultsAndTypes) {
  Kernel kernel = make("plugins: {directory: {use: good, nodes: [a], fast: true}}");
  world.run(kernel.start());
  const Settings& settings = kernel.host().context("directory", "good").settings();
  EXPECT_EQ(settings.duration("pause"), Duration(10ms));
  EXPECT_EQ(settings.number("count"), 3);
  EXPECT_EQ(settings.number("room"), 65536);
  EXPECT_TRUE(settings.flag("fast"));
  EXPECT_EQ(settings.text("label"), "x");
}

TEST_F(HostTest, APluginThatFailsInStartStopsWhatHadStartedInReverseOrder) {
  Kernel kernel = make(R"(
plugins:
  directory: {use: good, nodes: [a]}
  transport: left
  app: [{use: actor, as: one}, {use: actor, as: two, mode: foreign-exception}, {use: actor, as: three}]
)");
  EXPECT_EQ(sentence_of([&] { world.run(kernel.start()); }), "app/actor 1.0.0 as two could not start: index 7 of 5.");
  EXPECT_THAT(events(), ElementsAre("start left 1.0.0", "start one", "start two", "stop one", "stop left 1.0.0"));
  EXPECT_THAT(kernel.host().running_plugins(), IsEmpty());
  world.run(kernel.stop());
}

TEST_F(HostTest, ARemedyThatAPluginGivesReachesTheUser) {
  Kernel kernel = make("plugins: {transport: {use: left, refuse: true}}");
  EXPECT_EQ(sentence_of([&] { world.run(kernel.start()); }),
            "transport/left 1.0.0 could not start: The post office is closed. Come back tomorrow.");
}

TEST_F(HostTest, APluginWhoseConstructorThrowsIsNamed) {
  Kernel kernel = make("plugins: {directory: thrower, transport: left}");
  std::string sentence = sentence_of([&] { world.run(kernel.start()); });
  EXPECT_THAT(sentence, HasSubstr("Plugin directory/thrower 1.0.0"));
  EXPECT_THAT(sentence, HasSubstr("could not be created: no disk in drive A"));
  EXPECT_THAT(events(), IsEmpty()) << "nothing starts before everything is made";
}

TEST_F(HostTest, AMissingRequirementNamesTheChainAndWhatWouldMeetIt) {
  Kernel kernel = make("plugins: {app: courier}");
  EXPECT_EQ(
      sentence_of([&] { world.run(kernel.start()); }),
      "app/courier 1.0.0 needs transport/1, which nothing in the profile provides. Add one of these to the profile: "
      "transport/hungry, transport/left, transport/right, transport/round.");
}

TEST_F(HostTest, ARequirementThatNobodyKnowsSaysSo) {
  Kernel kernel = make("plugins: {app: talker}");
  EXPECT_EQ(sentence_of([&] { world.run(kernel.start()); }),
            "app/talker 1.0.0 needs messenger/1, which nothing in the profile provides. "
            "No plugin that provides messenger/1 was found; install one.");
}

TEST_F(HostTest, ACircularRequirementNamesTheCircle) {
  Kernel kernel = make("plugins: {app: courier, directory: circle, transport: round}");
  EXPECT_EQ(
      sentence_of([&] { world.run(kernel.start()); }),
      "The plugins need each other in a circle: transport/round 1.0.0 needs directory/1, which directory/circle 1.0.0 "
      "provides, which needs transport/1, which transport/round 1.0.0 provides. "
      "Load another plugin in place of one of them.");
}

TEST_F(HostTest, ALabOnlyPluginNeedsALabProfile) {
  Kernel strict = make("plugins: {app: experiment}");
  EXPECT_THAT(sentence_of([&] { strict.host().check(); }),
              HasSubstr("test.yaml:1:16: The plugin app/experiment 1.0.0 is only for experiments"));
  Kernel lab = make("{lab: true, plugins: {app: experiment}}");
  world.run(lab.start());
  world.run(lab.stop());
}

TEST_F(HostTest, TheWorldsFabricMeetsARequirement) {
  Kernel without = make("plugins: {transport: hungry}");
  EXPECT_THAT(sentence_of([&] { without.host().check(); }),
              HasSubstr("needs fabric/1, which nothing in the profile provides"));
  struct NoFabric final : Fabric {
    Task<Stream> connect(std::string) override { throw Error(Code::unavailable, "Nobody is there."); }
    Task<std::unique_ptr<Listener>> listen(std::string) override { throw Error(Code::unavailable, "No."); }
  } fabric;
  world.fabric_ = &fabric;
  Kernel with = make("plugins: {transport: hungry}");
  world.run(with.start());
  EXPECT_EQ(&*with.service<Fabric>().lease(), &fabric);
  world.run(with.stop());
}

TEST_F(HostTest, WhatAPluginLeavesRunningIsNamedAndTakenAway) {
  Kernel kernel = make(R"(
plugins:
  app:
    - {use: actor, as: clock, mode: timer}
    - {use: actor, as: ticker, mode: task}
    - {use: actor, as: deaf, mode: stubborn}
    - {use: actor, as: tidy}
)");
  world.run(kernel.start());
  world.run_for(2500ms);
  EXPECT_THAT(events(), ::testing::Contains("tick").Times(2));
  world.run(kernel.stop());
  const std::vector<Leftover>& left = kernel.host().leftovers();
  ASSERT_EQ(left.size(), 4u);
  EXPECT_EQ(left[0].plugin, "app/actor 1.0.0 as deaf");
  EXPECT_EQ(left[0].what, "task deaf");
  EXPECT_FALSE(left[0].obeyed);
  EXPECT_EQ(left[1].what, "a timer");
  EXPECT_EQ(left[2].what, "task tick");
  EXPECT_TRUE(left[2].obeyed) << "a task that sleeps ends when it is told to";
  EXPECT_EQ(left[3].plugin, "app/actor 1.0.0 as clock");
  EXPECT_EQ(left[3].what, "a timer");
  EXPECT_TRUE(
      world.logged_like("warning clock: plugin clock left a timer running after stop(); the host took it away"));
  events().clear();
  world.run_for(24h);
  EXPECT_THAT(events(), IsEmpty());
  EXPECT_EQ(world.timers(), 0u);
}

TEST_F(HostTest, AStopThatNeverReturnsIsEndedAfterFiveSeconds) {
  Kernel kernel = make("plugins: {app: [{use: actor, as: slow, mode: slow-stop}, {use: actor, as: other}]}");
  world.run(kernel.start());
  Duration before = world.uptime();
  world.run(kernel.stop());
  EXPECT_LE(world.uptime() - before, 6s);
  EXPECT_GE(world.uptime() - before, 5s);
  EXPECT_TRUE(world.logged_like("plugin slow: stop failed: It did not finish within 5 s."));
  EXPECT_THAT(events(), ElementsAre("start slow", "start other", "stop other", "stop slow"));
}

TEST_F(HostTest, AStopThatThrowsIsLoggedAndTheOthersStop) {
  Kernel kernel = make("plugins: {app: [{use: actor, as: one}, {use: actor, as: jammed, mode: failing-stop}]}");
  world.run(kernel.start());
  world.run(kernel.stop());
  EXPECT_TRUE(world.logged_like("error jammed: plugin jammed: stop failed: The door is stuck."));
  EXPECT_THAT(events(), ElementsAre("start one", "start jammed", "stop jammed", "stop one"));
}

TEST_F(HostTest, AnExceptionThatLeavesATaskIsLoggedWithPluginAndTask) {
  Kernel kernel = make("plugins: {app: {use: actor, mode: failing-task}}");
  world.run(kernel.start());
  world.run_for(1s);
  EXPECT_TRUE(world.logged_like("error actor: plugin actor: task crash failed: something broke."));
  world.run(kernel.stop());
}

TEST_F(HostTest, WorkOffTheLoopComesBack) {
  Kernel kernel = make("plugins: {app: {use: actor, mode: job}}");
  world.run(kernel.start());
  world.run_for(1ms);
  EXPECT_THAT(events(), ElementsAre("start actor", "dug 7"));
  world.run(kernel.stop());
}

TEST_F(HostTest, AJobThatHasNotBegunIsDroppedAtStop) {
  world.hold_jobs = true;
  Kernel kernel = make("plugins: {app: {use: actor, mode: job}}");
  world.run(kernel.start());
  world.poll();
  ASSERT_EQ(world.held_.size(), 1u);
  kernel.host().check();
  world.run(kernel.stop());
  ASSERT_FALSE(kernel.host().leftovers().empty());
  world.held_[0].first();  // a worker gets to it late: nothing may happen
  EXPECT_THAT(events(), ElementsAre("start actor", "stop actor"));
}

TEST_F(HostTest, AnAppCanAskTheKernelToStop) {
  Kernel kernel = make("plugins: {app: {use: actor, mode: quit}}");
  int code = 0;
  auto whole_life = [](Kernel* k, int* out) -> Task<> {
    co_await k->start();
    *out = co_await k->wait_for_stop();
    co_await k->stop();
  };
  world.run(whole_life(&kernel, &code));
  EXPECT_EQ(code, 3);
  EXPECT_EQ(kernel.exit_code(), 3);
}

TEST_F(HostTest, ABuiltInComponentJoinsWhenItIsNeededOrWhenItCanWork) {
  struct Builtin final : PluginOf<Service> {
    Task<> start(Context& ctx) override {
      ctx.info("here");
      co_return;
    }
  };
  Descriptor descriptor{.name = "messenger",
                        .version = "1.0.0",
                        .summary = "Built in",
                        .kind = "messenger",
                        .provides = "messenger/1",
                        .needs = "transport/1"};
  auto factory = [](Host&) { return std::make_unique<Builtin>(); };

  Kernel able = make("plugins: {transport: left}");
  able.host().add_builtin(descriptor, factory);
  world.run(able.start());
  EXPECT_EQ(able.host().running_plugins().size(), 2u);
  SwapRequest request("messenger", "", "messenger");
  EXPECT_THAT(sentence_of([&] { world.run(able.host().swap(std::move(request))); }),
              HasSubstr("is part of the kernel and cannot be swapped"));
  world.run(able.stop());

  Kernel idle = make("plugins: {directory: {use: good, nodes: []}}");
  idle.host().add_builtin(descriptor, factory);
  world.run(idle.start());
  EXPECT_EQ(idle.host().running_plugins().size(), 1u) << "what it needs is not there, and nobody needs it";
  world.run(idle.stop());

  Kernel needed = make("plugins: {app: talker}");
  needed.host().add_builtin(descriptor, factory);
  EXPECT_THAT(
      sentence_of([&] { needed.host().check(); }),
      HasSubstr(
          "app/talker 1.0.0 needs messenger/1, which messenger/messenger 1.0.0 provides, which needs transport/1, "
          "which nothing in the profile provides"));
}

TEST_F(HostTest, ADataDirectoryBelongsToOneInstance) {
  auto base = std::filesystem::temp_directory_path() / "argot-host-test-data";
  std::filesystem::remove_all(base);
  Profile profile =
      Profile::parse("{data: state, plugins: {app: [{use: actor, as: one}, {use: actor, as: two}]}}", "p.yaml", base);
  Kernel kernel(world, profile, catalog());
  world.run(kernel.start());
  auto one = kernel.host().context("app", "one").data_dir();
  EXPECT_EQ(one, base / "state" / "app" / "one");
  EXPECT_TRUE(std::filesystem::is_directory(one));
  EXPECT_NE(one, kernel.host().context("app", "two").data_dir());
  EXPECT_EQ(std::filesystem::status(one).permissions(), std::filesystem::perms::owner_all);
  std::filesystem::remove_all(base);

  Kernel nowhere = make("plugins: {app: actor}");
  world.run(nowhere.start());
  EXPECT_THAT(sentence_of([&] { nowhere.host().context("app", "actor").data_dir(); }),
              HasSubstr("has no data directory"));
}

TEST_F(HostTest, AServiceThatNobodyProvidesIsAnErrorThatSaysWhoAsks) {
  Kernel kernel = make("plugins: {app: actor}");
  world.run(kernel.start());
  EXPECT_THAT(sentence_of([&] { kernel.host().context("app", "actor").service<Transport>(); }),
              HasSubstr("No plugin of this kernel provides transport/1, which actor asks for"));
  EXPECT_THAT(kernel.host().context("app", "actor").services<Transport>(), IsEmpty());
}

TEST_F(HostTest, StartingTwiceIsRefused) {
  Kernel kernel = make("plugins: {app: actor}");
  world.run(kernel.start());
  EXPECT_THROW(world.run(kernel.start()), Error);
  world.run(kernel.stop());
  world.run(kernel.stop());
}

}  // namespace
}  // namespace argot::kernel
