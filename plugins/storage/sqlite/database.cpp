#include "database.h"

#include <cerrno>

namespace argot::sqlite {

Database::Database(fs::path file, ByteView key) : file_(std::move(file)) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int result = sqlite3_open_v2(file_.c_str(), &handle_, flags, nullptr);
  if (result == SQLITE_OK && !key.empty()) result = sqlite3_key(handle_, key.data(), static_cast<int>(key.size()));
  if (result == SQLITE_OK) return;
  // The destructor does not run when a constructor throws.
  try {
    fail(result);
  } catch (...) {
    sqlite3_close_v2(handle_);
    throw;
  }
}

Database::~Database() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

void Database::run(const char* sql) {
  if (int result = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); result != SQLITE_OK) fail(result);
}

std::int64_t Database::number(const char* sql) {
  Query query(*this, sql);
  return query.step() ? query.number(0) : 0;
}

void Database::begin() {
  broken_.reset();
  Query(*this, "BEGIN").run();
}

void Database::commit() {
  try {
    Query(*this, "COMMIT").run();
  } catch (...) {
    rollback();
    throw;
  }
}

void Database::rollback() noexcept {
  broken_.reset();
  if (sqlite3_get_autocommit(handle_)) return;
  try {
    Query(*this, "ROLLBACK").run();
  } catch (...) {  // SQLite undoes what is open with the next begin or close
  }
  broken_.reset();
}

sqlite3_stmt* Database::prepared(const char* sql) {
  if (broken_) [[unlikely]]
    throw *broken_;
  auto [at, fresh] = statements_.try_emplace(sql, nullptr);
  if (fresh || !at->second) [[unlikely]] {
    int result = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &at->second, nullptr);
    if (result != SQLITE_OK) fail(result);
  }
  return at->second;
}

void Database::fail(int result) {
  const int problem = sqlite3_system_errno(handle_);
  const std::string file = "\"" + file_.string() + "\"";
  const bool full = problem == ENOSPC || problem == EDQUOT || problem == EFBIG;
  const bool denied = problem == EACCES || problem == EPERM || problem == EROFS;
  switch (result & 0xff) {
    case SQLITE_IOERR:
      if (result == SQLITE_IOERR_CORRUPTFS || result == SQLITE_IOERR_DATA) break;
      if (result == SQLITE_IOERR_NOMEM)
        throw Error(Code::resource_exhausted, "There is not enough memory to work on " + file + ".",
                    "Free some memory.");
      if (!full)
        throw Error(Code::unavailable,
                    "The disk failed while working on " + file + " (system error " + std::to_string(problem) + ").",
                    "Check the disk; nothing of the change was kept.");
      [[fallthrough]];
    case SQLITE_FULL:
      throw Error(Code::resource_exhausted,
                  "The disk is full: " + file + " cannot grow, and nothing of the change was kept.",
                  "Free some space and try again.");
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      throw Error(Code::resource_exhausted, "A value is too large to be kept in " + file + ".",
                  "Split it or free memory.");
    case SQLITE_CANTOPEN:
      if (full)
        throw Error(Code::resource_exhausted, "The disk is full: " + file + " cannot be opened.", "Free some space.");
      if (!denied) break;
      [[fallthrough]];
    case SQLITE_READONLY:
    case SQLITE_PERM:
      throw Error(Code::permission_denied, "The store " + file + " may not be written.",
                  "Make the file and its folder writable for this user.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(Code::already_exists, "The store " + file + " is in use by another program.",
                  "Stop the other program.");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: break;
    default:
      throw Error(Code::internal, "The database refused a statement on " + file + ": " + sqlite3_errmsg(handle_) + ".",
                  "Report this as a defect of storage/sqlite.");
  }
  throw Error(Code::corrupt, "The store " + file + " is damaged: what was read is not what was written.",
              "Restore the account's folder from a backup, or restore the account from its phrase.");
}

bool Query::step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) give_up(result);
  return false;
}

void Query::give_up(int result) {
  try {
    db_.fail(result);
  } catch (const Error& error) {
    if (!db_.broken_) db_.broken_ = error;
    sqlite3_reset(statement_);
    throw;
  }
}

void Query::bind(int at, std::string_view text) {
  // A null pointer would be bound as NULL.
  check(sqlite3_bind_text64(statement_, at, text.data() ? text.data() : "", text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Query::bind(int at, ByteView bytes) {
  static constexpr char nothing = 0;
  check(sqlite3_bind_blob64(statement_, at, bytes.data() ? static_cast<const void*>(bytes.data()) : &nothing,
                            bytes.size(), SQLITE_STATIC));
}

std::string_view Query::text(int column) const {
  auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {data ? data : "", data ? static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) : 0};
}

ByteView Query::bytes(int column) const {
  auto* data = static_cast<const Byte*>(sqlite3_column_blob(statement_, column));
  return {data, data ? static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) : 0};
}

}  // namespace argot::sqlite
