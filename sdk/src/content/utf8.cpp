#include "utf8.h"

#include <cstdint>
#include <cstring>

namespace argot {
namespace {

/// The length of the code point at the start of `text` (not empty), or 0 when there is none.
std::size_t length_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;  // a follower, or an overlong form
  if (first < 0xe0) return follows(1) ? 2 : 0;
  if (first < 0xf0) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;   // overlong
    if (first == 0xed && byte(1) >= 0xa0) return 0;  // surrogate
    return 3;
  }
  if (first > 0xf4 || !follows(1) || !follows(2) || !follows(3)) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;   // overlong
  if (first == 0xf4 && byte(1) >= 0x90) return 0;  // above U+10FFFF
  return 4;
}

/// How many bytes at the start are ASCII, in steps of eight: nearly all text on the way in.
std::size_t ascii_run(std::string_view text) {
  std::size_t i = 0;
  for (std::uint64_t eight; i + 8 <= text.size(); i += 8) {
    std::memcpy(&eight, text.data() + i, 8);
    if (eight & 0x8080808080808080u) break;
  }
  return i;
}

}  // namespace

std::optional<std::size_t> count_code_points(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    if (const std::size_t run = ascii_run(text)) {
      count += run;
      text.remove_prefix(run);
      continue;
    }
    const std::size_t length = length_at(text);
    if (length == 0) return std::nullopt;
    ++count;
    text.remove_prefix(length);
  }
  return count;
}

std::string repair_utf8(std::string text) {
  if (count_code_points(text)) return text;
  std::string out;
  out.reserve(text.size() + 16);
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = length_at(rest);
    if (length == 0)
      out += "\ufffd";
    else
      out += rest.substr(0, length);
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace argot
