#pragma once
// What surrounds the sealed box on its way to a storage node: Envelope inside WebSocketMessage
// (client/envelope.md sections 4.1, 4.2 and 5).
#include <argot/bytes.h>

namespace argot::session {

/// A storage node takes no larger message.
inline constexpr std::size_t max_wrapped = 76'800;

/// How long the whole message is around a box of `box` bytes.
std::size_t wrapped_size(std::size_t box, std::uint64_t timestamp_ms);

/// An empty message: everything but the box is written, and the box's place is zero.
struct Wrapper {
  Bytes bytes;
  std::size_t box_at = 0;       ///< where the box begins
  std::size_t envelope_at = 0;  ///< where the Envelope begins; it ends two bytes before the end
};
/// @param pro_sig  64 bytes: a signature, or a decoy that looks like one
Wrapper wrap(std::size_t box, std::uint64_t timestamp_ms, ByteView pro_sig);

struct Unwrapped {
  ByteView envelope;  ///< all views into the message
  ByteView box;
  ByteView pro_sig;  ///< empty when an old client sent none
  std::uint64_t timestamp_ms = 0;
};
/// Throws Error(corrupt) that says what is missing or damaged.
Unwrapped unwrap(ByteView message);

}  // namespace argot::session
