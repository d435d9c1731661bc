#pragma once
// Byte streams between hosts, real or simulated.
#include <argot/task.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace argot {

/// Implement this to make a new kind of stream. One read and one write may be pending at a time.
/// Destruction cancels what is pending. Handlers are never called from inside the call that takes them.
class ARGOT_API StreamBase {
 public:
  using Done = Handler<void(error_code, std::size_t)>;
  virtual ~StreamBase();
  /// At least one byte, or an error; asio::error::eof when the peer has finished.
  virtual void read_some(asio::mutable_buffer into, Done done) = 0;
  virtual void write_some(asio::const_buffer from, Done done) = 0;
  /// Ends both directions; what is pending completes with asio::error::operation_aborted. Idempotent.
  virtual void close() noexcept = 0;
  virtual asio::any_io_executor executor() = 0;
  /// Who is at the other end, for logs and rate limits: "127.0.0.1:4101".
  virtual std::string peer() const = 0;
};

/// A stream as Asio sees it: meets AsyncReadStream and AsyncWriteStream, so that Beast and asio::ssl::stream
/// run over it unchanged. Move-only; an empty one has no operations.
class Stream {
 public:
  using executor_type = asio::any_io_executor;
  using lowest_layer_type = Stream;  // asio::ssl::stream asks

  Stream() = default;
  explicit Stream(std::unique_ptr<StreamBase> base) : base_(std::move(base)) {}

  executor_type get_executor() const { return base_->executor(); }
  Stream& lowest_layer() { return *this; }
  const Stream& lowest_layer() const { return *this; }
  explicit operator bool() const { return base_ != nullptr; }
  std::string peer() const { return base_->peer(); }
  void close() noexcept {
    if (base_) base_->close();
  }

  template <class MutableBuffers, class Token> auto async_read_some(const MutableBuffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [](auto handler, StreamBase* base, asio::mutable_buffer into) {
          base->read_some(into, StreamBase::Done(std::move(handler)));
        },
        token, base_.get(), first_of<asio::mutable_buffer>(buffers));
  }
  template <class ConstBuffers, class Token> auto async_write_some(const ConstBuffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [](auto handler, StreamBase* base, asio::const_buffer from) {
          base->write_some(from, StreamBase::Done(std::move(handler)));
        },
        token, base_.get(), first_of<asio::const_buffer>(buffers));
  }

 private:
  template <class Buffer, class Sequence> static Buffer first_of(const Sequence& buffers) {
    auto end = asio::buffer_sequence_end(buffers);
    for (auto it = asio::buffer_sequence_begin(buffers); it != end; ++it) {
      Buffer buffer(*it);
      if (buffer.size()) return buffer;
    }
    return {};
  }
  std::unique_ptr<StreamBase> base_;
};

/// Where streams come in. Destruction or close() stops listening.
class ARGOT_API Listener {
 public:
  virtual ~Listener();
  /// Waits for the next stream. Throws Error(cancelled) after close(). Error(resource_exhausted): one that came was
  /// refused because this process has too many open; close some and go on.
  virtual Task<Stream> accept() = 0;
  virtual void close() noexcept = 0;
  /// The address in use, with the port that was chosen when 0 was asked.
  virtual std::string address() const = 0;
};

}  // namespace argot
