// Which nodes keep an account's mailboxes, as far as we were told. At most 1,000 accounts; the longest unused goes
// first.
#pragma once
#include <argot/directory.h>
#include <argot/identity.h>

#include <list>
#include <map>

namespace argot::swarm {

class SwarmList {
 public:
  /// Null when unknown. Valid until the next call that changes the list.
  const std::vector<ServiceNode>* find(const AccountId& account);
  void set(const AccountId& account, std::vector<ServiceNode> nodes);
  void forget(const AccountId& account);

 private:
  struct Entry {
    std::vector<ServiceNode> nodes;
    std::list<AccountId>::iterator used;
  };
  std::map<AccountId, Entry> entries_;
  std::list<AccountId> used_;  // latest first
};

}  // namespace argot::swarm
