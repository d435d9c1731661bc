#pragma once
// What one account's store holds: it plays the disk, so it belongs to the world and outlives every kernel.
#include <argot/storage.h>

#include <map>
#include <set>

namespace argot::memory {

/// Where a message stands: (sent_at_ms, id).
using Place = std::pair<std::int64_t, MessageId>;

struct Tables {
  Fixed<32> key_print{};     ///< hash of the key it was made with
  std::weak_ptr<void> user;  ///< the store that is open on it

  std::map<MessageId, StoredMessage> messages;
  std::set<Place> order;
  std::set<std::pair<int, Place>> conversation_order;      ///< by number of the conversation
  std::map<std::pair<int, std::int64_t>, MessageId> sent;  ///< by (author, sent_at_ms)
  std::set<std::pair<std::int64_t, MessageId>> expiry;     ///< (expires_at_ms, id) of what disappears
  MessageId last_id = 0;                                   ///< the greatest ever used

  std::map<std::string, StoredConversation, std::less<>> conversations;
  std::map<MessageId, OutboxEntry> outbox;
  std::set<std::pair<std::int64_t, MessageId>> outbox_times;
  std::map<std::string, std::int64_t, std::less<>> seen;
  std::set<std::pair<std::int64_t, std::string>> seen_times;
  std::map<std::pair<std::string, std::string>, Bytes> values;  ///< by (owner, key)

  /// Short for account ids. Never taken back, which nobody can see.
  std::map<std::string, int, std::less<>> numbers;
};

}  // namespace argot::memory
