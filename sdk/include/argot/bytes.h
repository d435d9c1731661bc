#pragma once
// Byte strings and their text forms. Text forms are decoded strictly: no white space, no stray digits.
#include <argot/api.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace argot {

using Byte = std::uint8_t;
using Bytes = std::vector<Byte>;
using ByteView = std::span<const Byte>;
/// A key, hash or signature of fixed length.
template <std::size_t N> using Fixed = std::array<Byte, N>;

/// The bytes of a text, borrowed: valid while the text lives.
inline ByteView view(std::string_view text) { return {reinterpret_cast<const Byte*>(text.data()), text.size()}; }
/// The same bytes as text, borrowed.
inline std::string_view text_of(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes to_bytes(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

/// Lower-case hexadecimal.
ARGOT_API std::string to_hex(ByteView bytes);
/// Accepts both cases; nothing if the length is odd or a character is no hex digit.
ARGOT_API std::optional<Bytes> from_hex(std::string_view text);
/// Exactly N bytes of hex, or nothing.
template <std::size_t N> std::optional<Fixed<N>> fixed_from_hex(std::string_view text) {
  auto bytes = from_hex(text);
  if (!bytes || bytes->size() != N) return std::nullopt;
  Fixed<N> out;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

/// Standard base64 alphabet, padded with `=` or not.
enum class Padding { with, without };
ARGOT_API std::string to_base64(ByteView bytes, Padding padding = Padding::with);
/// Accepts padded and unpadded input; nothing if it is not base64.
ARGOT_API std::optional<Bytes> from_base64(std::string_view text);

/// Constant-time comparison; false when lengths differ (the length is not a secret).
ARGOT_API bool equal_secret(ByteView a, ByteView b);

}  // namespace argot
