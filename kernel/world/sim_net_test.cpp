// Streams between simulated hosts, and what an experiment can do to them.
#include <kernel/world/sim.h>

#include <kernel/world/test_wait.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;
using test::wait;

class SimNetTest : public testing::Test {
 public:
  /// A stream from `client` to `server`, both ends.
  void join() {
    auto accept_one = [](SimNetTest* t) -> Task<> {
      t->listener = co_await t->server.fabric()->listen("server:80");
      t->there = co_await t->listener->accept();
    };
    auto dial = [](SimNetTest* t) -> Task<> { t->here = co_await t->client.fabric()->connect("server:80"); };
    spawn(server, accept_one(this));
    world.run(client, dial(this));
    ASSERT_TRUE(world.step_until([&] { return bool(there); }));
  }
  static void spawn(SimHost& host, Task<> task) {
    asio::co_spawn(host.executor(), std::move(task), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
  }
  /// How a read on a stream ends, when it does.
  struct Read {
    std::optional<error_code> result;
    std::string text = std::string(1000, '\0');
    std::size_t size = 0;
    Duration at{0};
    std::string got() const { return text.substr(0, size); }
  };
  std::shared_ptr<Read> read(Stream& stream) {
    auto r = std::make_shared<Read>();
    stream.async_read_some(asio::buffer(r->text), [r, this](error_code e, std::size_t n) {
      r->result = e;
      r->size = n;
      r->at = world.uptime();
    });
    return r;
  }
  struct Written {
    std::optional<error_code> result;
    std::size_t size = 0;
  };
  std::shared_ptr<Written> write(Stream& stream, const std::string& text) {
    auto w = std::make_shared<Written>();
    stream.async_write_some(asio::buffer(text), [w](error_code e, std::size_t n) {
      w->result = e;
      w->size = n;
    });
    return w;
  }
  template <class F> Code code_of(F f) {
    try {
      f();
    } catch (const Error& error) {
      message = error.what();
      return error.code();
    }
    ADD_FAILURE() << "no error";
    return Code::internal;
  }
  Code connect_code(std::string address) {
    auto dial = [](SimHost& h, std::string to) -> Task<> { co_await h.fabric()->connect(to); };
    return code_of([&] { world.run(client, dial(client, address)); });
  }
  Code listen_code(std::string address) {
    auto listen = [](SimHost& h, std::string at) -> Task<> { co_await h.fabric()->listen(at); };
    return code_of([&] { world.run(server, listen(server, address)); });
  }

  std::string seen;  // by an observer, to the end
  SimWorld world{77};
  SimHost& client = world.host("client");
  SimHost& server = world.host("server");
  std::unique_ptr<Listener> listener;
  Stream here, there;
  std::string message;
};

TEST_F(SimNetTest, BytesArriveAfterTheLatency) {
  join();
  const Duration start = world.uptime();
  auto r = read(there);
  write(here, "hello");
  world.run_until_idle();
  EXPECT_EQ(r->got(), "hello");
  EXPECT_EQ(r->at - start, Link().latency);
  EXPECT_EQ(here.peer(), "server:80");
  EXPECT_THAT(there.peer(), testing::StartsWith("client:"));
}

TEST_F(SimNetTest, ClosingIsTheEndOfTheOthersReadingAfterWhatWasSent) {
  join();
  write(here, "last words");
  here.close();
  world.run_until_idle();
  auto first = read(there);
  world.run_until_idle();
  EXPECT_EQ(first->got(), "last words");
  auto second = read(there);
  world.run_until_idle();
  EXPECT_EQ(second->result, asio::error::eof);
  // Nobody reads at the other end any more: the first write goes out, the answer to it is a reset.
  EXPECT_FALSE(*([&] {
                  auto w = write(there, "still here?");
                  world.run_until_idle();
                  return w;
                })()
                    ->result);
  auto w = write(there, "hello?");
  world.run_until_idle();
  EXPECT_EQ(w->result, asio::error::connection_reset);
}

TEST_F(SimNetTest, ClosingEndsOnesOwnOperationsAborted) {
  join();
  auto r = read(here);
  here.close();
  EXPECT_FALSE(r->result);  // not from inside close()
  world.run_until_idle();
  EXPECT_EQ(r->result, asio::error::operation_aborted);
  auto again = read(here);
  world.run_until_idle();
  EXPECT_EQ(again->result, asio::error::operation_aborted);
}

TEST_F(SimNetTest, DestroyingAStreamClosesIt) {
  join();
  auto r = read(here);
  here = Stream();
  auto other = read(there);
  world.run_until_idle();
  EXPECT_EQ(r->result, asio::error::operation_aborted);
  EXPECT_EQ(other->result, asio::error::eof);
}

TEST_F(SimNetTest, AReadCanBeCancelledAndTheStreamGoesOn) {
  join();
  asio::cancellation_signal cancel;
  std::optional<error_code> result;
  char byte;
  here.async_read_some(asio::buffer(&byte, 1),
                       asio::bind_cancellation_slot(cancel.slot(), [&](error_code e, std::size_t) { result = e; }));
  cancel.emit(asio::cancellation_type::terminal);
  world.run_until_idle();
  EXPECT_EQ(result, asio::error::operation_aborted);
  write(there, "x");
  auto r = read(here);
  world.run_until_idle();
  EXPECT_EQ(r->got(), "x");
}

TEST_F(SimNetTest, AWriterIsHeldBackUntilTheReaderReads) {
  join();
  const std::string much(1024 * 1024, 'x');
  std::size_t sent = 0;
  for (;;) {
    auto w = write(here, much);
    world.run_until_idle();
    if (!w->result) break;  // waits
    sent += w->size;
    ASSERT_LE(sent, SimConnection::window);
  }
  EXPECT_EQ(sent, SimConnection::window);
  auto drain = [](Stream& s, std::size_t size) -> Task<> { co_await test::read_exactly(s, size); };
  world.run(server, drain(there, sent + 1));
}

TEST_F(SimNetTest, MuchMoreThanTheWindowPassesWhole) {
  join();
  std::string much(5'000'000, '\0');
  for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>(i * 7 + i / 1000);
  auto send = [](Stream& s, std::string text) -> Task<> { co_await test::write(s, std::move(text)); };
  spawn(client, send(here, much));
  auto take = [](Stream& s, std::size_t size) -> Task<std::string> { co_return co_await test::read_exactly(s, size); };
  EXPECT_TRUE(world.run(server, take(there, much.size())) == much);
}

TEST_F(SimNetTest, ClosingOnUnreadBytesFreesAWriterThatWaits) {
  join();
  const std::string much(SimConnection::window, 'x');
  auto send = [](Stream& s, std::string text) -> Task<> { co_await test::write(s, std::move(text)); };
  spawn(client, send(here, much));
  world.run_until_idle();
  auto w = write(here, "more");
  world.run_until_idle();
  EXPECT_FALSE(w->result);
  there.close();
  world.run_until_idle();
  EXPECT_EQ(w->result, asio::error::connection_reset);
}

TEST_F(SimNetTest, BandwidthStretchesWhatIsSent) {
  join();
  world.set_link(client, server, {.latency = 1ms, .bandwidth = 1000});
  const Duration start = world.uptime();
  write(here, std::string(500, 'x'));
  auto r = read(there);
  world.run_until_idle();
  EXPECT_EQ(r->at - start, 501ms);
}

TEST_F(SimNetTest, LossIsDelayAndKeepsTheOrder) {
  join();
  world.set_link(client, server, {.jitter = 30ms, .loss = 0.3});
  std::string expected, got;
  auto send = [](Stream& s, std::string& all) -> Task<> {
    for (int i = 0; i < 200; ++i) {
      std::string piece = std::to_string(i) + " ";
      all += piece;
      co_await test::write(s, std::move(piece));
    }
    s.close();
  };
  auto take = [](Stream& s, std::string& all) -> Task<> {
    for (;;) {
      std::string piece = co_await test::read_some(s);
      if (piece.empty()) co_return;
      all += piece;
    }
  };
  spawn(client, send(here, expected));
  const Duration start = world.uptime();
  world.run(server, take(there, got));
  EXPECT_EQ(got, expected);
  EXPECT_GE(world.uptime() - start, 200ms);
}

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

TEST_F(SimNetTest, ConnectingSaysWhatWentWrong) {
  EXPECT_EQ(connect_code("server:80"), Code::unavailable);
  EXPECT_THAT(message, testing::HasSubstr("refused"));
  EXPECT_EQ(connect_code("nowhere:80"), Code::unavailable);
  EXPECT_THAT(message, testing::HasSubstr("no host nowhere"));
  for (const char* wrong :
       {"server", "server:", "server:x", "server:65536", "server:-1", "server:80 ", ":80", "server:0", ""})
    EXPECT_EQ(connect_code(wrong), Code::invalid_argument) << wrong;
}

TEST_F(SimNetTest, ConnectingIsBoundedInTime) {
  world.partition(client, server);
  const Duration start = world.uptime();
  EXPECT_EQ(connect_code("server:80"), Code::unavailable);
  EXPECT_THAT(message, testing::HasSubstr("10 seconds"));
  EXPECT_EQ(world.uptime() - start, 10s);
}

TEST_F(SimNetTest, AConnectionGrantedTooLateIsBroken) {
  world.set_link_one_way(server, client, {.latency = 11s});
  auto accept_one = [](SimNetTest* t) -> Task<> {
    t->listener = co_await t->server.fabric()->listen("server:80");
    t->there = co_await t->listener->accept();
  };
  spawn(server, accept_one(this));
  EXPECT_EQ(connect_code("server:80"), Code::unavailable);
  ASSERT_TRUE(there);
  auto r = read(there);
  world.run_until_idle();
  EXPECT_EQ(r->result, asio::error::connection_reset);
}

TEST_F(SimNetTest, ListeningSaysWhatWentWrong) {
  join();
  EXPECT_EQ(listen_code("server:80"), Code::already_exists);
  EXPECT_EQ(listen_code("client:80"), Code::invalid_argument);
  EXPECT_EQ(listen_code("nonsense"), Code::invalid_argument);
}

TEST_F(SimNetTest, PortZeroIsAnyFreePort) {
  auto two = [](SimHost& h) -> Task<std::string> {
    auto a = co_await h.fabric()->listen("server:0");
    auto b = co_await h.fabric()->listen("0.0.0.0:0");
    EXPECT_NE(a->address(), b->address());
    co_return a->address();
  };
  EXPECT_THAT(world.run(server, two(server)), testing::StartsWith("server:4915"));
}

TEST_F(SimNetTest, ClosingAListenerEndsItsAcceptAndRefusesFromThenOn) {
  auto listen = [](SimNetTest* t) -> Task<> {
    t->listener = co_await t->server.fabric()->listen("server:80");
    co_await t->listener->accept();
  };
  world.in(1s, [&] { listener.reset(); });
  EXPECT_EQ(code_of([&] { world.run(server, listen(this)); }), Code::cancelled);
  EXPECT_EQ(connect_code("server:80"), Code::unavailable);
}

TEST_F(SimNetTest, TooManyUnacceptedConnectionsAreRefused) {
  auto listen = [](SimNetTest* t) -> Task<> { t->listener = co_await t->server.fabric()->listen("server:80"); };
  world.run(server, listen(this));
  std::vector<Stream> streams;
  int refused = 0;
  auto dial = [](SimHost& h, std::vector<Stream>& all, int& no) -> Task<> {
    try {
      all.push_back(co_await h.fabric()->connect("server:80"));
    } catch (const Error&) {
      ++no;
    }
  };
  for (std::size_t i = 0; i < SimListening::max_backlog + 10; ++i) spawn(client, dial(client, streams, refused));
  world.run_until_idle();
  EXPECT_EQ(streams.size(), SimListening::max_backlog);
  EXPECT_EQ(refused, 10);
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

TEST_F(SimNetTest, EmptyReadsAndWritesEndAtOnceAndSendNothing) {
  join();
  const auto before = world.events();
  auto w = write(here, "");
  std::optional<error_code> r;
  here.async_read_some(asio::mutable_buffer(), [&](error_code e, std::size_t) { r = e; });
  world.run_until_idle();
  EXPECT_EQ(w->result, error_code());
  EXPECT_EQ(r, error_code());
  EXPECT_EQ(world.events() - before, 2u);  // two turns, no packet
}

TEST_F(SimNetTest, OpenConnectionsAreCountedDownAgain) {
  join();
  EXPECT_EQ(world.open_connections(), 2u);
  here = Stream();
  there = Stream();
  world.run_until_idle();
  EXPECT_EQ(world.open_connections(), 0u);
}

}  // namespace
}  // namespace argot::kernel
