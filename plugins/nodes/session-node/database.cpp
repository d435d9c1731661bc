#include "database.h"

#include <algorithm>

#include "namespaces.h"

namespace argot::node {
namespace {

constexpr std::int64_t schema_version = 3, application_id = 0x4172676e;  // "Argn"
constexpr std::int64_t max_retrieve_size = 7'800'000, default_retrieve_share = -5;
constexpr std::int64_t max_revocations = 50;

constexpr const char* schema = R"(
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash TEXT NOT NULL UNIQUE,
    account BLOB NOT NULL,
    namespace INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    expiry INTEGER NOT NULL,
    data BLOB NOT NULL);
  CREATE INDEX messages_by_account ON messages (account, namespace, id);
  CREATE INDEX messages_by_expiry ON messages (expiry);
  CREATE TABLE revoked_subaccounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account BLOB NOT NULL,
    token BLOB NOT NULL,
    timestamp INTEGER NOT NULL,
    UNIQUE (account, token));
)";

/// Since version 2.
constexpr const char* handover_schema = R"(
  CREATE TABLE debts (peer BLOB PRIMARY KEY, from_row INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE known_network (id INTEGER PRIMARY KEY CHECK (id = 1), lines TEXT NOT NULL);
)";

/// Since version 3.
constexpr const char* owed_calls_schema = R"(
  CREATE TABLE owed_calls (id INTEGER PRIMARY KEY AUTOINCREMENT, peer BLOB NOT NULL, body BLOB NOT NULL);
  CREATE INDEX owed_calls_by_peer ON owed_calls (peer, id);
)";

/// What a message costs in a retrieve: its hash, its base64, and the JSON around them.
std::int64_t cost(std::int64_t bytes) { return 43 + bytes * 4 / 3 + 100; }

Database::ByNamespace hashes_by_namespace(Run& run) {
  Database::ByNamespace out;
  while (run.step()) out[static_cast<std::int16_t>(run.number(0))].push_back(run.text(1));
  for (auto& [ns, hashes] : out) std::sort(hashes.begin(), hashes.end());
  return out;
}

}  // namespace

RetrieveLimits retrieve_limits(std::int64_t max_count, std::int64_t max_size) {
  if (max_size == 0) max_size = max_count != 0 ? max_retrieve_size : default_retrieve_share;
  if (max_size < 0) max_size = max_size == INT64_MIN ? 0 : max_retrieve_size / -max_size;
  return {std::max<std::int64_t>(max_count, 0), std::min(max_size, max_retrieve_size)};
}

Database::Database(std::filesystem::path path, std::int64_t max_bytes) : db_(std::move(path)) {
  prepare_file(max_bytes);
}

void Database::prepare_file(std::int64_t max_bytes) {
  // Read through a map: a page of a large file then costs no call and no copy (a read error of the disk ends the node,
  // which loses nothing that was acknowledged).
  // Exclusive: no second process may answer from this file, and the WAL needs no shared memory.
  db_.execute(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
      "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16384; PRAGMA "
      "mmap_size = 4294967296");
  begin();  // takes the lock, and fails here when the file cannot be written
  try {
    const std::int64_t version = db_.number("PRAGMA user_version");
    if (version > schema_version)
      throw Error(Code::incompatible,
                  "The message database was written by a newer version (schema " + std::to_string(version) +
                      ", this one knows " + std::to_string(schema_version) + ").",
                  "Update this node, or give it another directory.");
    if (version == 0) {
      db_.execute(schema);
      db_.execute(handover_schema);
      db_.execute(owed_calls_schema);
      db_.execute("PRAGMA user_version = 3");
      db_.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
    } else if (db_.number("PRAGMA application_id") != application_id) {
      throw Error(Code::corrupt, "The message database is a database of some other program.",
                  "Give the node a directory of its own.");
    } else if (version < schema_version) {
      if (version == 1) db_.execute(handover_schema);
      db_.execute(owed_calls_schema);
      db_.execute("PRAGMA user_version = 3");
    }
  } catch (...) {
    rollback();
    throw;
  }
  commit();
  const std::int64_t pages = std::max<std::int64_t>(max_bytes / db_.number("PRAGMA page_size"), 16);
  db_.execute(("PRAGMA max_page_count = " + std::to_string(pages)).c_str());
}

