#include "transaction.h"

namespace argot::sqlite {

SqliteTransaction::SqliteTransaction(std::shared_ptr<Core> core) : core_(std::move(core)) {
  if (core_->in_transaction)
    throw Error(Code::internal, "A transaction of the store \"" + core_->db->file().string() + "\" is open already.",
                "Commit or destroy it before the next one begins.");
  core_->db->begin();
  core_->in_transaction = true;
}

SqliteTransaction::~SqliteTransaction() {
  if (!open_) return;
  core_->db->rollback();
  core_->accounts.forget();
  core_->next_id = 0;
  end();
}

void SqliteTransaction::end() noexcept {
  open_ = false;
  core_->in_transaction = false;
}

Database& SqliteTransaction::db() {
  if (!open_) [[unlikely]]
    throw Error(Code::internal, "A transaction was used after its commit.", "Begin a new one.");
  return *core_->db;
}

void SqliteTransaction::commit() {
  try {
    db().commit();
  } catch (...) {
    if (open_) {
      core_->db->rollback();
      core_->accounts.forget();
      core_->next_id = 0;
      end();
    }
    throw;
  }
  end();
}

// --- conversations ---

namespace {

#define ARGOT_CONVERSATION_COLUMNS "name, approved, blocked, last_active, unread, last_message, extra"

StoredConversation conversation_in(Query& row, std::string id) {
  StoredConversation out;
  out.id = std::move(id);
  out.name = row.text(0);
  out.approved = row.number(1) != 0;
  out.blocked = row.number(2) != 0;
  out.last_active_ms = row.number(3);
  out.unread = row.number(4);
  out.last_message = row.number(5);
  out.extra = to_bytes(row.bytes(6));
  return out;
}

}  // namespace

void SqliteTransaction::put(const StoredConversation& c) {
  const std::int64_t account = (db(), core_->accounts.find_or_add(c.id));
  Query(db(),
        "INSERT OR REPLACE INTO conversation(" ARGOT_CONVERSATION_COLUMNS
        ", account) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        c.name, c.approved, c.blocked, c.last_active_ms, c.unread, c.last_message, c.extra, account)
      .run();
}

std::optional<StoredConversation> SqliteTransaction::conversation(std::string_view id) {
  const std::int64_t account = (db(), core_->accounts.find(id));
  Query row(db(), "SELECT " ARGOT_CONVERSATION_COLUMNS " FROM conversation WHERE account = ?1", account);
  if (!row.step()) return std::nullopt;
  return conversation_in(row, std::string(id));
}

std::vector<StoredConversation> SqliteTransaction::conversations() {
  std::vector<StoredConversation> out;
  Query row(db(),
            "SELECT " ARGOT_CONVERSATION_COLUMNS ", account FROM conversation ORDER BY last_active DESC, account DESC");
  while (row.step()) out.push_back(conversation_in(row, core_->accounts.id_of(row.number(7))));
  return out;
}

// --- outbox ---

std::vector<OutboxEntry> outbox_entries(Query& row) {
  std::vector<OutboxEntry> out;
  while (row.step()) {
    OutboxEntry& entry = out.emplace_back();
    entry.message = row.number(0);
    entry.mailbox = row.text(1);
    entry.ns = static_cast<std::int16_t>(row.number(2));
    entry.envelope = to_bytes(row.bytes(3));
    entry.suite = row.text(4);
    entry.ttl_ms = row.number(5);
    entry.attempts = static_cast<std::int32_t>(row.number(6));
    entry.next_attempt_ms = row.number(7);
  }
  return out;
}

void SqliteTransaction::put(const OutboxEntry& e) {
  Query(db(), "INSERT OR REPLACE INTO outbox(" ARGOT_OUTBOX_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        e.message, e.mailbox, std::int64_t{e.ns}, e.envelope, e.suite, e.ttl_ms, std::int64_t{e.attempts},
        e.next_attempt_ms)
      .run();
}

void SqliteTransaction::erase_outbox(MessageId message) {
  Query(db(), "DELETE FROM outbox WHERE message = ?1", message).run();
}

std::vector<OutboxEntry> SqliteTransaction::due(std::int64_t now_ms, std::size_t limit) {
  Query rows(db(), "SELECT " ARGOT_OUTBOX_COLUMNS " FROM outbox WHERE next_attempt <= ?1 ORDER BY message LIMIT ?2",
             now_ms, static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)));
  return outbox_entries(rows);
}

std::optional<std::int64_t> SqliteTransaction::next_due_ms() {
  Query row(db(), "SELECT next_attempt FROM outbox ORDER BY next_attempt LIMIT 1");
  if (!row.step()) return std::nullopt;
  return row.number(0);
}

// --- seen ---

bool SqliteTransaction::see(std::string_view hash, std::int64_t expires_ms) {
  Query(db(), "INSERT INTO seen(hash, expires) VALUES(?1, ?2) ON CONFLICT DO NOTHING", hash, expires_ms).run();
  if (db().changes() == 1) return true;
  Query(db(), "UPDATE seen SET expires = ?2 WHERE hash = ?1 AND expires < ?2", hash, expires_ms).run();
  return false;
}

void SqliteTransaction::forget_seen(std::int64_t before_ms) {
  Query(db(), "DELETE FROM seen WHERE expires < ?1", before_ms).run();
}

// --- small values ---

std::optional<Bytes> SqliteTransaction::get(std::string_view owner, std::string_view key) {
  Query row(db(), "SELECT value FROM value WHERE owner = ?1 AND key = ?2", owner, view(key));
  if (!row.step()) return std::nullopt;
  return to_bytes(row.bytes(0));
}

void SqliteTransaction::put(std::string_view owner, std::string_view key, ByteView value) {
  Query(db(), "INSERT OR REPLACE INTO value(owner, key, value) VALUES(?1, ?2, ?3)", owner, view(key), value).run();
}

void SqliteTransaction::erase(std::string_view owner, std::string_view key) {
  Query(db(), "DELETE FROM value WHERE owner = ?1 AND key = ?2", owner, view(key)).run();
}

std::vector<std::pair<std::string, Bytes>> SqliteTransaction::scan(std::string_view owner, std::string_view prefix) {
  std::vector<std::pair<std::string, Bytes>> out;
  Query row(db(), "SELECT key, value FROM value WHERE owner = ?1 AND key >= ?2 ORDER BY key", owner, view(prefix));
  while (row.step()) {
    const auto key = text_of(row.bytes(0));
    if (!key.starts_with(prefix)) break;
    out.emplace_back(key, to_bytes(row.bytes(1)));
  }
  return out;
}

void SqliteTransaction::clear() {
  Query(db(), "UPDATE retired SET id = max(id, (SELECT coalesce(max(id), 0) FROM message))").run();
  for (const char* sql : {"DELETE FROM message", "INSERT INTO message_index(message_index) VALUES('delete-all')",
                          "DELETE FROM conversation", "DELETE FROM outbox", "DELETE FROM seen", "DELETE FROM value",
                          "DELETE FROM account"})
    Query(db(), sql).run();
  core_->accounts.forget();
}

}  // namespace argot::sqlite
