#include "words.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace argot::memory {
namespace {

#include "words_table.inc"

struct CaseRule {
  char32_t first, last;  ///< capitals
  std::int32_t offset;
  char32_t step;
};
constexpr CaseRule case_rules[] = {
    {0xC6, 0xC6, 32, 1},        {0xD0, 0xD0, 32, 1},    {0xD8, 0xD8, 32, 1},   {0xDE, 0xDE, 32, 1},
    {0x110, 0x110, 1, 1},       {0x126, 0x126, 1, 1},   {0x132, 0x132, 1, 1},  {0x13F, 0x141, 1, 2},
    {0x14A, 0x14A, 1, 1},       {0x152, 0x152, 1, 1},   {0x166, 0x166, 1, 1},  {0x18F, 0x18F, 202, 1},
    {0x1E0, 0x1E4, 1, 2},       {0x1FC, 0x1FE, 1, 2},   {0x386, 0x386, 38, 1}, {0x388, 0x38A, 37, 1},
    {0x38C, 0x38C, 64, 1},      {0x38E, 0x38F, 63, 1},  {0x391, 0x3A1, 32, 1}, {0x3A3, 0x3AB, 32, 1},
    {0x3C2, 0x3C2, 1, 1},       {0x400, 0x40F, 80, 1},  {0x410, 0x42F, 32, 1}, {0x460, 0x480, 1, 2},
    {0x48A, 0x4BE, 1, 2},       {0x4C1, 0x4CD, 1, 2},   {0x4D0, 0x526, 1, 2},  {0x531, 0x556, 48, 1},
    {0x1E9E, 0x1E9E, -7615, 1}, {0xFF21, 0xFF3A, 32, 1}};

// What cannot be part of a word: controls, punctuation, symbols, emoji.
constexpr char32_t separators[][2] = {
    {0x80, 0xA9},     {0xAB, 0xB1},     {0xB4, 0xB4},       {0xB6, 0xB8},       {0xBB, 0xBB},     {0xBF, 0xBF},
    {0xD7, 0xD7},     {0xF7, 0xF7},     {0x2C2, 0x2C5},     {0x37E, 0x37E},     {0x387, 0x387},   {0x55A, 0x55F},
    {0x589, 0x58A},   {0x5BE, 0x5BE},   {0x5F3, 0x5F4},     {0x606, 0x60F},     {0x61B, 0x61F},   {0x66A, 0x66D},
    {0x6D4, 0x6D4},   {0x964, 0x965},   {0xE3F, 0xE3F},     {0xE4F, 0xE4F},     {0x2000, 0x206F}, {0x20A0, 0x20BF},
    {0x2190, 0x245F}, {0x249C, 0x24E9}, {0x2500, 0x2775},   {0x2794, 0x2BFF},   {0x2E00, 0x2FFF}, {0x3001, 0x3004},
    {0x3008, 0x3020}, {0x3030, 0x3030}, {0x303D, 0x3040},   {0x30FB, 0x30FB},   {0xFD3E, 0xFD3F}, {0xFE0E, 0xFE19},
    {0xFE30, 0xFE52}, {0xFE54, 0xFE6F}, {0xFEFF, 0xFEFF},   {0xFF01, 0xFF0F},   {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40},
    {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF}, {0x1F000, 0x1FAFF}, {0xE0000, 0x10FFFF}};

bool in_word(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const auto* at = std::partition_point(std::begin(separators), std::end(separators),
                                        [c](const auto& range) { return range[1] < c; });
  return at == std::end(separators) || c < (*at)[0];
}

/// 0: nothing is left of it.
char32_t fold(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if (c >= 0x300 && c <= 0x331) return 0;
  char plain = '.';
  if (c >= 0xC0 && c < 0xC0 + latin.size()) plain = latin[c - 0xC0];
  if (c >= 0x1E00 && c < 0x1E00 + latin_additional.size()) plain = latin_additional[c - 0x1E00];
  if (plain != '.') return static_cast<char32_t>(plain);
  for (const CaseRule& rule : case_rules)
    if (c >= rule.first && c <= rule.last && (c - rule.first) % rule.step == 0)
      return static_cast<char32_t>(static_cast<std::int32_t>(c) + rule.offset);
  return c;
}

/// The next character; a byte that is not UTF-8 counts as a separator.
char32_t next(std::string_view& text) {
  constexpr char32_t none = 0xFFFD;
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  if (size == 0 || size > text.size()) return text.remove_prefix(1), none;
  char32_t c = size == 1 ? lead : lead & (0xFF >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto more = static_cast<unsigned char>(text[i]);
    if (more >> 6 != 2) return text.remove_prefix(i), none;
    c = c << 6 | (more & 0x3F);
  }
  return text.remove_prefix(size), c;
}

void append(std::string& out, char32_t c) {
  if (c < 0x80) return out.push_back(static_cast<char>(c));
  if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
  } else {
    if (c < 0x10000) {
      out.push_back(static_cast<char>(0xE0 | c >> 12));
    } else {
      out.push_back(static_cast<char>(0xF0 | c >> 18));
      out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    }
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
  }
  out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
}

/// Calls `use` with each folded word until it returns false.
template <class Use> void each_word(std::string_view text, Use use) {
  std::string word;
  while (!text.empty()) {
    const char32_t c = next(text);
    if (in_word(c)) {
      if (const char32_t folded = fold(c)) append(word, folded);
      if (!text.empty()) continue;
    }
    if (!word.empty() && !use(word)) return;
    word.clear();
  }
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  each_word(text, [&](const std::string& word) {
    out.push_back(word);
    return true;
  });
  return out;
}

bool has_words(std::string_view text, const std::vector<std::string>& wanted) {
  std::vector<bool> found(wanted.size());
  std::size_t missing = wanted.size();
  each_word(text, [&](const std::string& word) {
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (!found[i] && word.starts_with(wanted[i])) found[i] = true, --missing;
    return missing > 0;
  });
  return missing == 0;
}

}  // namespace argot::memory
