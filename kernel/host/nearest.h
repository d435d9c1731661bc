#pragma once
// "Did you mean ...?"
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace argot::kernel {

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to get from a to b.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `allowed`, or nothing when none is near (more than a third of the letters, at least two, differ).
std::string nearest(std::string_view found, const std::vector<std::string>& allowed);

/// " Did you mean \"x\"?" or nothing; and " Allowed: a, b, c." or " Nothing is allowed here.".
std::string did_you_mean(std::string_view found, const std::vector<std::string>& allowed);
std::string list_allowed(const std::vector<std::string>& allowed);

}  // namespace argot::kernel
