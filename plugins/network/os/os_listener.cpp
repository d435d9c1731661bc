#include "os_listener.h"

#include "os_address.h"
#include "os_stream.h"

#include <boost/asio/redirect_error.hpp>

namespace argot::os {

namespace {

constexpr Duration pause = std::chrono::milliseconds(100);

enum class Failure { passing, exhausted, ended };

Failure judge(const error_code& failure) {
  switch (failure.value()) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return Failure::exhausted;
    // accept(2): errors of the connection that came are reported here; treat them as if it had not come.
    case ECONNABORTED:
    case EINTR:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case EPERM:
    case ETIMEDOUT: return Failure::passing;
    default: return Failure::ended;
  }
}

}  // namespace

struct OsListener::State {
  Context& ctx;
  asio::ip::tcp::acceptor acceptor;
  std::string address;
  bool closed = false, told = false;

  void close() noexcept {
    closed = true;
    error_code ignored;
    acceptor.close(ignored);
  }
};

OsListener::OsListener(Context& ctx, asio::ip::tcp::acceptor acceptor) {
  std::string address = text_of(acceptor.local_endpoint());
  state_.reset(new State{ctx, std::move(acceptor), std::move(address)});
}

OsListener::~OsListener() { state_->close(); }

void OsListener::close() noexcept { state_->close(); }

std::string OsListener::address() const { return state_->address; }

// The listener may be destroyed before this begins or while it waits.
Task<Stream> OsListener::accept() { return accept_at(state_); }

Task<Stream> OsListener::accept_at(std::shared_ptr<State> state) {
  for (;;) {
    if (state->closed) throw Error(Code::cancelled, "Listening at " + state->address + " has ended.");
    asio::ip::tcp::socket socket(state->acceptor.get_executor());
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    co_await state->acceptor.async_accept(socket, token);
    if (!failure) {
      auto base = std::make_unique<OsStream>(std::move(socket));
      state->told = false;
      co_return Stream(std::move(base));
    }
    switch (judge(failure)) {
      case Failure::passing: break;
      case Failure::exhausted:
        if (!std::exchange(state->told, true))
          state->ctx.warn("New connections at " + state->address + " wait: " + failure.message() +
                          ". Raise the limit of open files (ulimit -n) if this goes on.");
        co_await state->ctx.sleep(pause);
        break;
      case Failure::ended:
        if (!state->closed && failure != asio::error::operation_aborted)
          throw Error(Code::unavailable,
                      "Accepting connections at " + state->address + " failed: " + failure.message() + ".",
                      "Restart what listens there.");
        throw Error(Code::cancelled, "Listening at " + state->address + " has ended.");
    }
  }
}

}  // namespace argot::os
