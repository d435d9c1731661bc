#include "database.h"

#include <algorithm>

#include "namespaces.h"

namespace argot::node {
namespace {

constexpr std::int64_t max_retrieve_size = 7'800'000, default_retrieve_share = -5;

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

// --- storing ---

Database::StoreResult Database::store(const AccountId& account, std::int16_t ns, std::string_view hash,
                                      std::int64_t timestamp, std::int64_t expiry, ByteView data) {
  Change change(*this);
  if (is_public_outbox(ns)) {
    need_tables();
    Run(db_,
        "DELETE FROM messages WHERE account_key = ? AND namespace = ? AND account = ? AND NOT (key = ? AND hash = ?)")
        .bind(key_of(account.bytes()))
        .bind(ns)
        .bind(account.bytes())
        .bind(key_of(hash))
        .bind(hash)
        .finish();
  }
  const StoreResult out = in_tables_ ? store_in_tables(account, ns, hash, timestamp, expiry, data)
                                     : store_in_journal(account, ns, hash, timestamp, expiry, data);
  change.done();
  return out;
}

Database::StoreResult Database::store_in_journal(const AccountId& account, std::int16_t ns, std::string_view hash,
                                                 std::int64_t timestamp, std::int64_t expiry, ByteView data) {
  const auto known = expiry_of(account, hash);
  if (known && *known >= expiry) return {Stored::exists, *known};
  if (!known && !pending_.find(hash) && fits_journal(hash, data.size())) {
    PendingMessage fresh{next_row_++, {account, ns, std::string(hash), timestamp, expiry, to_bytes(data)}};
    pending_.add(std::move(fresh));
    return {Stored::fresh, expiry};
  }
  need_tables();
  wants_journal_ = true;
  return store_in_tables(account, ns, hash, timestamp, expiry, data);
}

Database::StoreResult Database::store_in_tables(const AccountId& account, std::int16_t ns, std::string_view hash,
                                                std::int64_t timestamp, std::int64_t expiry, ByteView data) {
  const auto known = expiry_in_tables(account, hash);
  if (!known) {
    insert(0, account, ns, hash, timestamp, expiry, data);
    return {Stored::fresh, expiry};
  }
  if (*known >= expiry) return {Stored::exists, *known};
  set_expiry(account, hash, expiry);
  return {Stored::extended, expiry};
}

void Database::insert(std::int64_t row, const AccountId& account, std::int16_t ns, std::string_view hash,
                      std::int64_t timestamp, std::int64_t expiry, ByteView data) {
  Run(db_,
      "INSERT INTO messages (id, key, account_key, account, namespace, hash, timestamp, expiry, data)"
      " VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(row)
      .bind(key_of(hash))
      .bind(key_of(account.bytes()))
      .bind(account.bytes())
      .bind(ns)
      .bind(hash)
      .bind(timestamp)
      .bind(expiry)
      .bind(data)
      .finish();
}

void Database::insert(const PendingMessage& each) {
  const StoredMessage& m = each.message;
  insert(each.row, m.account, m.ns, m.hash, m.timestamp, m.expiry, m.data);
}

bool Database::take_over(const AccountId& account, std::int16_t ns, std::string_view hash, std::int64_t timestamp,
                         std::int64_t expiry, ByteView data) {
  if (expiry_of(account, hash)) return false;
  if (is_public_outbox(ns)) {
    // Its messages are in the tables: storing to it removes others.
    Run newest(db_, "SELECT max(timestamp) FROM messages WHERE account_key = ? AND namespace = ? AND account = ?");
    newest.bind(key_of(account.bytes())).bind(ns).bind(account.bytes());
    if (newest.step() && newest.number(0) >= timestamp) return false;
  }
  return store(account, ns, hash, timestamp, expiry, data).kind == Stored::fresh;
}

// --- looking ---

bool Database::retrieve(const AccountId& account, std::int16_t ns, std::string_view last_hash, RetrieveLimits limits,
                        const std::function<bool(const Row&)>& each) {
  std::int64_t after = 0, spent = 0, count = 0;
  if (!last_hash.empty()) {
    const PendingMessage* known = pending_.find(last_hash);
    Run last(db_, "SELECT id FROM messages WHERE key = ? AND hash = ? AND account = ? AND namespace = ?");
    if (known && known->message.account == account && known->message.ns == ns)
      after = known->row;
    else if (last.bind(key_of(last_hash)).bind(last_hash).bind(account.bytes()).bind(ns).step())
      after = last.number(0);
  }
  const auto is_too_much = [&](std::int64_t size) {
    spent += cost(size);
    return (limits.max_count && count >= limits.max_count) || (spent > limits.max_size && count > 0);
  };
  {
    Run run(db_,
            "SELECT hash, timestamp, expiry, data FROM messages"
            " WHERE account_key = ? AND namespace = ? AND id > ? AND account = ? ORDER BY id");
    run.bind(key_of(account.bytes())).bind(ns).bind(after).bind(account.bytes());
    for (; run.step(); ++count) {
      if (is_too_much(run.size(3))) return true;
      if (!each({text_of(run.blob(0)), run.number(1), run.number(2), run.blob(3)})) return false;
    }
  }
  // What is still in the journal came later than all that.
  for (const PendingMessage* found : pending_.in(account, ns)) {
    if (found->row <= after) continue;
    const StoredMessage& m = found->message;
    if (is_too_much(static_cast<std::int64_t>(m.data.size()))) return true;
    if (!each({m.hash, m.timestamp, m.expiry, m.data})) return false;
    ++count;
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

std::optional<std::int64_t> Database::expiry_of(const AccountId& account, std::string_view hash) {
  const PendingMessage* known = pending_.find(hash);
  if (known && known->message.account == account) return known->message.expiry;
  return expiry_in_tables(account, hash);
}

std::optional<std::int64_t> Database::expiry_in_tables(const AccountId& account, std::string_view hash) {
  Run run(db_, "SELECT expiry FROM messages WHERE key = ? AND hash = ? AND account = ?");
  if (!run.bind(key_of(hash)).bind(hash).bind(account.bytes()).step()) return std::nullopt;
  return run.number(0);
}

Database::Rows Database::rows_from(std::int64_t row, std::size_t max_bytes, std::size_t max_rows) {
  Rows out;
  out.next = row;
  std::size_t bytes = 0;
  const auto take = [&](std::int64_t id, StoredMessage message) {
    out.next = id + 1;
    bytes += handover_cost(message);
    out.messages.push_back(std::move(message));
  };
  const auto is_enough = [&] { return bytes >= max_bytes || out.messages.size() >= max_rows; };
  {
    Run run(db_,
            "SELECT id, account, namespace, hash, timestamp, expiry, data FROM messages WHERE id >= ? ORDER BY id");
    run.bind(row);
    while (out.all && run.step()) {
      if (is_enough()) {
        out.all = false;
        break;
      }
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
      take(run.number(0), std::move(message));
    }
  }
  for (const PendingMessage& each : pending_.all()) {
    if (!out.all) break;
    if (each.row < row) continue;
    if (is_enough())
      out.all = false;
    else
      take(each.row, each.message);
  }
  return out;
}

std::int64_t Database::row_of(std::string_view hash) {
  if (const PendingMessage* known = pending_.find(hash)) return known->row;
  Run run(db_, "SELECT id FROM messages WHERE key = ? AND hash = ?");
  return run.bind(key_of(hash)).bind(hash).step() ? run.number(0) : 0;
}

std::int64_t Database::count() {
  return db_.number("SELECT count(*) FROM messages") + static_cast<std::int64_t>(pending_.count());
}

// --- changing: everything is in the tables then ---

std::vector<std::string> Database::remove(const AccountId& account, const std::vector<std::string>& hashes) {
  Change change(*this);
  need_tables();
  std::vector<std::string> out;
  for (const std::string& hash : hashes) {
    Run(db_, "DELETE FROM messages WHERE key = ? AND hash = ? AND account = ?")
        .bind(key_of(hash))
        .bind(hash)
        .bind(account.bytes())
        .finish();
    if (db_.changes() > 0) out.push_back(hash);
  }
  change.done();
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Database::ByNamespace Database::remove_all(const AccountId& account, NamespaceOrAll ns, std::int64_t until) {
  Change change(*this);
  need_tables();
  ByNamespace out;
  if (!ns) {
    Run run(db_,
            "DELETE FROM messages WHERE account_key = ? AND account = ? AND timestamp <= ?"
            " RETURNING namespace, hash");
    out = hashes_by_namespace(run.bind(key_of(account.bytes())).bind(account.bytes()).bind(until));
  } else {
    Run run(db_,
            "DELETE FROM messages WHERE account_key = ? AND account = ? AND namespace = ? AND timestamp <= ?"
            " RETURNING namespace, hash");
    out = hashes_by_namespace(run.bind(key_of(account.bytes())).bind(account.bytes()).bind(*ns).bind(until));
  }
  change.done();
  return out;
}

Database::ByNamespace Database::shorten_all(const AccountId& account, NamespaceOrAll ns, std::int64_t expiry) {
  Change change(*this);
  need_tables();
  ByNamespace out;
  if (!ns) {
    Run run(db_,
            "UPDATE messages SET expiry = ?1 WHERE account_key = ?2 AND account = ?3 AND expiry > ?1"
            " RETURNING namespace, hash");
    out = hashes_by_namespace(run.bind(expiry).bind(key_of(account.bytes())).bind(account.bytes()));
  } else {
    Run run(db_,
            "UPDATE messages SET expiry = ?1 WHERE account_key = ?2 AND account = ?3 AND namespace = ?4 AND expiry > ?1"
            " RETURNING namespace, hash");
    out = hashes_by_namespace(run.bind(expiry).bind(key_of(account.bytes())).bind(account.bytes()).bind(*ns));
  }
  change.done();
  return out;
}

void Database::set_expiry(const AccountId& account, std::string_view hash, std::int64_t expiry) {
  Change change(*this);
  need_tables();
  Run(db_, "UPDATE messages SET expiry = ? WHERE key = ? AND hash = ? AND account = ?")
      .bind(expiry)
      .bind(key_of(hash))
      .bind(hash)
      .bind(account.bytes())
      .finish();
  change.done();
}

std::int64_t Database::remove_expired(std::int64_t now_ms, std::int64_t limit) {
  if (pending_.empty()) {
    // Without any, nothing is written.
    Run any(db_, "SELECT 1 FROM messages WHERE expiry <= ? LIMIT 1");
    if (!any.bind(now_ms).step()) return 0;
  }
  Change change(*this);
  need_tables();
  Run(db_,
      "DELETE FROM messages WHERE id IN"
      " (SELECT id FROM messages WHERE expiry <= ? ORDER BY expiry LIMIT ?)")
      .bind(now_ms)
      .bind(limit)
      .finish();
  const std::int64_t removed = db_.changes();
  change.done();
  return removed;
}

}  // namespace argot::node
