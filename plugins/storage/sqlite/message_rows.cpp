// Writing messages. A message is a row of `message` and, when it has text, an entry of the search index.
#include "schema.h"
#include "transaction.h"

namespace argot::sqlite {
namespace {

constexpr const char* add_words = "INSERT INTO message_index(rowid, text, conversation) VALUES(?1, ?2, ?3)";
constexpr const char* remove_words =
    "INSERT INTO message_index(message_index, rowid, text, conversation) VALUES('delete', ?1, ?2, ?3)";

}  // namespace

void SqliteTransaction::index(const char* sql, std::int64_t position, std::int64_t conversation,
                              std::string_view text) {
  if (text.empty()) return;
  const std::string number = std::to_string(conversation);
  Query(db(), sql, position, text, number).run();
}

std::int64_t SqliteTransaction::next_id() {
  if (core_->next_id == 0)
    core_->next_id = 1 + db().number("SELECT max(id, coalesce((SELECT max(id) FROM message), 0)) FROM retired");
  return core_->next_id;
}

std::int64_t SqliteTransaction::make_room(std::int64_t sent_at_ms, MessageId id) {
  const Moment range = moment(sent_at_ms);
  std::int64_t last = range.first - 1;
  bool in_order = true;
  {
    Query row(db(), "SELECT position, id FROM message WHERE position BETWEEN ?1 AND ?2 ORDER BY position DESC LIMIT 1",
              range.first, range.last);
    if (row.step()) {
      last = row.number(0);
      in_order = row.number(1) < id;
    }
  }
  if (last >= range.last)
    throw Error(Code::resource_exhausted, "A million messages claim to have been sent in the same millisecond.",
                "The last of them was not kept.");
  if (in_order) return last + 1;
  // Only when another store is copied: everything of this moment with a greater id moves one up, last first.
  std::vector<std::int64_t> later;
  for (Query row(db(),
                 "SELECT position FROM message WHERE position BETWEEN ?1 AND ?2 AND id > ?3 ORDER BY position DESC",
                 range.first, range.last, id);
       row.step();)
    later.push_back(row.number(0));
  for (std::int64_t position : later) move(position, position + 1);
  return later.back();
}

void SqliteTransaction::move(std::int64_t from, std::int64_t to) {
  std::string text;
  std::int64_t conversation = 0;
  {
    Query row(db(), "SELECT conversation, text FROM message WHERE position = ?1", from);
    if (!row.step()) db().fail(SQLITE_CORRUPT);
    conversation = row.number(0);
    text = row.text(1);
  }
  index(remove_words, from, conversation, text);
  Query(db(), "UPDATE message SET position = ?2 WHERE position = ?1", from, to).run();
  index(add_words, to, conversation, text);
}

std::optional<MessageId> SqliteTransaction::insert(const StoredMessage& m) {
  std::int64_t conversation = (db(), core_->accounts.find(m.conversation));
  if (conversation && !Query(db(), "SELECT 1 FROM conversation WHERE account = ?1", conversation).step())
    conversation = 0;
  if (!conversation)
    throw Error(Code::not_found, "There is no conversation \"" + m.conversation + "\" to put a message into.",
                "Write the conversation first.");
  const std::int64_t author = core_->accounts.find_or_add(m.author);
  if (Query(db(), "SELECT 1 FROM message WHERE author = ?1 AND sent_at = ?2", author, m.sent_at_ms).step())
    return std::nullopt;
  if (m.id != 0 && Query(db(), "SELECT 1 FROM message WHERE id = ?1", m.id).step())
    throw Error(Code::already_exists, "The message id " + std::to_string(m.id) + " is in use.",
                "Insert with id 0 to get a free one.");

  const MessageId id = m.id != 0 ? m.id : next_id();
  const std::int64_t position = make_room(m.sent_at_ms, id);
  Query(db(),
        "INSERT INTO message(position, id, conversation, author, sent_at, received_at, direction, state, kind, hash, "
        "suite, failure,"
        " trace, text, content, expires_at, extra)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        position, id, conversation, author, m.sent_at_ms, m.received_at_ms, static_cast<std::int64_t>(m.direction),
        static_cast<std::int64_t>(m.state), std::int64_t{m.kind}, m.hash, m.suite, m.failure, m.trace, m.text,
        m.content, m.expires_at_ms, m.extra)
      .run();
  index(add_words, position, conversation, m.text);
  core_->next_id = std::max(core_->next_id, id + 1);
  if (m.id != 0) core_->next_id = 0;
  return id;
}

void SqliteTransaction::update(const StoredMessage& m) {
  std::int64_t position = 0, conversation = 0;
  std::string old_text;
  bool same_text = false;
  {
    Query row(db(), "SELECT position, conversation, text FROM message WHERE id = ?1", m.id);
    if (!row.step())
      throw Error(Code::not_found, "There is no message " + std::to_string(m.id) + " to change.",
                  "It may have been deleted.");
    position = row.number(0);
    conversation = row.number(1);
    same_text = row.text(2) == m.text;
    if (!same_text) old_text = row.text(2);
  }
  if (!same_text) index(remove_words, position, conversation, old_text);
  Query(
      db(),
      "UPDATE message SET received_at = ?2, direction = ?3, state = ?4, kind = ?5, hash = ?6, suite = ?7, failure = ?8,"
      " trace = ?9, text = ?10, content = ?11, expires_at = ?12, extra = ?13 WHERE position = ?1",
      position, m.received_at_ms, static_cast<std::int64_t>(m.direction), static_cast<std::int64_t>(m.state),
      std::int64_t{m.kind}, m.hash, m.suite, m.failure, m.trace, m.text, m.content, m.expires_at_ms, m.extra)
      .run();
  if (!same_text) index(add_words, position, conversation, m.text);
}

void SqliteTransaction::erase_message(MessageId id) {
  std::int64_t position = 0, conversation = 0;
  std::string text;
  {
    Query row(db(), "SELECT position, conversation, text FROM message WHERE id = ?1", id);
    if (!row.step()) return erase_outbox(id);
    position = row.number(0);
    conversation = row.number(1);
    text = row.text(2);
  }
  index(remove_words, position, conversation, text);
  Query(db(), "DELETE FROM message WHERE position = ?1", position).run();
  Query(db(), "UPDATE retired SET id = ?1 WHERE id < ?1", id).run();
  erase_outbox(id);
}

}  // namespace argot::sqlite
