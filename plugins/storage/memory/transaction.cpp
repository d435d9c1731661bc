#include "transaction.h"

#include <argot/error.h>

#include <algorithm>

namespace argot::memory {

MemoryTransaction::MemoryTransaction(std::shared_ptr<Tables> tables, std::shared_ptr<bool> busy)
    : tables_(std::move(tables)), busy_(std::move(busy)) {
  if (*busy_)
    throw Error(Code::internal, "A transaction of this store is open already.",
                "Commit or destroy it before the next one begins.");
  *busy_ = true;
}

MemoryTransaction::~MemoryTransaction() {
  if (!open_) return;
  undo_.roll_back();
  *busy_ = false;
}

Tables& MemoryTransaction::tables() {
  if (!open_) throw Error(Code::internal, "A transaction was used after its commit.", "Begin a new one.");
  return *tables_;
}

void MemoryTransaction::commit() {
  tables();
  undo_.keep();
  open_ = false;
  *busy_ = false;
}

int MemoryTransaction::number_of(const std::string& account) {
  auto& numbers = tables().numbers;
  return numbers.try_emplace(account, static_cast<int>(numbers.size())).first->second;
}

void MemoryTransaction::put(const StoredConversation& c) { undo_.put(tables().conversations, c.id, c); }

std::optional<StoredConversation> MemoryTransaction::conversation(std::string_view id) {
  auto at = tables().conversations.find(id);
  if (at == tables_->conversations.end()) return std::nullopt;
  return at->second;
}

std::vector<StoredConversation> MemoryTransaction::conversations() {
  std::vector<StoredConversation> out;
  for (auto& [id, conversation] : tables().conversations) out.push_back(conversation);
  std::stable_sort(out.begin(), out.end(), [](auto& a, auto& b) { return a.last_active_ms > b.last_active_ms; });
  return out;
}

void MemoryTransaction::put(const OutboxEntry& entry) {
  erase_outbox(entry.message);
  undo_.put(tables_->outbox, entry.message, entry);
  undo_.add(tables_->outbox_times, std::pair(entry.next_attempt_ms, entry.message));
}

void MemoryTransaction::erase_outbox(MessageId message) {
  auto at = tables().outbox.find(message);
  if (at == tables_->outbox.end()) return;
  undo_.take_key(tables_->outbox_times, std::pair(at->second.next_attempt_ms, message));
  undo_.take(tables_->outbox, at);
}

std::vector<OutboxEntry> MemoryTransaction::due(std::int64_t now_ms, std::size_t limit) {
  std::vector<MessageId> ids;
  for (auto& [at, message] : tables().outbox_times) {
    if (at > now_ms) break;
    ids.push_back(message);
  }
  std::sort(ids.begin(), ids.end());
  if (ids.size() > limit) ids.resize(limit);
  std::vector<OutboxEntry> out;
  for (MessageId id : ids) out.push_back(tables_->outbox.at(id));
  return out;
}

std::optional<std::int64_t> MemoryTransaction::next_due_ms() {
  if (tables().outbox_times.empty()) return std::nullopt;
  return tables_->outbox_times.begin()->first;
}

bool MemoryTransaction::see(std::string_view hash, std::int64_t expires_ms) {
  auto at = tables().seen.find(hash);
  const bool fresh = at == tables_->seen.end();
  if (!fresh) {
    if (at->second >= expires_ms) return false;
    undo_.take_key(tables_->seen_times, std::pair(at->second, at->first));
  }
  undo_.put(tables_->seen, std::string(hash), expires_ms);
  undo_.add(tables_->seen_times, std::pair(expires_ms, std::string(hash)));
  return fresh;
}

void MemoryTransaction::forget_seen(std::int64_t before_ms) {
  auto& times = tables().seen_times;
  while (!times.empty() && times.begin()->first < before_ms) {
    undo_.take_key(tables_->seen, times.begin()->second);
    undo_.take(times, times.begin());
  }
}

std::optional<Bytes> MemoryTransaction::get(std::string_view owner, std::string_view key) {
  auto at = tables().values.find(std::pair(std::string(owner), std::string(key)));
  if (at == tables_->values.end()) return std::nullopt;
  return at->second;
}

void MemoryTransaction::put(std::string_view owner, std::string_view key, ByteView value) {
  undo_.put(tables().values, std::pair(std::string(owner), std::string(key)), to_bytes(value));
}

void MemoryTransaction::erase(std::string_view owner, std::string_view key) {
  undo_.take_key(tables().values, std::pair(std::string(owner), std::string(key)));
}

std::vector<std::pair<std::string, Bytes>> MemoryTransaction::scan(std::string_view owner, std::string_view prefix) {
  std::vector<std::pair<std::string, Bytes>> out;
  auto& values = tables().values;
  for (auto at = values.lower_bound(std::pair(std::string(owner), std::string(prefix))); at != values.end(); ++at) {
    if (at->first.first != owner || !at->first.second.starts_with(prefix)) break;
    out.emplace_back(at->first.second, at->second);
  }
  return out;
}

void MemoryTransaction::clear() {
  auto empty = [this](auto& container) {
    while (!container.empty()) undo_.take(container, std::prev(container.end()));
  };
  Tables& t = tables();
  empty(t.messages), empty(t.order), empty(t.conversation_order), empty(t.sent), empty(t.expiry),
      empty(t.conversations);
  empty(t.outbox), empty(t.outbox_times), empty(t.seen), empty(t.seen_times), empty(t.values);
}

}  // namespace argot::memory
