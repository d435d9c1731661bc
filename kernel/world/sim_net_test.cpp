// Streams between simulated hosts: what arrives, when, and how connections come and go.
#include <kernel/world/sim_net_test.h>

#include <boost/asio/bind_cancellation_slot.hpp>

namespace argot::kernel {
namespace {

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
