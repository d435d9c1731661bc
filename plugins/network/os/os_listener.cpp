#include "os_listener.h"

#include "os_address.h"
#include "os_stream.h"

#include <sys/resource.h>

namespace argot::os {

AcceptFailure judge(const error_code& failure) {
  switch (failure.value()) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return AcceptFailure::exhausted;
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
    case ETIMEDOUT: return AcceptFailure::passing;
    default: return AcceptFailure::ended;
  }
}

OsListener::OsListener(Context& ctx, asio::ip::tcp::acceptor acceptor) {
  std::string address = text_of(acceptor.local_endpoint());
  state_.reset(new State{ctx, std::move(acceptor), std::move(address)});
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < rlim_t(std::numeric_limits<int>::max()))
    state_->descriptors_end = static_cast<int>(files.rlim_cur - std::min<rlim_t>(64, files.rlim_cur / 8));
}

OsListener::~OsListener() { state_->close(); }

void OsListener::close() noexcept { state_->close(); }

std::string OsListener::address() const { return state_->address; }

Task<Stream> OsListener::accept() { return accept_at(state_); }

Task<Stream> OsListener::accept_at(std::shared_ptr<State> state) {
  asio::ip::tcp::socket socket = co_await accept_next(std::move(state));
  auto base = std::make_unique<OsStream>(std::move(socket));
  co_return Stream(std::move(base));
}

}  // namespace argot::os
