// Real sockets on this computer's loopback.
#include "os_network.h"

#include <gmock/gmock.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <sys/resource.h>

namespace argot::os {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Real time on a real loop; nothing else.
class RealContext final : public Context {
 public:
  explicit RealContext(asio::io_context& loop) : loop_(loop) { settings_.set("connect_timeout", Duration(10s)); }
  const std::string& name() const override { return name_; }
  const Settings& settings() const override { return settings_; }
  Settings& change_settings() { return settings_; }
  Time now() const override { return Time(); }
  Duration uptime() const override {
    return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
  }
  void wait_until(Duration at, Handler<void(error_code)> done) override {
    auto timer = std::make_shared<asio::steady_timer>(loop_, std::chrono::steady_clock::time_point(at));
    auto* t = timer.get();
    auto keep = [timer, h = std::make_shared<Handler<void(error_code)>>(std::move(done))](error_code e) {
      std::move (*h)(e);
    };
    t->async_wait(std::move(keep));
  }
  asio::any_io_executor executor() override { return loop_.get_executor(); }
  void spawn(std::string, Task<> task) override {
    asio::co_spawn(loop_, std::move(task), [](std::exception_ptr) {});
  }
  void run_off_loop(std::function<void()> work, Handler<void()> done) override {
    work();
    asio::post(loop_, std::move(done));
  }
  void random(std::span<Byte>) override {}
  bool chance(std::string_view, double) override { return false; }
  Slot& slot(std::string_view) override { throw Error(Code::not_found, "no slot"); }
  std::vector<Slot*> slots(std::string_view) override { return {}; }
  std::filesystem::path data_dir() override { return {}; }
  std::shared_ptr<void>& shared(std::string_view) override { return shared_; }
  void log(LogLevel, std::string_view text) override { lines.emplace_back(text); }
  void request_stop(int) override {}
  std::vector<std::string> lines;

 private:
  asio::io_context& loop_;
  std::string name_ = "os";
  Settings settings_;
  std::shared_ptr<void> shared_;
};

class OsNetworkTest : public testing::Test {
 public:
  OsNetworkTest() { run(network.start(ctx)); }
  template <class T> T run(Task<T> task) {
    std::exception_ptr failure;
    bool done = false;
    std::conditional_t<std::is_void_v<T>, int, std::optional<T>> result{};
    if constexpr (std::is_void_v<T>)
      asio::co_spawn(loop, std::move(task), [&](std::exception_ptr e) { failure = e, done = true; });
    else
      asio::co_spawn(loop, std::move(task), [&](std::exception_ptr e, T value) {
        failure = e, done = true;
        result.emplace(std::move(value));
      });
    loop.restart();
    while (!done && loop.run_one()) continue;
    if (!done) throw Error(Code::internal, "The coroutine waits for something that never comes.");
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
  template <class T> Error error_of(Task<T> task) {
    try {
      run(std::move(task));
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error";
    return Error(Code::internal, "");
  }
  asio::io_context loop;
  RealContext ctx{loop};
  OsNetwork network;
};

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
