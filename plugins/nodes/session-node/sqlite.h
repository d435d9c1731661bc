#pragma once
// SQLite with exceptions: a connection that keeps its prepared statements, and one run of a statement.
#include <argot/bytes.h>
#include <argot/error.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace argot::node {

/// One connection. Used by one thread at a time. Errors are argot::Error: resource_exhausted (disk or database full),
/// corrupt, permission_denied (read-only), already_exists (another process has it open), unavailable (the rest).
class Connection {
 public:
  explicit Connection(std::filesystem::path path);  ///< ":memory:" is a database of its own
  ~Connection();
  Connection(const Connection&) = delete;

  void execute(const char* sql);
  std::int64_t number(const char* sql);     ///< first column of the first row; 0 without one
  sqlite3_stmt* prepared(const char* sql);  ///< `sql` is a literal: its address is the key
  bool in_transaction() const;
  /// Rows changed by the last statement that changed some.
  std::int64_t changes() const;
  [[noreturn]] void fail(int code) const;

 private:
  std::filesystem::path path_;
  sqlite3* db_ = nullptr;
  std::map<const char*, sqlite3_stmt*> statements_;
};

/// One run of a prepared statement: bind in order, then step. Resets it when it goes.
class Run {
 public:
  Run(Connection& db, const char* sql);
  ~Run();
  Run(const Run&) = delete;

  Run& bind(std::int64_t value);
  Run& bind(std::string_view text);  ///< borrowed until the run ends
  Run& bind(ByteView blob);          ///< borrowed until the run ends
  /// True while there is a row.
  bool step();
  /// Steps to the end, ignoring rows.
  void finish();

  std::int64_t number(int column) const;
  std::string text(int column) const;
  ByteView blob(int column) const;  ///< valid until the next step
  std::int64_t size(int column) const;

 private:
  void check(int code) const;
  Connection& db_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

}  // namespace argot::node
