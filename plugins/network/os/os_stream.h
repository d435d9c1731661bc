#pragma once
// A TCP connection as a stream.
#include <argot/stream.h>

#include <boost/asio/ip/tcp.hpp>

namespace argot::os {

class OsStream final : public StreamBase {
 public:
  /// `socket` is connected. Small writes are sent at once (no Nagle); child processes do not inherit it.
  explicit OsStream(asio::ip::tcp::socket socket);
  void read_some(asio::mutable_buffer into, Done done) override;
  void write_some(asio::const_buffer from, Done done) override;
  void close() noexcept override;
  asio::any_io_executor executor() override { return socket_.get_executor(); }
  std::string peer() const override { return peer_; }

 private:
  asio::ip::tcp::socket socket_;
  std::string peer_;
};

/// Keeps a descriptor from being inherited by programs that this process starts.
void keep_private(int descriptor);

}  // namespace argot::os
