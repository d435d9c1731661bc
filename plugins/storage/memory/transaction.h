#pragma once
// One transaction on tables in memory: changes are made in place and taken back unless committed.
#include "tables.h"
#include "undo.h"

namespace argot::memory {

class MemoryTransaction final : public Transaction {
 public:
  /// `busy` is true while a transaction is open.
  MemoryTransaction(std::shared_ptr<Tables> tables, std::shared_ptr<bool> busy);
  ~MemoryTransaction() override;

  std::optional<MessageId> insert(const StoredMessage& message) override;
  void update(const StoredMessage& message) override;
  std::optional<StoredMessage> message(MessageId id) override;
  std::optional<StoredMessage> message(std::string_view author, std::int64_t sent_at_ms) override;
  std::vector<StoredMessage> messages(const MessageQuery& query) override;
  void erase_message(MessageId id) override;
  std::vector<MessageId> expired(std::int64_t now_ms, std::size_t limit) override;
  std::optional<std::int64_t> next_expiry_ms() override;

  void put(const StoredConversation& conversation) override;
  std::optional<StoredConversation> conversation(std::string_view id) override;
  std::vector<StoredConversation> conversations() override;

  void put(const OutboxEntry& entry) override;
  void erase_outbox(MessageId message) override;
  std::vector<OutboxEntry> due(std::int64_t now_ms, std::size_t limit) override;
  std::optional<std::int64_t> next_due_ms() override;

  bool see(std::string_view hash, std::int64_t expires_ms) override;
  void forget_seen(std::int64_t before_ms) override;

  std::optional<Bytes> get(std::string_view owner, std::string_view key) override;
  void put(std::string_view owner, std::string_view key, ByteView value) override;
  void erase(std::string_view owner, std::string_view key) override;
  std::vector<std::pair<std::string, Bytes>> scan(std::string_view owner, std::string_view prefix) override;

  void clear() override;
  void commit() override;

 private:
  Tables& tables();  ///< throws once the transaction has ended
  int number_of(const std::string& account);
  Place place_of(MessageId id);

  std::shared_ptr<Tables> tables_;
  std::shared_ptr<bool> busy_;
  Undo undo_;
  bool open_ = true;
};

}  // namespace argot::memory
