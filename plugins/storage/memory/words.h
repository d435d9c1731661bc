#pragma once
// Cutting text into words and folding case and accents, for a search without an index.
//
// A word is a run of letters, digits and the marks between them. Folded are: case in Latin, Greek, Cyrillic and
// Armenian; accents on Latin letters, whether composed (U+00E9) or combining (U+0301). Letters that are
// their own (ß, ø's neighbour æ, ł) stay as they are but for case. Other scripts compare as written.
#include <string>
#include <string_view>
#include <vector>

namespace argot::memory {

std::vector<std::string> words_of(std::string_view text);

/// Whether every one of `wanted` (as words_of gives them) begins some word of the text.
bool has_words(std::string_view text, const std::vector<std::string>& wanted);

}  // namespace argot::memory
