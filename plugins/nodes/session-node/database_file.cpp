// Opening the database, its transactions, and what comes from the journal into the tables.
#include <sodium.h>

#include <algorithm>

#include "database.h"

namespace argot::node {
namespace {

constexpr std::int64_t schema_version = 4, application_id = 0x4172676e;  // "Argn"
/// What the journal holds was acknowledged: it finds room, also where the file has reached its limit.
constexpr std::int64_t pages_for_pending = 8'192;
constexpr Duration settle_pause = std::chrono::seconds(1), renew_pause = std::chrono::seconds(10);

/// Since version 4. `key` and `account_key` are key_of() of hash and account: equal ones are looked at, not believed.
constexpr const char* messages_schema = R"(
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key INTEGER NOT NULL,
    account_key INTEGER NOT NULL,
    account BLOB NOT NULL,
    namespace INTEGER NOT NULL,
    hash TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    expiry INTEGER NOT NULL,
    data BLOB NOT NULL);
  CREATE INDEX messages_by_key ON messages (key);
  CREATE INDEX messages_by_account_key ON messages (account_key, namespace, id);
  CREATE INDEX messages_by_expiry_time ON messages (expiry);
  CREATE TABLE identity (id INTEGER PRIMARY KEY CHECK (id = 1), index_key BLOB NOT NULL, journal BLOB NOT NULL);
)";

constexpr const char* revocations_schema = R"(
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

Fixed<16> sixteen(ByteView bytes) {
  Fixed<16> out{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
  return out;
}

std::unique_ptr<JournalFile> journal_beside(std::filesystem::path path) {
  if (path == ":memory:") return nullptr;
  path.replace_extension(".journal");
  return make_journal_file(std::move(path));
}

}  // namespace

Database::Database(std::filesystem::path path, std::int64_t max_bytes)
    : Database(path, max_bytes, journal_beside(path)) {}

Database::Database(std::filesystem::path path, std::int64_t max_bytes, std::unique_ptr<JournalFile> journal)
    : db_(std::move(path)) {
  prepare_file(max_bytes);
  if (!journal) return;
  {
    Run identity(db_, "SELECT journal FROM identity WHERE id = 1");
    identity.step();
    journal_.emplace(std::move(journal), sixteen(identity.blob(0)));
  }
  recover();
}

void Database::prepare_file(std::int64_t max_bytes) {
  // Read through a map: a page of a large file then costs no call and no copy (a read error of the disk ends the node,
  // which loses nothing that was acknowledged).
  // Exclusive: no second process may answer from this file, and the WAL needs no shared memory.
  db_.execute(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
      "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16384; PRAGMA "
      "mmap_size = 4294967296");
  Run(db_, "BEGIN IMMEDIATE").finish();  // takes the lock, and fails here when the file cannot be written
  in_transaction_ = in_tables_ = true;
  try {
    make_or_update_schema();
    Run(db_, "COMMIT").finish();
  } catch (...) {
    rollback();
    throw;
  }
  in_transaction_ = in_tables_ = false;
  {
    Run identity(db_, "SELECT index_key FROM identity WHERE id = 1");
    identity.step();
    index_key_ = sixteen(identity.blob(0));
  }
  page_size_ = std::max<std::int64_t>(db_.number("PRAGMA page_size"), 512);
  page_limit_ = std::max<std::int64_t>(max_bytes / page_size_, 16);
  set_page_limit(page_limit_);
  learn_room();
}

