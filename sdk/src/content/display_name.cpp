// Names that people give themselves.
#include <argot/content.h>

#include <algorithm>

#include "utf8.h"

namespace argot {
namespace {

constexpr std::size_t max_bytes = 100;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Unicode's white space, and what account.md adds.
bool is_blank(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x2060 ||
         c == 0x3000 || c == 0xFEFF;
}

/// The code point that `text`, valid UTF-8, consists of.
char32_t code_point(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  char32_t out = text.size() == 1 ? first : first & (0xFF >> (text.size() + 1));
  for (char c : text.substr(1)) out = out << 6 | (static_cast<unsigned char>(c) & 0x3F);
  return out;
}

std::size_t first_size(std::string_view text) {
  std::size_t n = 1;
  while (n < text.size() && is_continuation(text[n])) ++n;
  return n;
}
std::size_t last_start(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && is_continuation(text[at])) --at;
  return at;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(code_point(text.substr(0, first_size(text))))) text.remove_prefix(first_size(text));
  while (!text.empty() && is_blank(code_point(text.substr(last_start(text))))) text = text.substr(0, last_start(text));
  return text;
}

}  // namespace

std::optional<std::string> display_name(std::string_view typed) {
  if (!count_code_points(typed)) return std::nullopt;
  std::string_view out = trimmed(typed);
  if (out.size() > max_bytes) {
    std::size_t end = max_bytes;
    while (end > 0 && is_continuation(out[end])) --end;
    out = trimmed(out.substr(0, end));  // the cut may have left white space at the end
  }
  if (out.empty()) return std::nullopt;
  return std::string(out);
}

}  // namespace argot
