#pragma once
// Account ids by number and back. Remembers some, so that a message costs no look-up.
#include "database.h"

namespace argot::sqlite {

class Accounts {
 public:
  explicit Accounts(Database& db) : db_(db) {}
  /// 0 when the id was never written.
  std::int64_t find(std::string_view id);
  std::int64_t find_or_add(std::string_view id);
  const std::string& id_of(std::int64_t key);
  /// After a rollback: numbers given out in it are free again.
  void forget();

 private:
  std::int64_t remember(std::int64_t key, std::string_view id);

  Database& db_;
  std::unordered_map<std::int64_t, std::string> ids_;
  std::unordered_map<std::string_view, std::int64_t> keys_;  // points into ids_
};

}  // namespace argot::sqlite
