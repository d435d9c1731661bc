// Reading messages. Every query walks a B-tree or the search index in the order asked for and stops at its limit.
#include "schema.h"
#include "transaction.h"

namespace argot::sqlite {
namespace {

#define ARGOT_MESSAGE_COLUMNS                                                                                 \
  "m.id, m.conversation, m.author, m.sent_at, m.received_at, m.direction, m.state, m.kind, m.hash, m.suite, " \
  "m.failure,"                                                                                                \
  " m.trace, m.text, m.content, m.expires_at, m.extra"
#define ARGOT_LIST "SELECT " ARGOT_MESSAGE_COLUMNS " FROM message m WHERE m.position > ?1 AND m.position < ?2 "
// CROSS JOIN: the index leads. It gives its rows in order of position without sorting.
#define ARGOT_SEARCH                                                   \
  "SELECT " ARGOT_MESSAGE_COLUMNS                                      \
  " FROM message_index i CROSS JOIN message m ON m.position = i.rowid" \
  " WHERE i.message_index MATCH ?5 AND i.rowid > ?1 AND i.rowid < ?2 "
#define ARGOT_HERE "AND m.conversation = ?4 "

// [search][one conversation][newest first]
constexpr const char* queries[2][2][2] = {
    {{ARGOT_LIST "ORDER BY m.position LIMIT ?3", ARGOT_LIST "ORDER BY m.position DESC LIMIT ?3"},
     {ARGOT_LIST ARGOT_HERE "ORDER BY m.position LIMIT ?3", ARGOT_LIST ARGOT_HERE "ORDER BY m.position DESC LIMIT ?3"}},
    {{ARGOT_SEARCH "ORDER BY i.rowid LIMIT ?3", ARGOT_SEARCH "ORDER BY i.rowid DESC LIMIT ?3"},
     {ARGOT_SEARCH ARGOT_HERE "ORDER BY i.rowid LIMIT ?3", ARGOT_SEARCH ARGOT_HERE "ORDER BY i.rowid DESC LIMIT ?3"}}};

constexpr std::size_t most_rows = 1000;

StoredMessage message_in(Query& row, Accounts& accounts) {
  StoredMessage out;
  out.id = row.number(0);
  out.conversation = accounts.id_of(row.number(1));
  out.author = accounts.id_of(row.number(2));
  out.sent_at_ms = row.number(3);
  out.received_at_ms = row.number(4);
  out.direction = static_cast<Direction>(row.number(5));
  out.state = static_cast<MessageState>(row.number(6));
  out.kind = static_cast<std::uint16_t>(row.number(7));
  out.hash = row.text(8);
  out.suite = row.text(9);
  out.failure = row.text(10);
  out.trace = to_bytes(row.bytes(11));
  out.text = row.text(12);
  out.content = to_bytes(row.bytes(13));
  out.expires_at_ms = row.number(14);
  out.extra = to_bytes(row.bytes(15));
  return out;
}

}  // namespace

std::optional<StoredMessage> SqliteTransaction::message(MessageId id) {
  Query row(db(), "SELECT " ARGOT_MESSAGE_COLUMNS " FROM message m WHERE m.id = ?1", id);
  if (!row.step()) return std::nullopt;
  return message_in(row, core_->accounts);
}

std::optional<StoredMessage> SqliteTransaction::message(std::string_view author, std::int64_t sent_at_ms) {
  const std::int64_t number = (db(), core_->accounts.find(author));
  if (!number) return std::nullopt;
  Query row(db(), "SELECT " ARGOT_MESSAGE_COLUMNS " FROM message m WHERE m.author = ?1 AND m.sent_at = ?2", number,
            sent_at_ms);
  if (!row.step()) return std::nullopt;
  return message_in(row, core_->accounts);
}

std::vector<MessageId> SqliteTransaction::expired(std::int64_t now_ms, std::size_t limit) {
  std::vector<MessageId> out;
  Query row(db(), "SELECT id FROM message WHERE expires_at <> 0 AND expires_at <= ?1 ORDER BY expires_at, id LIMIT ?2",
            now_ms, static_cast<std::int64_t>(limit));
  while (row.step()) out.push_back(row.number(0));
  return out;
}

std::optional<std::int64_t> SqliteTransaction::next_expiry_ms() {
  Query row(db(), "SELECT expires_at FROM message WHERE expires_at <> 0 ORDER BY expires_at LIMIT 1");
  if (!row.step()) return std::nullopt;
  return row.number(0);
}

std::int64_t SqliteTransaction::position_of(MessageId id) {
  Query row(db(), "SELECT position FROM message WHERE id = ?1", id);
  if (!row.step())
    throw Error(Code::not_found, "There is no message " + std::to_string(id) + " to read on from.",
                "It may have been deleted; read from the beginning.");
  return row.number(0);
}

std::vector<StoredMessage> SqliteTransaction::messages(const MessageQuery& query) {
  std::vector<StoredMessage> out;
  db();
  const std::int64_t above = query.after ? position_of(*query.after) : INT64_MIN;
  const std::int64_t below = query.before ? position_of(*query.before) : INT64_MAX;
  std::int64_t conversation = 0;
  if (!query.conversation.empty() && !(conversation = core_->accounts.find(query.conversation))) return out;
  const std::string question = query.match.empty() ? "" : core_->words.question(query.match, conversation);
  const auto limit = static_cast<std::int64_t>(std::min(query.limit, most_rows));

  Query row(db(), queries[!question.empty()][conversation != 0][query.newest_first]);
  row.bind(1, above), row.bind(2, below), row.bind(3, limit);
  if (conversation) row.bind(4, conversation);
  if (!question.empty()) row.bind(5, question);
  while (row.step()) out.push_back(message_in(row, core_->accounts));
  return out;
}

}  // namespace argot::sqlite
