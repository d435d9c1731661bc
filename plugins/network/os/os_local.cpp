#include "os_local.h"

#include "os_accept.h"
#include "os_stream.h"

#include <argot/error.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <fcntl.h>
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

/// A descriptor of our own for what `descriptor` refers to. Waiting for it needs O_NONBLOCK, which belongs to the open
/// file and not to the descriptor: the shell that started us has the same one, and our own log may go there too. So it
/// is opened anew; where that cannot be (a socket), it is shared and put back as it was.
class OwnDescriptor {
 public:
  OwnDescriptor(asio::any_io_executor executor, int descriptor, int access) : stream_(std::move(executor)) {
    const std::string name = "/proc/self/fd/" + std::to_string(descriptor);
    int own = ::open(name.c_str(), access | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (own < 0) {
      own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
      flags_ = own < 0 ? -1 : ::fcntl(own, F_GETFL);
    }
    if (own < 0) return;
    struct stat what {};
    // A file can be neither waited for nor does it make anybody wait.
    waits_ = ::fstat(own, &what) == 0 && !S_ISREG(what.st_mode) && !S_ISDIR(what.st_mode) &&
             (!S_ISCHR(what.st_mode) || ::isatty(own));
    error_code refused;
    if (waits_) stream_.assign(own, refused);
    if (!waits_ || refused) {
      waits_ = false;
      ::close(own);
    }
  }
  ~OwnDescriptor() { close(); }
  bool waits() const { return waits_; }
  asio::posix::stream_descriptor& stream() { return stream_; }
  void close() noexcept {
    if (!stream_.is_open()) return;
    if (flags_ >= 0) ::fcntl(stream_.native_handle(), F_SETFL, flags_);
    error_code ignored;
    stream_.close(ignored);
  }

 private:
  asio::posix::stream_descriptor stream_;
  int flags_ = -1;  ///< of a descriptor that is shared
  bool waits_ = false;
};

/// Standard input and output. What is a file is read and written at once, and told on a later turn.
class Stdio final : public StreamBase {
 public:
  explicit Stdio(asio::any_io_executor executor)
      : executor_(executor), in_(executor, 0, O_RDONLY), out_(executor, 1, O_WRONLY) {}
  void read_some(asio::mutable_buffer into, Done done) override {
    if (closed_) return later(std::move(done), asio::error::operation_aborted, 0);
    if (in_.waits()) return in_.stream().async_read_some(into, std::move(done));
    const ssize_t n = into.size() ? ::read(0, into.data(), into.size()) : 0;
    later(std::move(done), n > 0 || !into.size() ? error_code() : asio::error::eof, n > 0 ? std::size_t(n) : 0);
  }
  void write_some(asio::const_buffer from, Done done) override {
    if (closed_) return later(std::move(done), asio::error::operation_aborted, 0);
    if (out_.waits()) return out_.stream().async_write_some(from, std::move(done));
    const ssize_t n = ::write(1, from.data(), from.size());
    later(std::move(done), n >= 0 ? error_code() : asio::error::broken_pipe, n > 0 ? std::size_t(n) : 0);
  }
  void close() noexcept override {
    closed_ = true;
    in_.close();
    out_.close();
  }
  asio::any_io_executor executor() override { return executor_; }
  std::string peer() const override { return std::string(stdio_address); }

 private:
  void later(Done done, error_code failure, std::size_t n) {
    asio::post(executor_, [done = std::move(done), failure, n]() mutable { std::move(done)(failure, n); });
  }
  asio::any_io_executor executor_;
  OwnDescriptor in_, out_;
  bool closed_ = false;
};

class UnixListener final : public Listener {
 public:
  UnixListener(Context& ctx, Local::acceptor acceptor, std::string path)
      : state_(new Listening<Local>{ctx, std::move(acceptor), std::string(unix_prefix) + path}),
        path_(std::move(path)) {}
  ~UnixListener() override { UnixListener::close(); }
  Task<Stream> accept() override { return accept_at(state_); }
  void close() noexcept override {
    if (!state_->closed) ::unlink(path_.c_str());
    state_->close();
  }
  std::string address() const override { return state_->address; }

 private:
  static Task<Stream> accept_at(std::shared_ptr<Listening<Local>> state) {
    const std::string address = state->address;
    Local::socket socket = co_await accept_next(std::move(state));
    auto base = std::make_unique<UnixStream>(std::move(socket), address);
    co_return Stream(std::move(base));
  }
  std::shared_ptr<Listening<Local>> state_;
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
  // What a killed process left behind goes; anything else of that name is somebody's.
  struct stat found {};
  if (::lstat(endpoint.path().c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode))
      throw Error(Code::already_exists, "There is a file at " + endpoint.path() + ", and it is no socket.",
                  "Choose another path, or remove it.");
    ::unlink(endpoint.path().c_str());
  }
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
  return std::make_unique<UnixListener>(ctx, std::move(acceptor), endpoint.path());
}

}  // namespace argot::os
