#pragma once
// Two hosts and a stream between them.
#include <kernel/world/sim.h>

#include <kernel/world/test_wait.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace argot::kernel {

using namespace std::chrono_literals;
using test::spawn;
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

}  // namespace argot::kernel
