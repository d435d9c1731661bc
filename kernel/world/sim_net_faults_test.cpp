// What an experiment can do to the streams of simulated hosts: cut, clog, kill, watch, change.
#include <kernel/world/sim_net_test.h>

namespace argot::kernel {
namespace {

TEST_F(SimNetTest, NothingPassesAPartitionUntilItHeals) {
  join();
  auto r = read(there);
  write(here, "under way");
  world.step_for(1ms);
  world.partition(client, server);
  world.step_for(1min);
  EXPECT_FALSE(r->result);
  write(here, "held");
  world.step_for(1min);
  world.heal(client, server);
  world.run_until_idle();
  EXPECT_EQ(r->got(), "under way");  // first sent, first there
  auto second = read(there);
  world.run_until_idle();
  EXPECT_EQ(second->got(), "held");
}

TEST_F(SimNetTest, AClogIsOneWay) {
  join();
  world.clog(client, server);
  auto at_server = read(there);
  auto at_client = read(here);
  write(here, "a");
  write(there, "b");
  world.step_for(1min);
  EXPECT_FALSE(at_server->result);
  EXPECT_EQ(at_client->got(), "b");
  world.unclog(client, server);
  world.run_until_idle();
  EXPECT_EQ(at_server->got(), "a");
}

TEST_F(SimNetTest, AnIsolatedHostHearsNobodyAndHasItself) {
  world.isolate(client);
  EXPECT_EQ(connect_code("server:80"), Code::unavailable);
  auto self = [](SimHost& h) -> Task<std::string> {
    auto l = co_await h.fabric()->listen("localhost:5");
    Stream s = co_await h.fabric()->connect("127.0.0.1:5");
    Stream t = co_await l->accept();
    co_await test::write(s, "me");
    co_return co_await test::read_some(t);
  };
  EXPECT_EQ(world.run(client, self(client)), "me");
  world.rejoin(client);
  join();
}

TEST_F(SimNetTest, AKilledHostBreaksItsStreamsForTheOthersWhenTheNewsArrives) {
  join();
  auto r = read(here);
  write(there, "first");
  world.run_until_idle();
  EXPECT_EQ(r->got(), "first");
  r = read(here);
  const Duration start = world.uptime();
  server.kill();
  world.run_until_idle();
  EXPECT_EQ(r->result, asio::error::connection_reset);
  EXPECT_EQ(r->at - start, Link().latency);
  auto w = write(here, "x");
  world.run_until_idle();
  EXPECT_EQ(w->result, asio::error::connection_reset);
}

TEST_F(SimNetTest, AKilledHostsOwnOperationsAreDestroyedUnrun) {
  join();
  auto r = read(there);
  EXPECT_EQ(r.use_count(), 2);
  server.kill();
  EXPECT_EQ(r.use_count(), 1);
  there.close();  // what is left of the old kernel may still close its streams
  listener->close();
  world.run_until_idle();
  EXPECT_FALSE(r->result);
}

TEST_F(SimNetTest, AKilledHostListensNoMoreAndItsAddressIsFreeAfterRestart) {
  join();
  server.kill();
  EXPECT_EQ(connect_code("server:80"), Code::unavailable);
  EXPECT_THAT(message, testing::HasSubstr("server:80 refused"));
  server.restart();
  there = Stream();
  listener.reset();
  join();
  auto r = read(there);
  write(here, "again");
  world.run_until_idle();
  EXPECT_EQ(r->got(), "again");
}

TEST_F(SimNetTest, AClientThatDiesWhileConnectingLeavesNothing) {
  auto listen = [](SimNetTest* t) -> Task<> { t->listener = co_await t->server.fabric()->listen("server:80"); };
  world.run(server, listen(this));
  auto dial = [](SimHost& h) -> Task<> { co_await h.fabric()->connect("server:80"); };
  spawn(client, dial(client));
  world.step_for(1ms);
  client.kill();
  world.run_until_idle();
  listener.reset();
  world.run_until_idle();
  EXPECT_EQ(world.open_connections(), 0u);
}

TEST_F(SimNetTest, ObserversSeeEveryPacket) {
  world.observe([&](const Packet& p) {
    seen += std::string(p.from) + ">" + std::string(p.to) + " " + std::string(name_of(p.kind)) + " " +
            std::to_string(p.bytes.size()) + "\n";
  });
  join();
  write(here, "abc");
  here.close();
  world.run_until_idle();
  EXPECT_EQ(seen, "client>server connect 0\nserver>client accept 0\nclient>server data 3\nclient>server end 0\n");
}

TEST_F(SimNetTest, AFilterMayChangeDelayDropAndBreak) {
  join();
  world.set_filter([](Packet& p) {
    if (p.kind != PacketKind::data) return Verdict::pass;
    switch (p.bytes[0]) {
      case 'c': p.bytes[0] = 'C'; return Verdict::pass;
      case 'd': p.delay = 5s; return Verdict::pass;
      case 'x': return Verdict::drop;
      case 'r': return Verdict::reset;
      default: return Verdict::pass;
    }
  });
  const auto pass = [&](const std::string& text) {
    auto r = read(there);
    write(here, text);
    world.run_until_idle();
    return r;
  };
  EXPECT_EQ(pass("change")->got(), "Change");
  const Duration start = world.uptime();
  EXPECT_EQ(pass("delay")->at - start, 5s + Link().latency);
  auto dropped = pass("x");
  EXPECT_FALSE(dropped->result);
  auto mine = read(here);
  write(here, "r");
  world.run_until_idle();
  EXPECT_EQ(dropped->result, asio::error::connection_reset);
  EXPECT_EQ(mine->result, asio::error::connection_reset);
}

}  // namespace
}  // namespace argot::kernel
