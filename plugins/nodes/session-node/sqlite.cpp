#include "sqlite.h"

#include <sqlite3.h>

#include <cerrno>

namespace argot::node {

Connection::Connection(std::filesystem::path path) : path_(std::move(path)) {
  const int code = sqlite3_open_v2(path_.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (code == SQLITE_OK) return;
  struct Close {
    sqlite3* db;
    ~Close() { sqlite3_close(db); }
  } close{db_};
  fail(code);
}

Connection::~Connection() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

void Connection::fail(int code) const {
  const std::string name = "The message database " + path_.string();
  const std::string reason = db_ ? sqlite3_errmsg(db_) : sqlite3_errstr(code);
  // A quota, or a limit on the size of files, is a full disk to whom it stops.
  const int system = db_ && (code & 0xff) == SQLITE_IOERR ? sqlite3_system_errno(db_) : 0;
  if (system == ENOSPC || system == EDQUOT || system == EFBIG) code = SQLITE_FULL;
  switch (code & 0xff) {
    case SQLITE_FULL:
      throw Error(Code::resource_exhausted, name + " is full (" + reason + ").",
                  "Free some disk space or raise the option max_db_size.");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw Error(Code::corrupt, name + " is damaged (" + reason + ").",
                  "Restore it from a copy, or move it away: the node then starts with an empty one.");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw Error(Code::permission_denied, name + " cannot be written (" + reason + ").",
                  "Make the file and its directory writable for the user that runs the node.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(Code::already_exists, name + " is in use by another process.",
                  "Stop the other node, or give this one a directory of its own.");
    default:
      throw Error(Code::unavailable, name + " cannot be used (" + reason + ").",
                  "Check the disk, the directory and its permissions.");
  }
}

void Connection::execute(const char* sql) {
  if (const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) fail(code);
}

std::int64_t Connection::number(const char* sql) {
  Run run(*this, sql);
  return run.step() ? run.number(0) : 0;
}

sqlite3_stmt* Connection::prepared(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (!statement) {
    const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) fail(code);
  }
  return statement;
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }
std::int64_t Connection::changes() const { return sqlite3_changes64(db_); }

Run::Run(Connection& db, const char* sql) : db_(db), statement_(db.prepared(sql)) {}
Run::~Run() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Run::check(int code) const {
  if (code != SQLITE_OK) db_.fail(code);
}

Run& Run::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}
Run& Run::bind(std::string_view text) {
  check(sqlite3_bind_text64(statement_, ++bound_, text.data() ? text.data() : "", text.size(), SQLITE_STATIC,
                            SQLITE_UTF8));
  return *this;
}
Run& Run::bind(ByteView blob) {
  // A null pointer would bind NULL; an empty message is a message.
  static constexpr Byte empty = 0;
  check(sqlite3_bind_blob64(statement_, ++bound_, blob.empty() ? &empty : blob.data(), blob.size(), SQLITE_STATIC));
  return *this;
}

bool Run::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) db_.fail(code);
  return false;
}
void Run::finish() {
  while (step()) {
  }
}

std::int64_t Run::number(int column) const { return sqlite3_column_int64(statement_, column); }
std::string Run::text(int column) const { return std::string(text_of(blob(column))); }
ByteView Run::blob(int column) const {
  const auto* data = static_cast<const Byte*>(sqlite3_column_blob(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
std::int64_t Run::size(int column) const { return sqlite3_column_bytes(statement_, column); }

}  // namespace argot::node
