#include "network_time.h"

#include <algorithm>
#include <vector>

namespace argot::swarm {

constexpr std::int64_t year_2021_ms = 1'609'459'200'000, year_2100_ms = 4'102'444'800'000;
constexpr std::int64_t jump_ms = 30'000, farthest_ms = 2 * 3'600'000;
constexpr std::size_t remembered = 10;

void NetworkTime::observe(const Fixed<32>& node, std::int64_t node_ms, Time local) {
  if (node_ms < year_2021_ms || node_ms > year_2100_ms) return;
  const std::int64_t difference = to_ms(local) - node_ms;
  if (auto known = std::ranges::find(differences_, node, &Difference::node); known != differences_.end()) {
    const std::int64_t moved = difference - known->ms;
    differences_.erase(known);
    if (moved > jump_ms || moved < -jump_ms) differences_.clear();
  }
  differences_.push_back({node, difference});
  if (differences_.size() > remembered) differences_.pop_front();
}

// Of an even number the mean of the two in the middle.
std::int64_t NetworkTime::median() const {
  std::vector<std::int64_t> all;
  for (const Difference& each : differences_) all.push_back(each.ms);
  std::ranges::sort(all);
  const std::int64_t sum = all[(all.size() - 1) / 2] + all[all.size() / 2];
  return sum / 2 - (sum % 2 < 0 ? 1 : 0);
}

Time NetworkTime::at(Time local) const {
  return differences_.empty() ? local : local - std::chrono::milliseconds(median());
}

Time NetworkTime::at(const Fixed<32>& node, Time local) const {
  const auto known = std::ranges::find(differences_, node, &Difference::node);
  // Who has a signature for a time to come can use it then: nobody gets one for next week.
  if (known == differences_.end() || std::abs(known->ms - median()) > farthest_ms) return at(local);
  return local - std::chrono::milliseconds(known->ms);
}

}  // namespace argot::swarm
