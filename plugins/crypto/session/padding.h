#pragma once
// Padding hides a content's length in steps of 160 bytes (client/envelope.md section 2).
#include <argot/bytes.h>

namespace argot::session {

inline constexpr std::size_t padding_block = 160;

/// How long `size` bytes are with the mark 0x80 and the zeros that follow it. A content and mark that fill a block
/// exactly get a whole block more: that is how libsession writes it.
constexpr std::size_t padded_size(std::size_t size) { return size + 1 + padding_block - (size + 1) % padding_block; }

/// How many bytes of `padded` are content. Lenient, as libsession is: without a mark, everything but the zeros at the
/// end; nothing but zeros is an empty content.
std::size_t unpadded_size(ByteView padded);

}  // namespace argot::session
