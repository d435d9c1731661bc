#include "node_pool.h"

#include <argot/swarms.h>

namespace argot::swarm {

constexpr Duration refresh_pause = std::chrono::seconds(10);

std::string name_of_node(const ServiceNode& node) {
  return node.address() + " (" + to_hex(node.ed25519).substr(0, 8) + "…)";
}

Task<std::vector<ServiceNode>> NodePool::nodes() {
  std::vector<ServiceNode> nodes = directory_.lease()->nodes();
  if (nodes.empty()) {
    auto directory = directory_.lease();
    co_await directory->refresh();
    nodes = directory->nodes();
  }
  if (nodes.empty())
    throw Error(
        Code::unavailable,
        "The directory \"" + directory_.provider() + "\" knows no service node, so nothing can be stored or fetched.",
        "Check the directory's options, or wait until it has found nodes.");
  co_return nodes;
}

Task<> NodePool::refresh() {
  if (ctx_->uptime() < next_refresh_) co_return;
  next_refresh_ = ctx_->uptime() + refresh_pause;
  try {
    auto directory = directory_.lease();
    co_await directory->refresh();
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    ctx_->info("The directory has no news: " + error.sentence());
  }
}

void NodePool::offer(std::vector<ServiceNode> nodes) { directory_.lease()->offer(std::move(nodes)); }

std::optional<std::vector<ServiceNode>> NodePool::news(std::string& seen) const {
  auto directory = directory_.lease();
  std::string now = directory_.provider() + " " + std::to_string(directory->generation());
  if (now == seen) return std::nullopt;
  seen = std::move(now);
  return directory->nodes();
}

std::vector<ServiceNode> NodePool::swarm_of(const AccountId& account) const {
  auto directory = directory_.lease();
  const std::vector<ServiceNode>& nodes = directory->nodes();
  std::vector<std::uint64_t> ids;
  std::size_t placed = 0;
  for (const ServiceNode& node : nodes) {
    if (node.swarm == swarms::none) continue;
    ++placed;
    ids.push_back(node.swarm);
  }
  std::vector<ServiceNode> out;
  // A list that names swarms for a few nodes only does not know the ring.
  if (placed * 2 < nodes.size()) return out;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const auto id = swarms::nearest(ids, swarms::position(account));
  for (const ServiceNode& node : nodes)
    if (id && node.swarm == *id) out.push_back(node);
  return out;
}

}  // namespace argot::swarm
