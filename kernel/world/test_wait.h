#pragma once
// What world tests start and await: a coroutine, a sleep, a whole read, without a Context.
#include <kernel/world/world.h>

#include <argot/error.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <string>

namespace argot::kernel::test {

/// What leaves the coroutine leaves the run.
inline void spawn(World& world, Task<> task) {
  asio::co_spawn(world.executor(), std::move(task), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

inline Task<error_code> wait(World& world, Duration time) {
  error_code result;
  auto token = asio::redirect_error(asio::use_awaitable, result);
  const Duration at = world.uptime() + time;
  co_await asio::async_initiate<decltype(token), void(error_code)>(
      [](auto handler, World* w, Duration when) { w->wait_until(when, Handler<void(error_code)>(std::move(handler))); },
      token, &world, at);
  co_return result;
}

/// At least one byte, as text; empty at the end of the stream. Throws boost::system::system_error.
inline Task<std::string> read_some(Stream& stream, std::size_t most = 65536) {
  std::string text(most, '\0');
  error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  const auto into = asio::buffer(text);
  const std::size_t n = co_await stream.async_read_some(into, token);
  if (failure && failure != asio::error::eof) throw boost::system::system_error(failure);
  text.resize(n);
  co_return text;
}

inline Task<std::string> read_exactly(Stream& stream, std::size_t size) {
  std::string text(size, '\0');
  const auto into = asio::buffer(text);
  co_await asio::async_read(stream, into, asio::use_awaitable);
  co_return text;
}

inline Task<> write(Stream& stream, std::string text) {
  const auto from = asio::buffer(text);
  co_await asio::async_write(stream, from, asio::use_awaitable);
}

/// Answers every connection with what it sends, until the listener closes.
inline Task<> echo(World& world, std::string address) {
  auto listener = co_await world.fabric()->listen(address);
  for (;;) {
    auto stream = std::make_shared<Stream>(co_await listener->accept());
    auto serve = [](std::shared_ptr<Stream> s) -> Task<> {
      for (;;) {
        std::string text = co_await read_some(*s);
        if (text.empty()) co_return;
        co_await write(*s, std::move(text));
      }
    };
    asio::co_spawn(world.executor(), serve(stream), [](std::exception_ptr) {});
  }
}

}  // namespace argot::kernel::test
