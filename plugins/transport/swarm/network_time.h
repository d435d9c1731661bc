// What time the network has (client/envelope.md section 9): nodes refuse signatures that are more than a minute off.
#pragma once
#include <argot/task.h>

#include <deque>

namespace argot::swarm {

class NetworkTime {
 public:
  /// A reply that arrived at `local` says that its node's clock shows `node_ms`. Values before 2021 or after 2100 are
  /// no clocks and ignored.
  void observe(std::int64_t node_ms, Time local);
  /// Local time minus the average difference of the last ten replies, rounded down.
  Time at(Time local) const;
  /// Our idea of the time was refused: begin anew.
  void forget() { differences_.clear(); }
  bool known() const { return !differences_.empty(); }

 private:
  std::deque<std::int64_t> differences_;  // local - node, ms
};

}  // namespace argot::swarm
