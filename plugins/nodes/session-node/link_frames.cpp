#include "link_frames.h"

#include <boost/asio/redirect_error.hpp>

namespace argot::node {
namespace {

constexpr std::size_t head_size = 7, length_size = 4;

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
  if (closed_ || sealed > max_frame || out_.size() + sealed > max_waiting) return false;
  put(out_, sealed, length_size);
  const std::size_t at = out_.size();
  out_ += frame_head(frame);
  out_ += frame.body;
  out_.resize(at + sealed);
  keys_.send.seal(ByteView(bytes_of(out_) + at, sealed - NoiseCipher::tag_size), bytes_of(out_) + at);
  bell_.ring();
  return true;
}

Task<> FrameStream::write_all() {
  while (!closed_) {
    if (out_.empty()) {
      co_await bell_.wait(std::nullopt);
      continue;
    }
    const std::string sending = std::move(out_);
    out_.clear();
    const bool sent = co_await write_bytes(stream_, sending);
    if (!sent) close();
  }
}

Task<std::optional<Frame>> FrameStream::read() {
  for (;;) {
    const std::size_t there = in_.size() - read_;
    std::size_t wanted = length_size;
    if (there >= length_size) {
      const std::size_t size = get(std::string_view(in_).substr(read_, length_size));
      if (size > max_frame || size < head_size + NoiseCipher::tag_size)
        throw Error(Code::corrupt, "A node sent a frame of an impossible length.");
      wanted += size;
      if (there >= wanted) {
        Byte* at = bytes_of(in_) + read_ + length_size;
        if (!keys_.receive.open(ByteView(at, size), at))
          throw Error(Code::corrupt, "A frame of a node was changed on the way.");
        auto frame = parse_frame({reinterpret_cast<const char*>(at), size - NoiseCipher::tag_size});
        if (!frame) throw Error(Code::corrupt, "A node sent a frame of an unknown kind.");
        read_ += wanted;
        if (read_ == in_.size()) {
          read_ = 0;
          in_.clear();
          if (in_.capacity() > 1024 * 1024) in_.shrink_to_fit();
        }
        co_return frame;
      }
    }
    if (read_ > 0) {
      in_.erase(0, read_);
      read_ = 0;
    }
    // Memory grows with what comes, not with what a length promises.
    const std::size_t had = in_.size();
    in_.resize(had + std::min<std::size_t>(std::max<std::size_t>(wanted - had, 4096), 256 * 1024));
    const std::size_t n = co_await read_some(stream_, asio::mutable_buffer(in_.data() + had, in_.size() - had));
    in_.resize(had + n);
    if (n == 0) co_return std::nullopt;
  }
}

void FrameStream::close() noexcept {
  if (std::exchange(closed_, true)) return;
  stream_.close();
  bell_.ring();
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
