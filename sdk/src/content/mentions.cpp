// Who is mentioned in a text.
#include <argot/content.h>

#include <algorithm>

namespace argot {

std::vector<MentionAt> find_mentions(std::string_view text) {
  constexpr std::size_t digits = 66;
  std::vector<MentionAt> out;
  for (std::size_t at = text.find('@'); at != text.npos; at = text.find('@', at + 1)) {
    const std::string_view id = text.substr(at + 1, digits);
    const std::size_t end = text.find_first_not_of("0123456789abcdef", at + 1);
    const bool whole = id.size() == digits && (end == text.npos ? text.size() : end) == at + 1 + digits;
    if (whole && id.starts_with("05")) out.push_back({at, std::string(id)});
  }
  return out;
}

std::vector<std::string> mentions(std::string_view text) {
  std::vector<std::string> out;
  for (MentionAt& mention : find_mentions(text))
    if (std::find(out.begin(), out.end(), mention.id) == out.end()) out.push_back(std::move(mention.id));
  return out;
}

}  // namespace argot
