#include "wrapping.h"

#include <argot/error.h>

#include <algorithm>

#include "wire_reader.h"

namespace argot::session {
namespace {

// Envelope: type=6, timestamp, sourceDevice=1, content, proSig. WebSocketMessage: type=REQUEST, request with empty
// verb and path, body, id=0; old mobile clients need the empty ones.
constexpr std::size_t pro_sig_size = 64;

constexpr std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  while (value >>= 7) ++size;
  return size;
}

struct Sizes {
  std::size_t envelope, request, message;
  constexpr Sizes(std::size_t box, std::uint64_t timestamp_ms)
      : envelope(2 + 1 + varint_size(timestamp_ms) + 2 + 1 + varint_size(box) + box + 2 + pro_sig_size),
        request(4 + 1 + varint_size(envelope) + envelope + 2),
        message(2 + 1 + varint_size(request) + request) {}
};

/// Writes to a place that is known to be large enough.
class Writer {
 public:
  explicit Writer(Bytes& out) : at_(out.data()) {}
  void bytes(std::initializer_list<Byte> bytes) { at_ = std::ranges::copy(bytes, at_).out; }
  void bytes(ByteView bytes) { at_ = std::ranges::copy(bytes, at_).out; }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at_++ = static_cast<Byte>(value | 0x80);
    *at_++ = static_cast<Byte>(value);
  }
  void skip(std::size_t size) { at_ += size; }
  Byte* at() const { return at_; }

 private:
  Byte* at_;
};

[[noreturn]] void corrupt(std::string what) { throw Error(Code::corrupt, std::move(what)); }

using Field = WireReader::Field;
using Type = WireReader::Type;

/// The Envelope inside a WebSocketMessage.
ByteView envelope_of(ByteView message) {
  std::uint64_t type = 0;
  ByteView body;
  bool has_body = false;
  WireReader outer(message, "received message");
  for (Field field; outer.next(field);) {
    if (field.is(1, Type::varint)) type = field.value;
    if (!field.is(2, Type::bytes)) continue;
    WireReader request(field.bytes, "request in a received message");
    for (Field inner; request.next(inner);)
      if (inner.is(3, Type::bytes)) body = inner.bytes, has_body = true;
  }
  if (type != 1) corrupt("A received message is no request (type " + std::to_string(type) + ").");
  if (!has_body) corrupt("A received message holds no envelope.");
  return body;
}

}  // namespace

std::size_t wrapped_size(std::size_t box, std::uint64_t timestamp_ms) { return Sizes(box, timestamp_ms).message; }

Wrapper wrap(std::size_t box, std::uint64_t timestamp_ms, ByteView pro_sig) {
  const Sizes sizes(box, timestamp_ms);
  Wrapper out;
  out.bytes.resize(sizes.message);
  Writer to(out.bytes);
  to.bytes({0x08, 1, 0x12});
  to.varint(sizes.request);
  to.bytes({0x0a, 0, 0x12, 0, 0x1a});
  to.varint(sizes.envelope);
  out.envelope_at = static_cast<std::size_t>(to.at() - out.bytes.data());
  to.bytes({0x08, 6, 0x28});
  to.varint(timestamp_ms);
  to.bytes({0x38, 1, 0x42});
  to.varint(box);
  out.box_at = static_cast<std::size_t>(to.at() - out.bytes.data());
  to.skip(box);
  to.bytes({0x5a, pro_sig_size});
  to.bytes(pro_sig);
  to.bytes({0x20, 0});
  return out;
}

Unwrapped unwrap(ByteView message) {
  if (message.size() > max_wrapped)
    corrupt("A received message has " + std::to_string(message.size()) + " bytes, but at most " +
            std::to_string(max_wrapped) + " are possible.");
  Unwrapped out;
  out.envelope = envelope_of(message);
  bool has_timestamp = false, has_box = false, has_pro_sig = false;
  WireReader envelope(out.envelope, "received envelope");
  for (Field field; envelope.next(field);) {
    if (field.is(2, Type::bytes) && !field.bytes.empty() && field.bytes.size() != 66)
      corrupt("A received envelope names a source of " + std::to_string(field.bytes.size()) +
              " characters instead of 66.");
    if (field.is(5, Type::varint)) out.timestamp_ms = field.value, has_timestamp = true;
    if (field.is(8, Type::bytes)) out.box = field.bytes, has_box = true;
    if (field.is(11, Type::bytes)) out.pro_sig = field.bytes, has_pro_sig = true;
  }
  if (!has_timestamp) corrupt("A received envelope has no time stamp.");
  if (!has_box) corrupt("A received envelope has no content.");
  if (has_pro_sig && out.pro_sig.size() != pro_sig_size)
    corrupt("A received envelope has a Pro signature of " + std::to_string(out.pro_sig.size()) +
            " bytes instead of 64.");
  return out;
}

}  // namespace argot::session
