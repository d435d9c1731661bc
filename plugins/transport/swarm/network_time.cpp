#include "network_time.h"

#include <numeric>

namespace argot::swarm {

constexpr std::int64_t year_2021_ms = 1'609'459'200'000, year_2100_ms = 4'102'444'800'000;
constexpr std::size_t remembered = 10;

void NetworkTime::observe(std::int64_t node_ms, Time local) {
  if (node_ms < year_2021_ms || node_ms > year_2100_ms) return;
  differences_.push_back(to_ms(local) - node_ms);
  if (differences_.size() > remembered) differences_.pop_front();
}

Time NetworkTime::at(Time local) const {
  if (differences_.empty()) return local;
  const std::int64_t sum = std::accumulate(differences_.begin(), differences_.end(), std::int64_t{0});
  const auto count = static_cast<std::int64_t>(differences_.size());
  const std::int64_t floor = sum / count - (sum % count < 0 ? 1 : 0);
  return local - std::chrono::milliseconds(floor);
}

}  // namespace argot::swarm