void Database::make_or_update_schema() {
  const std::int64_t version = db_.number("PRAGMA user_version");
  if (version > schema_version)
    throw Error(Code::incompatible,
                "The message database was written by a newer version (schema " + std::to_string(version) +
                    ", this one knows " + std::to_string(schema_version) + ").",
                "Update this node, or give it another directory.");
  if (version != 0 && db_.number("PRAGMA application_id") != application_id)
    throw Error(Code::corrupt, "The message database is a database of some other program.",
                "Give the node a directory of its own.");
  if (version == schema_version) return;
  if (version == 0) {
    db_.execute(revocations_schema);
    db_.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
  } else {
    db_.execute("ALTER TABLE messages RENAME TO messages_of_version_3");
  }
  db_.execute(messages_schema);
  Fixed<16> journal{};
  randombytes_buf(index_key_.data(), index_key_.size());  // of the world, as all of libsodium's randomness
  randombytes_buf(journal.data(), journal.size());
  Run(db_, "INSERT INTO identity (id, index_key, journal) VALUES (1, ?, ?)")
      .bind(ByteView(index_key_))
      .bind(ByteView(journal))
      .finish();
  if (version < 2) db_.execute(handover_schema);
  if (version < 3) db_.execute(owed_calls_schema);
  if (version != 0) copy_messages_of_version_3();
  db_.execute("PRAGMA user_version = 4");
}

/// Rows keep their numbers: what is owed to others names them.
void Database::copy_messages_of_version_3() {
  {
    Run old(db_, "SELECT id, account, namespace, hash, timestamp, expiry, data FROM messages_of_version_3 ORDER BY id");
    while (old.step()) {
      Fixed<AccountId::size> account{};
      const ByteView blob = old.blob(1);
      std::copy_n(blob.begin(), std::min(blob.size(), account.size()), account.begin());
      insert(old.number(0), AccountId(account), static_cast<std::int16_t>(old.number(2)), text_of(old.blob(3)),
             old.number(4), old.number(5), old.blob(6));
    }
  }
  spoiled_row_ = db_.number("SELECT seq FROM sqlite_sequence WHERE name = 'messages_of_version_3'");
  pass_spoiled_rows();
  spoiled_row_ = 0;
  db_.execute("DROP TABLE messages_of_version_3");
}

void Database::recover() {
  const std::int64_t applied = db_.number("SELECT seq FROM sqlite_sequence WHERE name = 'messages'");
  next_row_ = applied + 1;
  Journal::Content found;
  try {
    found = journal_->read(applied);
    if (found.foreign)
      notice_ = "A journal of messages belongs to another database; it is now " + journal_->set_aside() + ". ";
  } catch (const Error& error) {
    // Not to look is not to lose: a node that cannot read what it has acknowledged does not begin without it.
    throw Error(error.code(), error.what(),
                error.code() == Code::incompatible
                    ? "Update this node; or move the journal away, and messages that are only in it are lost."
                    : "Make it readable; or move it away, and messages that are only in it are lost.");
  }
  for (PendingMessage& each : found.messages) {
    next_row_ = std::max(next_row_, each.row + 1);
    if (each.row > applied && !pending_.find(each.message.hash) &&
        !expiry_in_tables(each.message.account, each.message.hash))
      pending_.add(std::move(each));
  }
  durable_ = pending_.count();
  if (found.torn)
    notice_ +=
        "The journal of messages ended in a record that is not whole; it was never acknowledged and is cut off. " +
        std::to_string(durable_) + " messages before it are kept. ";
  try {
    settle();
  } catch (const Error& error) {  // a full disk: they stay where they are, readers find them
    notice_ += "Messages stay in the journal for now: " + error.sentence();
    settle_failure_ = nullptr;
  }
}

std::int64_t Database::key_of(ByteView bytes) const {
  Fixed<crypto_shorthash_BYTES> out;
  static_assert(crypto_shorthash_KEYBYTES == 16);
  crypto_shorthash(out.data(), bytes.data(), bytes.size(), index_key_.data());
  std::uint64_t key = 0;
  for (int i = 0; i < 6; ++i) key = key << 8 | out[static_cast<std::size_t>(i)];
  return static_cast<std::int64_t>(key >> 1);  // as many bits as SQLite keeps in six bytes
}

// --- transactions ---

void Database::begin() {
  in_transaction_ = true;
  wants_journal_ = false;
  first_row_ = next_row_;
}

