#include <kernel/host/nearest.h>

#include <fmt/format.h>

#include <algorithm>

namespace argot::kernel {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Optimal string alignment; three rows of the table are enough.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string nearest(std::string_view found, const std::vector<std::string>& allowed) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, found.size() / 3) + 1;
  if (found.size() > 100) return best;  // nobody mistypes a hundred letters
  for (const std::string& candidate : allowed) {
    std::size_t distance = edit_distance(found, candidate);
    if (distance < best_distance && distance < std::max(found.size(), candidate.size())) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view found, const std::vector<std::string>& allowed) {
  std::string near = nearest(found, allowed);
  return near.empty() ? std::string() : fmt::format(" Did you mean \"{}\"?", near);
}

std::string list_allowed(const std::vector<std::string>& allowed) {
  if (allowed.empty()) return " Nothing is allowed here.";
  return fmt::format(" Allowed: {}.", fmt::join(allowed, ", "));
}

}  // namespace argot::kernel
