#include "os_stream.h"

#include "os_address.h"

#include <fcntl.h>

namespace argot::os {

void keep_private(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

OsStream::OsStream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  keep_private(socket_.native_handle());
  const auto endpoint = socket_.remote_endpoint(ignored);  // gone already: an address of zeros
  peer_ = text_of(endpoint);
}

void OsStream::read_some(asio::mutable_buffer into, Done done) { socket_.async_read_some(into, std::move(done)); }

void OsStream::write_some(asio::const_buffer from, Done done) { socket_.async_write_some(from, std::move(done)); }

void OsStream::close() noexcept {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace argot::os
