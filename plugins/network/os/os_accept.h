#pragma once
// Accepting connections of any kind of socket: what a passing trouble is, what a lack is to be waited for, and what
// ends it.
#include <argot/context.h>
#include <argot/error.h>

#include <boost/asio/redirect_error.hpp>

#include <limits>
#include <memory>
#include <optional>
#include <string>

namespace argot::os {

/// A listening socket, shared with whoever waits in accept(): the listener may be destroyed before that begins or while
/// it waits.
template <class Protocol> struct Listening {
  Context& ctx;
  typename Protocol::acceptor acceptor;
  std::string address;
  /// Accepted connections with this number or more are refused: the rest is for files and connections of our own.
  int descriptors_end = std::numeric_limits<int>::max();
  bool closed = false, told = false;
  std::optional<Duration> told_refused = std::nullopt;

  void close() noexcept {
    closed = true;
    error_code ignored;
    acceptor.close(ignored);
  }
};

enum class AcceptFailure { passing, exhausted, ended };
AcceptFailure judge(const error_code& failure);

/// When the process has no descriptor or memory left for one more connection, waits a little and tries again. Throws
/// as Listener::accept, and Error(resource_exhausted) when it has refused a connection because descriptors run out: it
/// has told so, and whoever can should close some.
template <class Protocol> Task<typename Protocol::socket> accept_next(std::shared_ptr<Listening<Protocol>> state) {
  for (;;) {
    if (state->closed) throw Error(Code::cancelled, "Listening at " + state->address + " has ended.");
    typename Protocol::socket socket(state->acceptor.get_executor());
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    co_await state->acceptor.async_accept(socket, token);
    if (!failure && socket.native_handle() >= state->descriptors_end) {
      const Error full(Code::resource_exhausted,
                       "A connection at " + state->address + " was refused: this process has nearly as many open as " +
                           "its limit of open files allows, and keeps the rest for its own needs.",
                       "Raise the limit of open files (ulimit -n) if this goes on.");
      const Duration now = state->ctx.uptime();
      if (!state->told_refused || now - *state->told_refused > std::chrono::seconds(10)) {
        state->told_refused = now;
        state->ctx.warn(full.sentence());
      }
      throw full;
    }
    if (!failure) {
      state->told = false;
      co_return std::move(socket);
    }
    switch (judge(failure)) {
      case AcceptFailure::passing: break;
      case AcceptFailure::exhausted:
        if (!std::exchange(state->told, true))
          state->ctx.warn("New connections at " + state->address + " wait: " + failure.message() +
                          ". Raise the limit of open files (ulimit -n) if this goes on.");
        co_await state->ctx.sleep(std::chrono::milliseconds(100));
        break;
      case AcceptFailure::ended:
        if (!state->closed && failure != asio::error::operation_aborted)
          throw Error(Code::unavailable,
                      "Accepting connections at " + state->address + " failed: " + failure.message() + ".",
                      "Restart what listens there.");
        throw Error(Code::cancelled, "Listening at " + state->address + " has ended.");
    }
  }
}

}  // namespace argot::os
