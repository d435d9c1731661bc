#include "node_choice.h"

namespace argot::swarm {

constexpr Duration first_penalty = std::chrono::seconds(10), longest_penalty = std::chrono::minutes(10);
constexpr std::size_t max_penalties = 1000;

std::vector<ServiceNode> NodeChoice::order(Context& ctx, std::vector<ServiceNode> nodes) const {
  for (std::size_t left = nodes.size(); left > 1; --left) std::swap(nodes[left - 1], nodes[ctx.random_below(left)]);
  const Duration now = ctx.uptime();
  auto until = [&](const ServiceNode& node) {
    auto found = penalties_.find(node.ed25519);
    return found != penalties_.end() && found->second.until > now ? found->second.until : Duration::zero();
  };
  std::stable_sort(nodes.begin(), nodes.end(), [&](const auto& a, const auto& b) { return until(a) < until(b); });
  return nodes;
}

bool NodeChoice::has_penalty(const ServiceNode& node, Duration now) const {
  auto found = penalties_.find(node.ed25519);
  return found != penalties_.end() && found->second.until > now;
}

void NodeChoice::failed(const ServiceNode& node, Duration now) {
  auto found = penalties_.find(node.ed25519);
  Penalty penalty = found == penalties_.end() ? Penalty() : found->second;
  const Duration length = std::min(longest_penalty, first_penalty * (1u << std::min(penalty.in_a_row, 6u)));
  penalty.until = std::max(penalty.until, now + length);
  ++penalty.in_a_row;
  keep(node, penalty, now);
}

void NodeChoice::lied(const ServiceNode& node, Duration now) { keep(node, {now + longest_penalty, 6, true}, now); }

void NodeChoice::keep(const ServiceNode& node, Penalty penalty, Duration now) {
  if (penalties_.size() >= max_penalties && !penalties_.contains(node.ed25519)) {
    std::erase_if(penalties_, [now](const auto& p) { return p.second.until <= now; });
    if (penalties_.size() >= max_penalties)
      penalties_.erase(std::min_element(penalties_.begin(), penalties_.end(),
                                        [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
  }
  penalties_[node.ed25519] = penalty;
}

}  // namespace argot::swarm
