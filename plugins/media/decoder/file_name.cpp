#include "file_name.h"

#include <algorithm>
#include <cstdint>

namespace argot::media {
namespace {

constexpr char32_t broken = 0xFFFFFFFF;
constexpr std::size_t longest_extension = 16;

/// One code point and its bytes off the front; `broken` and one byte where there is none.
char32_t take(std::string_view& text, std::string_view& bytes) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  char32_t out = size == 1 ? lead : size == 0 ? broken : lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size && out != broken; ++i)
    out = i < text.size() && (static_cast<unsigned char>(text[i]) >> 6) == 2
              ? out << 6 | (static_cast<unsigned char>(text[i]) & 0x3F)
              : broken;
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (out != broken && (out < least[size] || out > 0x10FFFF || (out >= 0xD800 && out < 0xE000))) out = broken;
  bytes = text.substr(0, out == broken ? 1 : size);
  text.remove_prefix(bytes.size());
  return out;
}

/// Not to be seen, or changes how what stands beside it is seen.
bool is_hidden(char32_t c) {
  auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  return c < 0x20 || within(0x7F, 0x9F) || c == 0xAD || c == 0x34F || c == 0x61C || within(0x115F, 0x1160) ||
         within(0x17B4, 0x17B5) || within(0x180B, 0x180F) || within(0x200B, 0x200F) || within(0x2028, 0x202E) ||
         within(0x2060, 0x206F) || c == 0x3164 || within(0xFE00, 0xFE0F) || c == 0xFEFF || c == 0xFFA0 ||
         within(0xFFF0, 0xFFFC) || within(0xE0000, 0xE0FFF);
}

bool is_device_name(std::string_view name) {
  std::string stem(name.substr(0, name.find('.')));
  while (stem.ends_with(' ')) stem.pop_back();
  for (char& c : stem)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  for (std::string_view one : {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"})
    if (stem == one) return true;
  if (!stem.starts_with("COM") && !stem.starts_with("LPT")) return false;
  const std::string_view number = std::string_view(stem).substr(3);
  return (number.size() == 1 && number[0] >= '0' && number[0] <= '9') || number == "\u00b9" || number == "\u00b2" ||
         number == "\u00b3";
}

std::string_view trimmed(std::string_view name) {
  while (!name.empty() && (name.front() == '.' || name.front() == ' ')) name.remove_prefix(1);
  while (!name.empty() && (name.back() == '.' || name.back() == ' ')) name.remove_suffix(1);
  return name;
}

std::string_view ending(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || name.size() - dot > longest_extension) return {};
  return name.substr(dot);
}

/// At most `most` bytes, cut between characters.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) >> 6) == 2) --most;
  return text.substr(0, most);
}

std::string shortened(std::string_view name) {
  if (name.size() <= max_file_name) return std::string(name);
  const std::string_view tail = ending(name);
  const std::string_view stem = trimmed(cut(name.substr(0, name.size() - tail.size()), max_file_name - tail.size()));
  return std::string(stem).append(tail);
}

}  // namespace

std::string clean_file_name(std::string_view name) {
  name.remove_prefix(name.find_last_of("/\\") + 1);  // npos + 1 is 0
  std::string kept;
  for (std::string_view bytes; !name.empty() && kept.size() < 16 * max_file_name;) {
    const char32_t c = take(name, bytes);
    if (c == broken || (c < 0x80 && std::string_view(":*?\"<>|").find(static_cast<char>(c)) != std::string_view::npos))
      kept += '_';
    else if (!is_hidden(c))
      kept += bytes;
  }
  std::string out(trimmed(kept));
  if (is_device_name(out)) out.insert(0, "_");
  out = shortened(out);
  return out.empty() ? "file" : out;
}

std::string with_extension(std::string_view clean_name, std::string_view extension) {
  if (extension.empty()) return std::string(clean_name);
  std::string_view now = ending(clean_name);
  std::string lower(now);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (lower == extension || (lower == ".jpeg" && extension == ".jpg")) return std::string(clean_name);
  constexpr std::string_view known[] = {".jpg", ".jpeg", ".png", ".gif",  ".webp", ".wav", ".ogg", ".opus", ".m4a",
                                        ".mp3", ".mp4",  ".mov", ".webm", ".mkv",  ".3gp", ".avi", ".flac"};
  const bool replace = std::find(std::begin(known), std::end(known), lower) != std::end(known);
  const std::string_view stem = replace ? clean_name.substr(0, clean_name.size() - now.size()) : clean_name;
  return clean_file_name(std::string(cut(stem, max_file_name - extension.size())).append(extension));
}

}  // namespace argot::media