void Database::commit() {
  if (in_tables_) {
    Run(db_, "COMMIT").finish();
    in_tables_ = false;
    next_row_ = std::max(next_row_, db_.number("SELECT seq FROM sqlite_sequence WHERE name = 'messages'") + 1);
    learn_room();
    renew_journal();
  } else if (pending_.count() > durable_) {
    std::vector<const PendingMessage*> fresh;
    for (std::size_t i = durable_; i < pending_.count(); ++i) fresh.push_back(&pending_.all()[i]);
    try {
      journal_->append(fresh);
    } catch (...) {
      // These rows may be found after a crash: no message gets their numbers, and the next change of the tables passes
      // them, before anything could be deleted that they would bring back.
      spoiled_row_ = next_row_ - 1;
      first_row_ = next_row_;
      throw;
    }
    durable_ = pending_.count();
  }
  in_transaction_ = false;
}

void Database::rollback() noexcept {
  try {
    if (db_.in_transaction()) db_.execute("ROLLBACK");
  } catch (const Error&) {  // the connection rolls back when it is closed
  }
  in_tables_ = in_transaction_ = wants_journal_ = false;
  pending_.cut(durable_);
  next_row_ = first_row_;
}

void Database::need_tables() {
  if (in_tables_) return;
  const std::vector<PendingMessage> fresh = pending_.cut(durable_);
  settle_pending();
  Run(db_, "BEGIN IMMEDIATE").finish();
  in_tables_ = true;
  pass_spoiled_rows();
  for (const PendingMessage& each : fresh) insert(each);
}

void Database::settle() {
  Change change(*this);
  if (!pending_.empty()) need_tables();
  change.done();
}

/// In a transaction of their own, before the one that needs it.
void Database::settle_pending() {
  if (pending_.empty()) return;
  if (settle_failure_ && uptime_ < settle_again_) std::rethrow_exception(settle_failure_);
  const bool tight = pending_.space() > room_;
  try {
    if (tight) set_page_limit(page_limit_ + pages_for_pending);
    Run(db_, "BEGIN IMMEDIATE").finish();
    pass_spoiled_rows();
    for (const PendingMessage& each : pending_.all()) insert(each);
    Run(db_, "COMMIT").finish();
  } catch (...) {
    settle_failure_ = std::current_exception();
    settle_again_ = uptime_ + settle_pause;
    rollback();
    if (tight) set_page_limit(page_limit_);
    in_transaction_ = true;  // the caller's goes on, until the caller ends it
    throw;
  }
  settle_failure_ = nullptr;
  pending_.clear();
  durable_ = 0;
  journal_->rewind();
  if (tight) set_page_limit(page_limit_);
  learn_room();
}

/// A journal that failed, or has not been used yet, becomes usable while nothing is in it.
void Database::renew_journal() {
  if (!journal_ || journal_->usable() || !wants_journal_ || !pending_.empty() || uptime_ < renew_again_) return;
  try {
    journal_->renew();
    spoiled_row_ = 0;
  } catch (const Error&) {  // everything goes to the tables meanwhile
    renew_again_ = uptime_ + renew_pause;
  }
}

void Database::pass_spoiled_rows() {
  if (spoiled_row_ == 0) return;
  Run(db_, "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'messages'").bind(spoiled_row_).finish();
  if (db_.changes() == 0)
    Run(db_, "INSERT INTO sqlite_sequence (name, seq) VALUES ('messages', ?)").bind(spoiled_row_).finish();
}

void Database::set_page_limit(std::int64_t pages) {
  db_.execute(("PRAGMA max_page_count = " + std::to_string(pages)).c_str());
}

void Database::learn_room() {
  room_ = (page_limit_ - db_.number("PRAGMA page_count") + db_.number("PRAGMA freelist_count")) * page_size_;
}

bool Database::fits_journal(std::string_view hash, std::size_t data) const {
  return journal_ && journal_->usable() && hash.size() <= Journal::max_hash && data <= Journal::max_data &&
         pending_.count() < max_pending && pending_.bytes() + data < max_pending_bytes &&
         pending_.space() + Pending::space_of(data) <= room_;
}

}  // namespace argot::node
