#pragma once
// Lines over a stream, in both directions; a line is at most 1 MiB.
#include <argot/error.h>
#include <argot/stream.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <optional>

namespace argot::kernel {

class LineStream {
 public:
  static constexpr std::size_t longest = 1024 * 1024;
  explicit LineStream(Stream stream) : stream_(std::move(stream)) {}

  /// The next line without its end; nothing when the other side has finished. Throws Error(resource_exhausted).
  Task<std::optional<std::string>> read() {
    for (;;) {
      if (const auto end = in_.find('\n'); end != std::string::npos) {
        std::string line = in_.substr(0, end);
        in_.erase(0, end + 1);
        co_return line;
      }
      if (in_.size() > longest)
        throw Error(Code::resource_exhausted, "A line is longer than 1 MiB.", "Send less at once.");
      char chunk[4096];
      error_code failure;
      auto token = asio::redirect_error(asio::use_awaitable, failure);
      const std::size_t n = co_await stream_.async_read_some(asio::buffer(chunk), token);
      if (failure) co_return std::nullopt;
      in_.append(chunk, n);
    }
  }
  /// Throws boost::system::system_error when the other side has gone.
  Task<> write(std::string line) {
    line += '\n';
    co_await asio::async_write(stream_, asio::buffer(line), asio::use_awaitable);
  }
  void close() { stream_.close(); }

 private:
  Stream stream_;
  std::string in_;
};

}  // namespace argot::kernel