void Database::rollback() noexcept {
  try {
    if (db_.in_transaction()) db_.execute("ROLLBACK");
  } catch (const Error&) {  // the connection rolls back when it is closed
  }
}

Database::StoreResult Database::store(const AccountId& account, std::int16_t ns, std::string_view hash,
                                      std::int64_t timestamp, std::int64_t expiry, ByteView data) {
  if (is_public_outbox(ns))
    Run(db_, "DELETE FROM messages WHERE account = ? AND namespace = ? AND hash != ?")
        .bind(account.bytes())
        .bind(ns)
        .bind(hash)
        .finish();
  Run(db_,
      "INSERT INTO messages (hash, account, namespace, timestamp, expiry, data)"
      " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING")
      .bind(hash)
      .bind(account.bytes())
      .bind(ns)
      .bind(timestamp)
      .bind(expiry)
      .bind(data)
      .finish();
  if (db_.changes() > 0) return {Stored::fresh, expiry};
  const auto known = expiry_of(account, hash);
  if (!known) throw Error(Code::corrupt, "A message of another account has the hash of the one to be stored.");
  if (*known >= expiry) return {Stored::exists, *known};
  set_expiry(account, hash, expiry);
  return {Stored::extended, expiry};
}

bool Database::retrieve(const AccountId& account, std::int16_t ns, std::string_view last_hash, RetrieveLimits limits,
                        const std::function<bool(const Row&)>& each) {
  std::int64_t after = 0;
  if (!last_hash.empty()) {
    Run last(db_, "SELECT id FROM messages WHERE hash = ? AND account = ? AND namespace = ?");
    if (last.bind(last_hash).bind(account.bytes()).bind(ns).step()) after = last.number(0);
  }
  Run run(db_,
          "SELECT hash, timestamp, expiry, data FROM messages"
          " WHERE account = ? AND namespace = ? AND id > ? ORDER BY id");
  run.bind(account.bytes()).bind(ns).bind(after);
  for (std::int64_t spent = 0, count = 0; run.step(); ++count) {
    spent += cost(run.size(3));
    if (limits.max_count && count >= limits.max_count) return true;
    if (spent > limits.max_size && count > 0) return true;
    if (!each({text_of(run.blob(0)), run.number(1), run.number(2), run.blob(3)})) return false;
  }
  return false;
}

Database::Page Database::page(const AccountId& account, std::int16_t ns, std::string_view last_hash,
                              RetrieveLimits limits) {
  Page out;
  out.more = retrieve(account, ns, last_hash, limits, [&out](const Row& row) {
    out.rows.push_back({std::string(row.hash), row.timestamp, row.expiry, to_bytes(row.data)});
    return true;
  });
  return out;
}

