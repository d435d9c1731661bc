// Real sockets on this computer's loopback.
#include "os_test.h"

#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <sys/resource.h>

namespace argot::os {
namespace {

Task<> echo(Listener& listener) {
  Stream stream = co_await listener.accept();
  std::string text(65536, '\0');
  for (;;) {
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    const auto into = asio::buffer(text);
    const std::size_t n = co_await stream.async_read_some(into, token);
    if (failure) co_return;
    const auto from = asio::buffer(text.data(), n);
    co_await asio::async_write(stream, from, asio::use_awaitable);
  }
}

TEST_F(OsNetworkTest, CarriesBytesBothWays) {
  auto listener = run(network.listen("127.0.0.1:0"));
  ctx.spawn("echo", echo(*listener));
  auto talk = [](OsNetwork& n, std::string to) -> Task<> {
    Stream stream = co_await n.connect(to);
    EXPECT_EQ(stream.peer(), to);
    std::string text(1'000'000, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 + i / 999);
    std::string back(text.size(), '\0');
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t piece = std::min<std::size_t>(50'000, text.size() - at);
      const auto from = asio::buffer(text.data() + at, piece);
      co_await asio::async_write(stream, from, asio::use_awaitable);
      const auto into = asio::buffer(back.data() + at, piece);
      co_await asio::async_read(stream, into, asio::use_awaitable);
      at += piece;
    }
    EXPECT_TRUE(back == text);
  };
  run(talk(network, listener->address()));
}

TEST_F(OsNetworkTest, LooksNamesUp) {
  auto listener = run(network.listen("localhost:0"));
  ctx.spawn("echo", echo(*listener));
  const std::string address = listener->address();
  Stream stream = run(network.connect("localhost" + address.substr(address.rfind(':'))));
  EXPECT_TRUE(stream);
}

TEST_F(OsNetworkTest, SaysThatNobodyListens) {
  std::string address;
  {
    auto listener = run(network.listen("127.0.0.1:0"));
    address = listener->address();
  }
  const Error error = error_of(network.connect(address));
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr(address + " cannot be reached: Connection refused"));
}

TEST_F(OsNetworkTest, SaysThatANameDoesNotExist) {
  const Error error = error_of(network.connect("no-such-host.invalid:80"));
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("no-such-host.invalid could not be looked up"));
}

TEST_F(OsNetworkTest, RefusesAddressesThatMakeNoSense) {
  for (const char* wrong : {"nonsense", "127.0.0.1:0", ":80", "*:80"})
    EXPECT_EQ(error_of(network.connect(wrong)).code(), Code::invalid_argument) << wrong;
  EXPECT_EQ(error_of(network.listen("nonsense")).code(), Code::invalid_argument);
  EXPECT_EQ(error_of(network.listen("192.0.2.1:0")).code(), Code::invalid_argument);  // reserved: nobody has it
}

TEST_F(OsNetworkTest, SaysThatAnAddressIsTaken) {
  auto listener = run(network.listen("127.0.0.1:0"));
  const Error error = error_of(network.listen(listener->address()));
  EXPECT_EQ(error.code(), Code::already_exists);
  EXPECT_THAT(error.what(), HasSubstr(listener->address()));
}

TEST_F(OsNetworkTest, GivesUpConnectingInTime) {
  // A listener whose queue is full answers nobody, and the kernel drops what comes.
  asio::ip::tcp::acceptor full(loop, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0), false);
  full.listen(0);
  std::vector<asio::ip::tcp::socket> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(loop);
    fillers.back().async_connect(full.local_endpoint(), [](error_code) {});
  }
  ctx.change_settings().set("connect_timeout", Duration(50ms));
  OsNetwork hasty;
  run(hasty.start(ctx));
  const Error error = error_of(hasty.connect("127.0.0.1:" + std::to_string(full.local_endpoint().port())));
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("did not answer"));
}

TEST_F(OsNetworkTest, ClosingOrDestroyingAListenerEndsItsAccept) {
  for (bool destroy : {false, true}) {
    auto listener = run(network.listen("127.0.0.1:0"));
    auto accept = listener->accept();
    asio::post(loop, [&] {
      if (destroy)
        listener.reset();
      else
        listener->close();
    });
    EXPECT_EQ(error_of(std::move(accept)).code(), Code::cancelled);
  }
}

