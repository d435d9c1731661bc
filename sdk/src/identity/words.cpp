#include "words.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace argot::phrase {
namespace {

// One literal without pointers: nothing to relocate when the library is loaded.
constexpr std::string_view text =
#include "words_english.inc"
    ;

constexpr std::array<std::uint16_t, word_count + 1> make_starts() {
  std::array<std::uint16_t, word_count + 1> starts{};
  std::size_t word = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == ' ') starts[++word] = static_cast<std::uint16_t>(i + 1);
  if (word != word_count) throw "the word list is incomplete";  // a compile error
  return starts;
}
constexpr std::array<std::uint16_t, word_count + 1> starts = make_starts();

/// Levenshtein distance; words are short.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, 32> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view word_at(std::size_t index) {
  return text.substr(starts[index], starts[index + 1] - starts[index] - 1u);
}

std::optional<std::size_t> find_word(std::string_view wanted) {
  if (wanted.size() < prefix_length) return std::nullopt;
  wanted = wanted.substr(0, prefix_length);
  std::size_t low = 0, high = word_count;  // the list is sorted, and so are its prefixes
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (word_at(middle).substr(0, prefix_length) < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == word_count || !word_at(low).starts_with(wanted)) return std::nullopt;
  return low;
}

std::string_view nearest_word(std::string_view wanted) {
  if (wanted.empty() || wanted.size() > 20) return {};
  std::string_view best;
  std::size_t fewest = wanted.size() / 2 + 1;  // more edits than half of it is no likeness
  for (std::size_t i = 0; i < word_count; ++i) {
    const std::size_t edits = distance(wanted, word_at(i));
    if (edits < fewest) fewest = edits, best = word_at(i);
  }
  return best;
}

}  // namespace argot::phrase