std::vector<std::string> Database::remove(const AccountId& account, const std::vector<std::string>& hashes) {
  std::vector<std::string> out;
  for (const std::string& hash : hashes) {
    Run(db_, "DELETE FROM messages WHERE hash = ? AND account = ?").bind(hash).bind(account.bytes()).finish();
    if (db_.changes() > 0) out.push_back(hash);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Database::ByNamespace Database::remove_all(const AccountId& account, NamespaceOrAll ns, std::int64_t until) {
  if (!ns) {
    Run run(db_, "DELETE FROM messages WHERE account = ? AND timestamp <= ? RETURNING namespace, hash");
    return hashes_by_namespace(run.bind(account.bytes()).bind(until));
  }
  Run run(db_,
          "DELETE FROM messages WHERE account = ? AND namespace = ? AND timestamp <= ?"
          " RETURNING namespace, hash");
  return hashes_by_namespace(run.bind(account.bytes()).bind(*ns).bind(until));
}

Database::ByNamespace Database::shorten_all(const AccountId& account, NamespaceOrAll ns, std::int64_t expiry) {
  if (!ns) {
    Run run(db_,
            "UPDATE messages SET expiry = ?1 WHERE account = ?2 AND expiry > ?1"
            " RETURNING namespace, hash");
    return hashes_by_namespace(run.bind(expiry).bind(account.bytes()));
  }
  Run run(db_,
          "UPDATE messages SET expiry = ?1 WHERE account = ?2 AND namespace = ?3 AND expiry > ?1"
          " RETURNING namespace, hash");
  return hashes_by_namespace(run.bind(expiry).bind(account.bytes()).bind(*ns));
}

std::optional<std::int64_t> Database::expiry_of(const AccountId& account, std::string_view hash) {
  Run run(db_, "SELECT expiry FROM messages WHERE hash = ? AND account = ?");
  if (!run.bind(hash).bind(account.bytes()).step()) return std::nullopt;
  return run.number(0);
}

void Database::set_expiry(const AccountId& account, std::string_view hash, std::int64_t expiry) {
  Run(db_, "UPDATE messages SET expiry = ? WHERE hash = ? AND account = ?")
      .bind(expiry)
      .bind(hash)
      .bind(account.bytes())
      .finish();
}

void Database::revoke(const AccountId& account, const std::vector<Token>& tokens, std::int64_t now_ms) {
  for (const Token& token : tokens)
    Run(db_, "INSERT OR REPLACE INTO revoked_subaccounts (account, token, timestamp) VALUES (?, ?, ?)")
        .bind(account.bytes())
        .bind(ByteView(token))
        .bind(now_ms)
        .finish();
  Run(db_,
      "DELETE FROM revoked_subaccounts WHERE account = ?1 AND id NOT IN"
      " (SELECT id FROM revoked_subaccounts WHERE account = ?1 ORDER BY id DESC LIMIT ?2)")
      .bind(account.bytes())
      .bind(max_revocations)
      .finish();
}

std::int64_t Database::unrevoke(const AccountId& account, const std::vector<Token>& tokens) {
  std::int64_t count = 0;
  for (const Token& token : tokens) {
    Run(db_, "DELETE FROM revoked_subaccounts WHERE account = ? AND token = ?")
        .bind(account.bytes())
        .bind(ByteView(token))
        .finish();
    count += db_.changes();
  }
  return count;
}

bool Database::is_revoked(const AccountId& account, const Token& token) {
  Run run(db_, "SELECT 1 FROM revoked_subaccounts WHERE account = ? AND token = ?");
  return run.bind(account.bytes()).bind(ByteView(token)).step();
}

bool Database::take_over(const AccountId& account, std::int16_t ns, std::string_view hash, std::int64_t timestamp,
                         std::int64_t expiry, ByteView data) {
  if (expiry_of(account, hash)) return false;
  if (is_public_outbox(ns)) {
    Run newest(db_, "SELECT max(timestamp) FROM messages WHERE account = ? AND namespace = ?");
    if (newest.bind(account.bytes()).bind(ns).step() && newest.number(0) >= timestamp) return false;
  }
  return store(account, ns, hash, timestamp, expiry, data).kind == Stored::fresh;
}

Database::Rows Database::rows_from(std::int64_t row, std::size_t max_bytes, std::size_t max_rows) {
  Run run(db_, "SELECT id, account, namespace, hash, timestamp, expiry, data FROM messages WHERE id >= ? ORDER BY id");
  run.bind(row);
  Rows out;
  out.next = row;
  std::size_t bytes = 0;
  while (run.step()) {
    if (bytes >= max_bytes || out.messages.size() >= max_rows) {
      out.all = false;
      break;
    }
    out.next = run.number(0) + 1;
    StoredMessage message;
    Fixed<AccountId::size> account{};
    const ByteView blob = run.blob(1);
    std::copy_n(blob.begin(), std::min(blob.size(), account.size()), account.begin());
    message.account = AccountId(account);
    message.ns = static_cast<std::int16_t>(run.number(2));
    message.hash = run.text(3);
    message.timestamp = run.number(4);
    message.expiry = run.number(5);
    message.data = to_bytes(run.blob(6));
    bytes += handover_cost(message);
    out.messages.push_back(std::move(message));
  }
  return out;
}

std::int64_t Database::row_of(std::string_view hash) {
  Run run(db_, "SELECT id FROM messages WHERE hash = ?");
  return run.bind(hash).step() ? run.number(0) : 0;
}

std::map<Fixed<32>, std::int64_t> Database::debts() {
  std::map<Fixed<32>, std::int64_t> out;
  Run run(db_, "SELECT peer, from_row FROM debts");
  while (run.step()) {
    const ByteView peer = run.blob(0);
    Fixed<32> key{};
    std::copy_n(peer.begin(), std::min(peer.size(), key.size()), key.begin());
    out[key] = run.number(1);
  }
  return out;
}

void Database::owe(const Fixed<32>& peer, std::int64_t row) {
  Run(db_,
      "INSERT INTO debts (peer, from_row) VALUES (?, ?)"
      " ON CONFLICT (peer) DO UPDATE SET from_row = min(from_row, excluded.from_row)")
      .bind(ByteView(peer))
      .bind(row)
      .finish();
}

void Database::paid(const Fixed<32>& peer, std::int64_t next, bool all) {
  if (all)
    Run(db_, "DELETE FROM debts WHERE peer = ?").bind(ByteView(peer)).finish();
  else
    Run(db_, "UPDATE debts SET from_row = ? WHERE peer = ?").bind(next).bind(ByteView(peer)).finish();
}

void Database::owe_call(const Fixed<32>& peer, std::string_view body) {
  owe(peer, no_rows);
  Run(db_, "INSERT INTO owed_calls (peer, body) VALUES (?, ?)").bind(ByteView(peer)).bind(view(body)).finish();
  Run(db_,
      "DELETE FROM owed_calls WHERE peer = ?1 AND id <="
      " (SELECT id FROM owed_calls WHERE peer = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)")
      .bind(ByteView(peer))
      .bind(max_owed_calls)
      .finish();
}

std::vector<Database::OwedCall> Database::owed_calls(const Fixed<32>& peer, std::int64_t limit) {
  Run run(db_, "SELECT id, body FROM owed_calls WHERE peer = ? ORDER BY id LIMIT ?");
  run.bind(ByteView(peer)).bind(limit);
  std::vector<OwedCall> out;
  while (run.step()) out.push_back({run.number(0), run.text(1)});
  return out;
}

void Database::paid_calls(const Fixed<32>& peer, std::int64_t last) {
  Run(db_, "DELETE FROM owed_calls WHERE peer = ? AND id <= ?").bind(ByteView(peer)).bind(last).finish();
}

std::string Database::known_network() {
  Run run(db_, "SELECT lines FROM known_network WHERE id = 1");
  return run.step() ? run.text(0) : std::string();
}

void Database::keep_network(std::string_view lines) {
  Run(db_, "INSERT OR REPLACE INTO known_network (id, lines) VALUES (1, ?)").bind(lines).finish();
}

std::int64_t Database::remove_expired(std::int64_t now_ms, std::int64_t limit) {
  Run(db_,
      "DELETE FROM messages WHERE id IN"
      " (SELECT id FROM messages WHERE expiry <= ? ORDER BY expiry LIMIT ?)")
      .bind(now_ms)
      .bind(limit)
      .finish();
  return db_.changes();
}

std::int64_t Database::count() { return db_.number("SELECT count(*) FROM messages"); }

}  // namespace argot::node