TEST_F(OsNetworkTest, ClosingAStreamEndsWhatIsPending) {
  auto listener = run(network.listen("127.0.0.1:0"));
  Stream stream = run(network.connect(listener->address()));
  char byte;
  std::optional<error_code> result;
  stream.async_read_some(asio::buffer(&byte, 1), [&](error_code e, std::size_t) { result = e; });
  stream.close();
  stream.close();
  EXPECT_FALSE(result);
  loop.restart();
  loop.poll();
  EXPECT_EQ(result, asio::error::operation_aborted);
}

TEST_F(OsNetworkTest, WaitsWhenDescriptorsRunOutAndGoesOnLater) {
  auto listener = run(network.listen("127.0.0.1:0"));
  Stream first = run(network.connect(listener->address()));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = ::fcntl(0, F_DUPFD, 0);
  ::close(lowest_free);
  const rlimit none{static_cast<rlim_t>(lowest_free), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  auto accepted = std::make_shared<bool>(false);
  auto accept = [](Listener& l, std::shared_ptr<bool> done) -> Task<> {
    co_await l.accept();
    *done = true;
  };
  ctx.spawn("accept", accept(*listener, accepted));
  loop.restart();
  while (ctx.lines.empty()) loop.run_one();
  EXPECT_THAT(ctx.lines.front(), HasSubstr("Raise the limit of open files"));
  EXPECT_FALSE(*accepted);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  while (!*accepted) loop.run_one();
}

TEST_F(OsNetworkTest, RefusesConnectionsThatWouldTakeTheLastDescriptors) {
  Stream first;
  run(network.listen("127.0.0.1:0"))->close();  // what the loop itself needs is open from now on
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = ::fcntl(0, F_DUPFD, 0);
  ::close(lowest_free);
  // An eighth is kept: what is accepted here would be in it.
  const rlimit few{static_cast<rlim_t>(lowest_free + 3), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  auto listener = run(network.listen("127.0.0.1:0"));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  first = run(network.connect(listener->address()));
  Stream second = run(network.connect(listener->address()));
  Stream third = run(network.connect(listener->address()));
  const Error error = error_of(listener->accept());
  EXPECT_EQ(error.code(), Code::resource_exhausted);
  EXPECT_THAT(error.sentence(), HasSubstr("Raise the limit of open files"));
  ASSERT_EQ(ctx.lines.size(), 1u);
  EXPECT_EQ(error_of(listener->accept()).code(), Code::resource_exhausted);
  EXPECT_EQ(ctx.lines.size(), 1u) << "said once in ten seconds";
}

TEST_F(OsNetworkTest, ListenersThatShareAnAddressEachGetConnections) {
  auto one = run(network.listen_shared("127.0.0.1:0"));
  const std::string address = one->address();
  auto two = run(network.listen_shared(address));
  EXPECT_EQ(two->address(), address);
  EXPECT_EQ(error_of(network.listen(address)).code(), Code::already_exists) << "who does not ask does not share";
  int counts[2] = {0, 0};
  auto count = [](Listener& l, int& n) -> Task<> {
    try {
      for (;; ++n) co_await l.accept();
    } catch (const Error&) {
    }
  };
  ctx.spawn("one", count(*one, counts[0]));
  ctx.spawn("two", count(*two, counts[1]));
  constexpr int many = 200;
  for (int i = 0; i < many; ++i) run(network.connect(address));
  loop.restart();
  while (counts[0] + counts[1] < many) loop.run_one();
  EXPECT_GT(counts[0], many / 10);
  EXPECT_GT(counts[1], many / 10);
  // The others go on when one closes.
  one->close();
  const int before = counts[1];
  for (int i = 0; i < 10; ++i) run(network.connect(address));
  loop.restart();
  while (counts[1] < before + 10) loop.run_one();
  EXPECT_EQ(error_of(network.listen_shared("unix:/tmp/x")).code(), Code::invalid_argument);
}

TEST_F(OsNetworkTest, SocketsAreNotInherited) {
  auto listener = run(network.listen("127.0.0.1:0"));
  Stream stream = run(network.connect(listener->address()));
  int sockets = 0;
  for (int fd = 3; fd < 64; ++fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 || address.ss_family != AF_INET) continue;
    ++sockets;
    EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
  }
  EXPECT_EQ(sockets, 2);
}

}  // namespace
}  // namespace argot::os
