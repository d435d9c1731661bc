// Servers and clients that do exactly what a test says, byte by byte.
#pragma once
#include "test_world.h"

#include <boost/asio/redirect_error.hpp>

namespace argot::http::test {

/// Writes all of it; false when the other side is gone.
inline Task<bool> say(Stream& stream, std::string text) {
  std::string_view rest = text;
  error_code failure;
  asio::use_awaitable_t<> awaitable;
  auto token = asio::redirect_error(awaitable, failure);
  while (!rest.empty() && !failure) rest.remove_prefix(co_await stream.async_write_some(asio::buffer(rest), token));
  co_return !failure;
}

/// Reads until `mark` has come or the stream ends; what was read.
inline Task<std::string> hear(Stream& stream, std::string mark) {
  std::string got;
  std::array<char, 4096> room;
  error_code failure;
  asio::use_awaitable_t<> awaitable;
  auto token = asio::redirect_error(awaitable, failure);
  while (!failure && (mark.empty() || got.find(mark) == std::string::npos)) {
    const std::size_t n = co_await stream.async_read_some(asio::buffer(room), token);
    got.append(room.data(), n);
  }
  co_return got;
}

using Script = std::function<Task<>(Stream)>;

/// Plays `script` for each connection to `address`. `script` must live as long as the world.
inline Task<> play(TestContext& ctx, PipeNetwork& network, std::string address, const Script& script) {
  auto listener = co_await network.listen(std::move(address));
  for (;;) {
    Stream stream;
    try {
      stream = co_await listener->accept();
    } catch (const Error&) {
      co_return;
    }
    ctx.spawn("script", script(std::move(stream)));
  }
}

/// The error that a task ends with; fails the test when it ends well.
template <class T> Error error_of(TestContext& ctx, Task<T> task) {
  try {
    ctx.run(std::move(task));
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error came";
  return Error(Code::internal, "no error came");
}

}  // namespace argot::http::test
