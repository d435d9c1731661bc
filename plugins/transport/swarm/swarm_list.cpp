#include "swarm_list.h"

namespace argot::swarm {

constexpr std::size_t max_accounts = 1000;

const std::vector<ServiceNode>* SwarmList::find(const AccountId& account) {
  auto found = entries_.find(account);
  if (found == entries_.end()) return nullptr;
  used_.splice(used_.begin(), used_, found->second.used);
  return &found->second.nodes;
}

void SwarmList::set(const AccountId& account, std::vector<ServiceNode> nodes) {
  forget(account);
  if (entries_.size() >= max_accounts) forget(AccountId(used_.back()));
  used_.push_front(account);
  entries_[account] = {std::move(nodes), used_.begin()};
}

void SwarmList::forget(const AccountId& account) {
  auto found = entries_.find(account);
  if (found == entries_.end()) return;
  used_.erase(found->second.used);
  entries_.erase(found);
}

}  // namespace argot::swarm
