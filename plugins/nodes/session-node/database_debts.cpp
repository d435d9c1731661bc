// What a node remembers beside messages: revocations, debts to others, the list of nodes.
#include <algorithm>

#include "database.h"

namespace argot::node {
namespace {

constexpr std::int64_t max_revocations = 50;

}  // namespace

void Database::revoke(const AccountId& account, const std::vector<Token>& tokens, std::int64_t now_ms) {
  Change change(*this);
  need_tables();
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
  change.done();
}

std::int64_t Database::unrevoke(const AccountId& account, const std::vector<Token>& tokens) {
  Change change(*this);
  need_tables();
  std::int64_t count = 0;
  for (const Token& token : tokens) {
    Run(db_, "DELETE FROM revoked_subaccounts WHERE account = ? AND token = ?")
        .bind(account.bytes())
        .bind(ByteView(token))
        .finish();
    count += db_.changes();
  }
  change.done();
  return count;
}

bool Database::is_revoked(const AccountId& account, const Token& token) {
  Run run(db_, "SELECT 1 FROM revoked_subaccounts WHERE account = ? AND token = ?");
  return run.bind(account.bytes()).bind(ByteView(token)).step();
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
  Change change(*this);
  need_tables();
  Run(db_,
      "INSERT INTO debts (peer, from_row) VALUES (?, ?)"
      " ON CONFLICT (peer) DO UPDATE SET from_row = min(from_row, excluded.from_row)")
      .bind(ByteView(peer))
      .bind(row)
      .finish();
  change.done();
}

void Database::paid(const Fixed<32>& peer, std::int64_t next, bool all) {
  Change change(*this);
  need_tables();
  if (all)
    Run(db_, "DELETE FROM debts WHERE peer = ?").bind(ByteView(peer)).finish();
  else
    Run(db_, "UPDATE debts SET from_row = ? WHERE peer = ?").bind(next).bind(ByteView(peer)).finish();
  change.done();
}

void Database::owe_call(const Fixed<32>& peer, std::string_view body) {
  Change change(*this);
  need_tables();
  owe(peer, no_rows);
  Run(db_, "INSERT INTO owed_calls (peer, body) VALUES (?, ?)").bind(ByteView(peer)).bind(view(body)).finish();
  Run(db_,
      "DELETE FROM owed_calls WHERE peer = ?1 AND id <="
      " (SELECT id FROM owed_calls WHERE peer = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)")
      .bind(ByteView(peer))
      .bind(max_owed_calls)
      .finish();
  change.done();
}

std::vector<Database::OwedCall> Database::owed_calls(const Fixed<32>& peer, std::int64_t limit) {
  Run run(db_, "SELECT id, body FROM owed_calls WHERE peer = ? ORDER BY id LIMIT ?");
  run.bind(ByteView(peer)).bind(limit);
  std::vector<OwedCall> out;
  while (run.step()) out.push_back({run.number(0), run.text(1)});
  return out;
}

void Database::paid_calls(const Fixed<32>& peer, std::int64_t last) {
  Change change(*this);
  need_tables();
  Run(db_, "DELETE FROM owed_calls WHERE peer = ? AND id <= ?").bind(ByteView(peer)).bind(last).finish();
  change.done();
}

std::string Database::known_network() {
  Run run(db_, "SELECT lines FROM known_network WHERE id = 1");
  return run.step() ? run.text(0) : std::string();
}

void Database::keep_network(std::string_view lines) {
  Change change(*this);
  need_tables();
  Run(db_, "INSERT OR REPLACE INTO known_network (id, lines) VALUES (1, ?)").bind(lines).finish();
  change.done();
}

}  // namespace argot::node
