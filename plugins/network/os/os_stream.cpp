#include "os_stream.h"

#include "os_address.h"

#include <boost/asio/append.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>

namespace argot::os {

void keep_private(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

OsStream::OsStream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);  // what is tried at once must not wait
  keep_private(socket_.native_handle());
  const auto endpoint = socket_.remote_endpoint(ignored);  // gone already: an address of zeros
  peer_ = text_of(endpoint);
}

void OsStream::read_some(asio::mutable_buffer into, Done done) { socket_.async_read_some(into, std::move(done)); }

// The system nearly always takes what is written at once. Then nobody has to ask the loop when it can.
void OsStream::write_some(asio::const_buffer from, Done done) {
  error_code failure;
  const std::size_t n = socket_.write_some(from, failure);
  if (failure == asio::error::would_block || failure == asio::error::try_again)
    return socket_.async_write_some(from, std::move(done));
  asio::post(socket_.get_executor(), asio::append(std::move(done), failure, n));
}

void OsStream::close() noexcept {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace argot::os
