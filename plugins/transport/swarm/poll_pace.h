// How often a mailbox is asked for news where nodes do not tell by themselves: more often while somebody is talking,
// less often when nobody has for long.
#pragma once
#include <argot/task.h>

#include <algorithm>

namespace argot::swarm {

/// `usual`: the interval that the profile says; `silence`: how long nothing has come or gone.
inline Duration poll_interval(Duration usual, Duration silence) {
  using std::chrono::minutes, std::chrono::milliseconds;
  constexpr Duration slowest = std::chrono::seconds(60);
  if (silence < minutes(1)) return std::max(usual / 3, std::min<Duration>(usual, milliseconds(200)));
  if (silence < minutes(10)) return usual;
  return std::max(usual, std::min(usual * (silence < minutes(60) ? 2 : 4), slowest));
}

}  // namespace argot::swarm
