#include "os_network.h"

#include "os_address.h"
#include "os_listener.h"
#include "os_local.h"
#include "os_stream.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/socket_base.hpp>

#include <sys/resource.h>
#include <sys/socket.h>

namespace argot::os {

using asio::ip::tcp;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;  // Asio has no name for it

namespace {

/// As many as we may have without asking anybody: a service node has thousands of connections, and what a shell gives
/// by default is 1,024. Nothing here uses select(), which that default protects.
void raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(files.rlim_max, 65'536);
  if (files.rlim_cur >= wanted) return;
  files.rlim_cur = wanted;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

Task<> OsNetwork::start(Context& ctx) {
  ctx_ = &ctx;
  raise_file_limit();
  timeout_ = ctx.settings().duration("connect_timeout");
  if (timeout_ <= Duration(0))
    throw Error(Code::invalid_argument, "The option connect_timeout of " + ctx.name() + " must be more than zero.",
                "Write a time such as 10s.");
  co_return;
}

/// Asking for a name. The system's resolver cannot be interrupted, so on expiry it is left to end by itself.
class OsNetwork::Lookup : public std::enable_shared_from_this<Lookup> {
 public:
  using Done = Handler<void(error_code, std::vector<tcp::endpoint>)>;

  explicit Lookup(asio::any_io_executor executor) : executor_(executor), resolver_(executor) {}
  void begin(std::string host, std::uint16_t port, tcp::resolver::flags flags, Done done) {
    done_.swap(done);
    resolver_.async_resolve(host, std::to_string(port), flags,
                            [self = shared_from_this()](error_code failure, tcp::resolver::results_type found) {
                              std::vector<tcp::endpoint> all;
                              for (const auto& entry : found) all.push_back(entry.endpoint());
                              self->finish(failure, std::move(all));
                            });
  }
  void give_up() {
    resolver_.cancel();
    finish(asio::error::timed_out, {});
  }

 private:
  void finish(error_code failure, std::vector<tcp::endpoint> found) {
    if (!done_) return;
    asio::post(executor_, [done = std::move(done_), failure, found = std::move(found)]() mutable {
      std::move(done)(failure, std::move(found));
    });
  }
  asio::any_io_executor executor_;
  tcp::resolver resolver_;
  Done done_;
};

Task<std::vector<tcp::endpoint>> OsNetwork::resolve(std::string host, std::uint16_t port, bool to_listen) {
  // This name is this machine, whatever a resolver says or does not (RFC 6761 section 6.3). Some have no hosts file.
  if (host == "localhost") {
    std::vector<tcp::endpoint> here(1, tcp::endpoint(asio::ip::address_v4::loopback(), port));
    if (!to_listen) here.emplace_back(asio::ip::address_v6::loopback(), port);
    co_return here;
  }
  if (to_listen && (host.empty() || host == "*")) host = "0.0.0.0";
  error_code no_number;
  const auto address = asio::ip::make_address(host, no_number);
  if (!no_number) {
    std::vector<tcp::endpoint> one(1, tcp::endpoint(address, port));
    co_return one;
  }
  auto lookup = std::make_shared<Lookup>(ctx_->executor());
  std::function<void()> give_up = [lookup] { lookup->give_up(); };
  Deadline deadline(*ctx_, timeout_, std::move(give_up));
  error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  auto found = co_await asio::async_initiate<decltype(token), void(error_code, std::vector<tcp::endpoint>)>(
      [](auto handler, std::shared_ptr<Lookup> l, std::string h, std::uint16_t p, tcp::resolver::flags f) {
        l->begin(std::move(h), p, f, Lookup::Done(std::move(handler)));
      },
      token, lookup, host, port, to_listen ? tcp::resolver::passive : tcp::resolver::flags());
  if (failure || found.empty())
    throw Error(Code::unavailable,
                "The name " + host + " could not be looked up: " +
                    (failure ? failure.message() : std::string("it has no address")) + ".",
                "Check the name and that this computer is online.");
  co_return found;
}

Task<Stream> OsNetwork::connect(std::string address) {
  if (is_local(address)) co_return co_await connect_local(*ctx_, address);
  const HostPort to = parse_address(address);
  if (to.port == 0 || to.host.empty() || to.host == "*")
    throw Error(Code::invalid_argument, "\"" + address + "\" is no address to connect to.",
                "Name a host and a port from 1 to 65535.");
  const Duration end = ctx_->uptime() + timeout_;
  const auto endpoints = co_await resolve(to.host, to.port, false);

  auto socket = std::make_shared<tcp::socket>(ctx_->executor());
  std::function<void()> give_up = [socket] {
    error_code ignored;
    socket->close(ignored);
  };
  Deadline deadline(*ctx_, std::max(Duration(0), end - ctx_->uptime()), std::move(give_up));
  error_code failure = asio::error::host_not_found;
  for (const tcp::endpoint& endpoint : endpoints) {
    error_code ignored;
    socket->close(ignored);
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    co_await socket->async_connect(endpoint, token);
    if (!failure || deadline.expired() || failure == asio::error::operation_aborted) break;
  }
  if (deadline.expired())
    throw Error(Code::unavailable,
                address + " did not answer within " +
                    std::to_string(std::chrono::duration_cast<std::chrono::seconds>(timeout_).count()) + " seconds.",
                "Try again later.");
  if (failure == asio::error::operation_aborted)
    throw Error(Code::cancelled, "Connecting to " + address + " was given up.");
  if (failure)
    throw Error(Code::unavailable, address + " cannot be reached: " + failure.message() + ".",
                "Check that it is running and that the address is right.");
  auto base = std::make_unique<OsStream>(std::move(*socket));
  co_return Stream(std::move(base));
}

Task<std::unique_ptr<Listener>> OsNetwork::listen(std::string address) {
  if (is_local(address)) co_return listen_local(*ctx_, address);
  co_return co_await listen_tcp(std::move(address), Sharing::no);
}

Task<std::unique_ptr<Listener>> OsNetwork::listen_shared(std::string address) {
  if (is_local(address))
    throw Error(Code::invalid_argument, "Several listeners cannot share " + address + ": only TCP addresses can.",
                "Listen at a host and a port.");
  co_return co_await listen_tcp(std::move(address), Sharing::yes);
}

Task<std::unique_ptr<Listener>> OsNetwork::listen_tcp(std::string address, Sharing sharing) {
  const HostPort at = parse_address(address);
  const auto endpoints = co_await resolve(at.host, at.port, true);
  const tcp::endpoint endpoint = endpoints.front();
  tcp::acceptor acceptor(ctx_->executor());
  error_code failure;
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) keep_private(acceptor.native_handle());
  // A port whose last connections still linger may be taken at once; one that is listened at may not.
  if (!failure) acceptor.set_option(asio::socket_base::reuse_address(true), failure);
  if (!failure && sharing == Sharing::yes) acceptor.set_option(ReusePort(true), failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(asio::socket_base::max_listen_connections, failure);
  if (failure == asio::error::address_in_use)
    throw Error(Code::already_exists, "The address " + address + " is already in use.",
                "Choose another port, or stop what listens there.");
  if (failure == asio::error::access_denied)
    throw Error(Code::permission_denied, "This user may not listen at " + address + ".", "Choose a port from 1024 on.");
  if (failure == boost::system::errc::address_not_available)
    throw Error(Code::invalid_argument, "This computer has no interface with the address " + at.host + ".",
                "Listen at 0.0.0.0 for all interfaces, or at 127.0.0.1 for this computer only.");
  if (failure)
    throw Error(Code::unavailable, "Listening at " + address + " failed: " + failure.message() + ".",
                "Try another address.");
  std::unique_ptr<Listener> made = std::make_unique<OsListener>(*ctx_, std::move(acceptor));
  co_return made;
}

}  // namespace argot::os
