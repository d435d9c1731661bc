// What time the network has (client/envelope.md section 9): nodes refuse signatures that are more than a minute off,
// and they judge by their own clock, right or wrong.
#pragma once
#include <argot/bytes.h>
#include <argot/task.h>

#include <deque>

namespace argot::swarm {

class NetworkTime {
 public:
  /// A reply that arrived at `local` says that this node's clock shows `node_ms`. Values before 2021 or after 2100 are
  /// no clocks and ignored. When a node's difference to us has jumped, our own clock was set: what other nodes said
  /// before is forgotten.
  void observe(const Fixed<32>& node, std::int64_t node_ms, Time local);
  /// The time that most have: local time minus the median difference of the last ten nodes, rounded down.
  Time at(Time local) const;
  /// What this node's clock shows, if it has said so lately and is no more than two hours from the others'; else as
  /// above.
  Time at(const Fixed<32>& node, Time local) const;
  bool known() const { return !differences_.empty(); }

 private:
  struct Difference {
    Fixed<32> node{};
    std::int64_t ms = 0;  ///< local - node
  };
  std::int64_t median() const;
  std::deque<Difference> differences_;  ///< one a node, latest last
};

}  // namespace argot::swarm
