#pragma once
// The word list of recovery phrases (client/account.md section 1.1).
#include <cstddef>
#include <optional>
#include <string_view>

namespace argot::phrase {

inline constexpr std::size_t word_count = 1626;
/// Words are told apart by this many first letters.
inline constexpr std::size_t prefix_length = 3;

/// The word at an index below word_count.
std::string_view word_at(std::size_t index);
/// The index of the word that begins with the first three letters of `text` (lower case); what follows them is
/// ignored.
std::optional<std::size_t> find_word(std::string_view text);
/// The word of the list that is fewest edits away from `text`; empty when none is similar.
std::string_view nearest_word(std::string_view text);

}  // namespace argot::phrase
