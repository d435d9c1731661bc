#pragma once
// What one transaction has changed, to be told once it is durable.
#include <kernel/messenger/account.h>

namespace argot::kernel {

struct Changes {
  std::vector<StoredMessage> added, changed, removed;
  std::map<std::string, StoredConversation> conversations;
  bool chores = false;                             ///< some were written
  std::vector<std::pair<AccountId, Time>> typing;  ///< who, until when

  /// Writes the conversation and remembers to tell of it.
  void put(Transaction& tx, const StoredConversation& conversation);
  /// Removes a message from store and conversation, for good.
  void remove(Transaction& tx, StoredMessage message, std::int64_t now_ms);
  void tell(Account& account);
};

}  // namespace argot::kernel
