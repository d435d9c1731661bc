#pragma once
// UTF-8 as it is allowed on the wire: shortest forms, no surrogates, at most U+10FFFF.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace argot {

/// How many code points a text has; nothing when it is not UTF-8.
std::optional<std::size_t> count_code_points(std::string_view text);
/// The text with every byte that belongs to no code point replaced by U+FFFD. Costs nothing when there is none.
std::string repair_utf8(std::string text);

}  // namespace argot
