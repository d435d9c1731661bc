#pragma once
// What a store should hold and find, kept in the plainest way there is.
#include <argot/storage.h>

#include <map>

namespace argot::kit {

class StorageModel {
 public:
  void insert(const StoredMessage& message) { messages_[message.id] = message; }
  void erase(MessageId id) { messages_.erase(id); }
  bool has(const std::string& author, std::int64_t sent_at_ms) const;
  /// Words are what spaces separate, compared in ASCII and lower case: write texts accordingly.
  std::vector<StoredMessage> messages(const MessageQuery& query) const;
  std::map<MessageId, StoredMessage>& all() { return messages_; }

 private:
  std::map<MessageId, StoredMessage> messages_;
};

}  // namespace argot::kit
