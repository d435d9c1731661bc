#include "link_frames.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>

namespace argot::node {
namespace {

constexpr std::size_t head_size = 7, length_size = 4;
constexpr std::size_t read_size = 4 * 1024, keep_at_most = 1024 * 1024;

void put(std::string& out, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
}

std::uint64_t get(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<Byte>(bytes[i]);
  return number;
}

Byte* bytes_of(std::string& text) { return reinterpret_cast<Byte*>(text.data()); }

/// As much as comes; 0 at the end or on a failure.
Task<std::size_t> read_some(Stream& stream, asio::mutable_buffer into) {
  error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  const std::size_t n = co_await stream.async_read_some(into, token);
  co_return failure ? 0 : n;
}

Task<bool> write_bytes(Stream& stream, std::string_view bytes) {
  while (!bytes.empty()) {
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    const asio::const_buffer from(bytes.data(), bytes.size());
    const std::size_t n = co_await stream.async_write_some(from, token);
    if (failure) co_return false;
    bytes.remove_prefix(n);
  }
  co_return true;
}

}  // namespace

std::string frame_head(const Frame& frame) {
  std::string out;
  out += static_cast<char>(frame.kind);
  put(out, frame.id, 4);
  put(out, frame.code, 2);
  return out;
}

std::optional<Frame> parse_frame(std::string_view plain) {
  if (plain.size() < head_size) return std::nullopt;
  Frame out;
  if (plain[0] != 'q' && plain[0] != 'a') return std::nullopt;
  out.kind = static_cast<Frame::Kind>(plain[0]);
  out.id = static_cast<std::uint32_t>(get(plain.substr(1, 4)));
  out.code = static_cast<std::uint16_t>(get(plain.substr(5, 2)));
  out.body = plain.substr(head_size);
  return out;
}

bool FrameStream::push(const Frame& frame) {
  const std::size_t sealed = head_size + frame.body.size() + NoiseCipher::tag_size;
  if (closed_ || sealed > max_frame || waiting_.size() + sealed > max_waiting) return false;
  put(waiting_, sealed, length_size);
  const std::size_t at = waiting_.size();
  waiting_ += frame_head(frame);
  waiting_ += frame.body;
  waiting_.resize(at + sealed);
  keys_.send.seal(ByteView(bytes_of(waiting_) + at, sealed - NoiseCipher::tag_size), bytes_of(waiting_) + at);
  if (!std::exchange(busy_, true))
    asio::post(executor_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->send();
    });
  return true;
}

void FrameStream::send() {
  if (sending_.capacity() > keep_at_most) sending_ = {};
  sending_.clear();
  busy_ = !closed_ && !waiting_.empty();
  if (!busy_) return;
  sending_.swap(waiting_);
  sent_ = 0;
  send_rest();
}

void FrameStream::send_rest() {
  auto sent = [weak = weak_from_this()](error_code failure, std::size_t n) {
    const auto self = weak.lock();
    if (!self) return;
    if (failure) self->close();
    self->sent_ += n;
    if (failure || self->sent_ == self->sending_.size()) return self->send();
    self->send_rest();
  };
  stream_.async_write_some(asio::buffer(sending_.data() + sent_, sending_.size() - sent_), std::move(sent));
}

/// Of what has come; nothing: not all of it has.
std::optional<Frame> FrameStream::next_frame() {
  if (in_to_ - in_from_ < length_size) return std::nullopt;
  const std::size_t size = get(std::string_view(in_).substr(in_from_, length_size));
  if (size > max_frame || size < head_size + NoiseCipher::tag_size)
    throw Error(Code::corrupt, "A node sent a frame of an impossible length.");
  if (in_to_ - in_from_ < length_size + size) return std::nullopt;
  Byte* at = bytes_of(in_) + in_from_ + length_size;
  if (!keys_.receive.open(ByteView(at, size), at))
    throw Error(Code::corrupt, "A frame of a node was changed on the way.");
  auto frame = parse_frame({reinterpret_cast<const char*>(at), size - NoiseCipher::tag_size});
  if (!frame) throw Error(Code::corrupt, "A node sent a frame of an unknown kind.");
  in_from_ += length_size + size;
  return frame;
}

Task<std::optional<Frame>> FrameStream::read() {
  for (;;) {
    if (auto frame = next_frame()) co_return frame;
    std::copy(in_.begin() + std::ptrdiff_t(in_from_), in_.begin() + std::ptrdiff_t(in_to_), in_.begin());
    in_to_ -= in_from_;
    in_from_ = 0;
    if (in_to_ == 0 && in_.size() > keep_at_most) in_ = {};
    // Memory grows with what comes, not with what a length promises.
    if (in_.size() - in_to_ < read_size / 2)
      in_.resize(in_to_ + std::clamp<std::size_t>(in_to_, read_size, 256 * 1024));
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    const asio::mutable_buffer into(in_.data() + in_to_, in_.size() - in_to_);
    const std::size_t n = co_await stream_.async_read_some(into, token);
    if (failure || n == 0) co_return std::nullopt;
    in_to_ += n;
  }
}

void FrameStream::close() noexcept {
  if (std::exchange(closed_, true)) return;
  stream_.close();
}

Task<Bytes> read_exactly(Stream& stream, std::size_t size) {
  Bytes out(size);
  for (std::size_t at = 0; at < size;) {
    const std::size_t n = co_await read_some(stream, asio::mutable_buffer(out.data() + at, size - at));
    if (n == 0) throw Error(Code::unavailable, "The connection ended in the handshake.");
    at += n;
  }
  co_return out;
}

Task<> write_whole(Stream& stream, Bytes bytes) {
  const bool sent = co_await write_bytes(stream, text_of(bytes));
  if (!sent) throw Error(Code::unavailable, "The connection ended in the handshake.");
}

}  // namespace argot::node
