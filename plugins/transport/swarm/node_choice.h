// Which node to ask: any, but those that failed lately only when nothing else is left.
#pragma once
#include <argot/context.h>
#include <argot/directory.h>

#include <map>

namespace argot::swarm {

class NodeChoice {
 public:
  /// `nodes` in the order in which to try them: shuffled, those with a penalty last, the one that ends soonest first.
  std::vector<ServiceNode> order(Context& ctx, std::vector<ServiceNode> nodes) const;
  /// Ten seconds for the first failure in a row, twice as long for each further one, at most ten minutes.
  void failed(const ServiceNode& node, Duration now);
  /// Ten minutes at once: it did what no working node does.
  void lied(const ServiceNode& node, Duration now);
  /// Ends what failures brought; a lie is not forgotten for an honest word.
  void worked(const ServiceNode& node) {
    if (auto found = penalties_.find(node.ed25519); found != penalties_.end() && !found->second.lied)
      penalties_.erase(found);
  }
  bool has_penalty(const ServiceNode& node, Duration now) const;

 private:
  struct Penalty {
    Duration until{};
    unsigned in_a_row = 0;
    bool lied = false;
  };
  void keep(const ServiceNode& node, Penalty penalty, Duration now);
  std::map<Fixed<32>, Penalty> penalties_;  // at most max_penalties
};

}  // namespace argot::swarm
