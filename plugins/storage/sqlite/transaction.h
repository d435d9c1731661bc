#pragma once
// One transaction. Statements go to SQLite as they come; message_rows.cpp and message_query.cpp have those about
// messages, transaction.cpp the rest.
#include "core.h"

#include <argot/storage.h>

namespace argot::sqlite {

class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(std::shared_ptr<Core> core);
  ~SqliteTransaction() override;

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
  Database& db();  ///< throws once the transaction has ended
  void end() noexcept;

  std::int64_t next_id();
  /// A free position for a message of this time and id; moves others aside when ids do not come in order.
  std::int64_t make_room(std::int64_t sent_at_ms, MessageId id);
  void move(std::int64_t from, std::int64_t to);
  std::int64_t position_of(MessageId id);
  void index(const char* sql, std::int64_t position, std::int64_t conversation, std::string_view text);

  std::shared_ptr<Core> core_;
  bool open_ = true;
};

/// The rows of an outbox query with the columns of outbox_columns.
std::vector<OutboxEntry> outbox_entries(Query& query);
#define ARGOT_OUTBOX_COLUMNS "message, mailbox, ns, envelope, suite, ttl, attempts, next_attempt"

}  // namespace argot::sqlite
