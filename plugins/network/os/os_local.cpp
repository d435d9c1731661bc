#include "os_local.h"

#include "os_stream.h"

#include <argot/error.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>

#include <sys/stat.h>
#include <unistd.h>

namespace argot::os {
namespace {

using Local = asio::local::stream_protocol;

class UnixStream final : public StreamBase {
 public:
  UnixStream(Local::socket socket, std::string peer) : socket_(std::move(socket)), peer_(std::move(peer)) {
    keep_private(socket_.native_handle());
  }
  void read_some(asio::mutable_buffer into, Done done) override { socket_.async_read_some(into, std::move(done)); }
  void write_some(asio::const_buffer from, Done done) override { socket_.async_write_some(from, std::move(done)); }
  void close() noexcept override {
    error_code ignored;
    socket_.close(ignored);
  }
  asio::any_io_executor executor() override { return socket_.get_executor(); }
  std::string peer() const override { return peer_; }

 private:
  Local::socket socket_;
  std::string peer_;
};

/// Standard input and output. A file can be neither waited for nor does it make anybody wait: it is read and written at
/// once, and told on a later turn.
class Stdio final : public StreamBase {
 public:
  explicit Stdio(asio::any_io_executor executor) : executor_(executor), in_(executor), out_(executor) {
    error_code refused;
    in_.assign(::dup(0), refused);
    out_.assign(::dup(1), refused);
  }
  void read_some(asio::mutable_buffer into, Done done) override {
    if (closed_) return later(std::move(done), asio::error::operation_aborted, 0);
    if (in_.is_open() && !is_file(0)) return in_.async_read_some(into, std::move(done));
    const ssize_t n = ::read(0, into.data(), into.size());
    later(std::move(done), n > 0 ? error_code() : asio::error::eof, n > 0 ? std::size_t(n) : 0);
  }
  void write_some(asio::const_buffer from, Done done) override {
    if (closed_) return later(std::move(done), asio::error::operation_aborted, 0);
    if (out_.is_open() && !is_file(1)) return out_.async_write_some(from, std::move(done));
    const ssize_t n = ::write(1, from.data(), from.size());
    later(std::move(done), n >= 0 ? error_code() : asio::error::broken_pipe, n > 0 ? std::size_t(n) : 0);
  }
  void close() noexcept override {
    closed_ = true;
    error_code ignored;
    in_.close(ignored);
    out_.close(ignored);
  }
  asio::any_io_executor executor() override { return executor_; }
  std::string peer() const override { return std::string(stdio_address); }

 private:
  static bool is_file(int descriptor) {
    struct stat what {};
    return ::fstat(descriptor, &what) == 0 &&
           (S_ISREG(what.st_mode) || (S_ISCHR(what.st_mode) && !::isatty(descriptor)));
  }
  void later(Done done, error_code failure, std::size_t n) {
    asio::post(executor_, [done = std::move(done), failure, n]() mutable { std::move(done)(failure, n); });
  }
  asio::any_io_executor executor_;
  asio::posix::stream_descriptor in_, out_;
  bool closed_ = false;
};

class UnixListener final : public Listener {
 public:
  UnixListener(Local::acceptor acceptor, std::string path) : acceptor_(std::move(acceptor)), path_(std::move(path)) {}
  ~UnixListener() override { UnixListener::close(); }
  Task<Stream> accept() override {
    Local::socket socket(acceptor_.get_executor());
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    const std::string address = this->address();
    co_await acceptor_.async_accept(socket, token);
    if (failure) throw Error(Code::cancelled, "Listening at " + address + " has ended.");
    auto base = std::make_unique<UnixStream>(std::move(socket), address);
    co_return Stream(std::move(base));
  }
  void close() noexcept override {
    error_code ignored;
    if (acceptor_.is_open()) ::unlink(path_.c_str());
    acceptor_.close(ignored);
  }
  std::string address() const override { return std::string(unix_prefix) + path_; }

 private:
  Local::acceptor acceptor_;
  std::string path_;
};

Local::endpoint endpoint_of(std::string_view address) {
  const std::string path(address.substr(unix_prefix.size()));
  if (path.empty() || path.size() > 107)
    throw Error(Code::invalid_argument,
                "\"" + std::string(address) + "\" is no Unix socket: a path has 1 to 107 bytes.",
                "Choose a shorter folder.");
  return Local::endpoint(path);
}

}  // namespace

Task<Stream> connect_local(Context& ctx, std::string address) {
  if (address == stdio_address) {
    auto base = std::make_unique<Stdio>(ctx.executor());
    co_return Stream(std::move(base));
  }
  const Local::endpoint endpoint = endpoint_of(address);
  Local::socket socket(ctx.executor());
  error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  co_await socket.async_connect(endpoint, token);
  if (failure)
    throw Error(Code::unavailable, "Nobody listens at " + address + ": " + failure.message() + ".",
                "Check that it is running.");
  auto base = std::make_unique<UnixStream>(std::move(socket), address);
  co_return Stream(std::move(base));
}

std::unique_ptr<Listener> listen_local(Context& ctx, const std::string& address) {
  if (address == stdio_address)
    throw Error(Code::invalid_argument, "The terminal cannot be listened at.", "Use a Unix socket or a host and port.");
  const Local::endpoint endpoint = endpoint_of(address);
  error_code failure;
  {
    Local::socket probe(ctx.executor());
    probe.connect(endpoint, failure);
    if (!failure) throw Error(Code::already_exists, "Somebody listens at " + address + " already.", "Stop it first.");
  }
  ::unlink(endpoint.path().c_str());
  Local::acceptor acceptor(ctx.executor());
  acceptor.open(endpoint.protocol(), failure);
  const mode_t old = ::umask(0177);
  if (!failure) acceptor.bind(endpoint, failure);
  ::umask(old);
  if (!failure) acceptor.listen(asio::socket_base::max_listen_connections, failure);
  if (failure)
    throw Error(Code::permission_denied, "Listening at " + address + " failed: " + failure.message() + ".",
                "Check that the folder exists and may be written.");
  keep_private(acceptor.native_handle());
  return std::make_unique<UnixListener>(std::move(acceptor), endpoint.path());
}

}  // namespace argot::os
