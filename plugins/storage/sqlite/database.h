#pragma once
// One connection to one encrypted file, and its prepared statements. What SQLite returns as a number leaves here
// as an Error that names the file.
#include <argot/error.h>
#include <argot/secret.h>

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace argot::sqlite {

namespace fs = std::filesystem;

class Query;

/// Not thread-safe: one thread at a time.
class Database {
 public:
  /// Opens or creates the file. `key`: what sqlite3_key takes; empty: a plain file (benchmarks compare with it).
  Database(fs::path file, ByteView key);
  ~Database();
  Database(const Database&) = delete;

  /// Runs statements that give no rows.
  void run(const char* sql);
  /// The first column of the first row, as a number; 0 when there is none.
  std::int64_t number(const char* sql);

  /// A transaction. After an error inside it nothing of it may be kept (SQLite may have undone it by itself), so
  /// every later query throws that error again until rollback().
  void begin();
  void commit();
  void rollback() noexcept;

  int changes() const { return sqlite3_changes(handle_); }
  const fs::path& file() const { return file_; }
  sqlite3* handle() { return handle_; }
  [[noreturn]] void fail(int result);

 private:
  friend class Query;
  /// Statements live as long as the connection; `sql` is a constant, known by its address.
  sqlite3_stmt* prepared(const char* sql);

  fs::path file_;
  sqlite3* handle_ = nullptr;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  std::optional<Error> broken_;
};

/// One run of a prepared statement. Texts and bytes are bound by reference: they must outlive the query.
///   for (Query q(db, "SELECT id FROM t WHERE a = ?1", a); q.step();) use(q.number(0));
class Query {
 public:
  template <class... Values>
  Query(Database& db, const char* sql, const Values&... values) : db_(db), statement_(db.prepared(sql)) {
    int at = 0;
    (bind(++at, values), ...);
  }
  ~Query() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Query(const Query&) = delete;

  /// True when there is a row.
  bool step();
  /// For statements that give no rows.
  void run() {
    while (step()) {
    }
  }

  std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
  /// Borrowed until the next step.
  std::string_view text(int column) const;
  ByteView bytes(int column) const;

  void bind(int at, std::int64_t value) { check(sqlite3_bind_int64(statement_, at, value)); }
  void bind(int at, std::string_view text);
  void bind(int at, ByteView bytes);

 private:
  void check(int result) {
    if (result != SQLITE_OK) [[unlikely]]
      give_up(result);
  }
  [[noreturn]] void give_up(int result);

  Database& db_;
  sqlite3_stmt* statement_;
};

}  // namespace argot::sqlite
