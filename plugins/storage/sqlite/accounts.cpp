#include "accounts.h"

namespace argot::sqlite {

constexpr std::size_t most_remembered = 4096;

std::int64_t Accounts::find(std::string_view id) {
  if (auto at = keys_.find(id); at != keys_.end()) return at->second;
  Query query(db_, "SELECT key FROM account WHERE id = ?1", id);
  return query.step() ? remember(query.number(0), id) : 0;
}

std::int64_t Accounts::find_or_add(std::string_view id) {
  if (auto key = find(id)) return key;
  Query(db_, "INSERT INTO account(id) VALUES(?1)", id).run();
  return remember(sqlite3_last_insert_rowid(db_.handle()), id);
}

const std::string& Accounts::id_of(std::int64_t key) {
  if (auto at = ids_.find(key); at != ids_.end()) return at->second;
  Query query(db_, "SELECT id FROM account WHERE key = ?1", key);
  if (!query.step()) db_.fail(SQLITE_CORRUPT);
  remember(key, query.text(0));
  return ids_.at(key);
}

void Accounts::forget() {
  keys_.clear();
  ids_.clear();
}

std::int64_t Accounts::remember(std::int64_t key, std::string_view id) {
  if (ids_.size() >= most_remembered) forget();
  auto at = ids_.insert_or_assign(key, std::string(id)).first;
  keys_[at->second] = key;
  return key;
}

}  // namespace argot::sqlite
