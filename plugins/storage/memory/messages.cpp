// Messages: kept by id, found by place.
#include "transaction.h"
#include "words.h"

#include <argot/error.h>

#include <algorithm>

namespace argot::memory {
namespace {

constexpr std::size_t most_rows = 1000, most_words = 32, most_bytes = 1024;

// As storage/sqlite: times before 1830 and after 2109 count as the nearest one between.
Place place(const StoredMessage& m) {
  constexpr std::int64_t end = std::int64_t{1} << 42;
  return {std::clamp(m.sent_at_ms, -end - 1, end), m.id};
}

}  // namespace

std::optional<MessageId> MemoryTransaction::insert(const StoredMessage& message) {
  Tables& t = tables();
  if (!t.conversations.contains(message.conversation))
    throw Error(Code::not_found, "There is no conversation \"" + message.conversation + "\" to put a message into.",
                "Write the conversation first.");
  const std::pair sent(number_of(message.author), message.sent_at_ms);
  if (t.sent.contains(sent)) return std::nullopt;
  if (message.id != 0 && t.messages.contains(message.id))
    throw Error(Code::already_exists, "The message id " + std::to_string(message.id) + " is in use.",
                "Insert with id 0 to get a free one.");

  StoredMessage row = message;
  if (row.id == 0) row.id = t.last_id + 1;
  const MessageId id = row.id;
  const Place at = place(row);
  undo_.set(t.last_id, std::max(t.last_id, id));
  undo_.put(t.sent, sent, id);
  if (row.expires_at_ms) undo_.add(t.expiry, std::pair(row.expires_at_ms, id));
  undo_.add(t.order, at);
  undo_.add(t.conversation_order, std::pair(number_of(row.conversation), at));
  undo_.put(t.messages, id, std::move(row));
  return id;
}

void MemoryTransaction::update(const StoredMessage& message) {
  auto at = tables().messages.find(message.id);
  if (at == tables_->messages.end())
    throw Error(Code::not_found, "There is no message " + std::to_string(message.id) + " to change.",
                "It may have been deleted.");
  StoredMessage row = message;
  row.conversation = at->second.conversation;
  row.author = at->second.author;
  row.sent_at_ms = at->second.sent_at_ms;
  if (row.expires_at_ms != at->second.expires_at_ms) {
    undo_.take_key(tables_->expiry, std::pair(at->second.expires_at_ms, row.id));
    if (row.expires_at_ms) undo_.add(tables_->expiry, std::pair(row.expires_at_ms, row.id));
  }
  undo_.put(tables_->messages, row.id, std::move(row));
}

std::optional<StoredMessage> MemoryTransaction::message(MessageId id) {
  auto at = tables().messages.find(id);
  if (at == tables_->messages.end()) return std::nullopt;
  return at->second;
}

std::optional<StoredMessage> MemoryTransaction::message(std::string_view author, std::int64_t sent_at_ms) {
  const auto number = tables().numbers.find(author);
  if (number == tables_->numbers.end()) return std::nullopt;
  const auto at = tables_->sent.find(std::pair(number->second, sent_at_ms));
  if (at == tables_->sent.end()) return std::nullopt;
  return tables_->messages.at(at->second);
}

std::vector<MessageId> MemoryTransaction::expired(std::int64_t now_ms, std::size_t limit) {
  std::vector<MessageId> out;
  for (const auto& [at, id] : tables().expiry) {
    if (at > now_ms || out.size() == limit) break;
    out.push_back(id);
  }
  return out;
}

std::optional<std::int64_t> MemoryTransaction::next_expiry_ms() {
  if (tables().expiry.empty()) return std::nullopt;
  return tables_->expiry.begin()->first;
}

void MemoryTransaction::erase_message(MessageId id) {
  erase_outbox(id);
  auto at = tables_->messages.find(id);
  if (at == tables_->messages.end()) return;
  const StoredMessage& row = at->second;
  undo_.take_key(tables_->sent, std::pair(number_of(row.author), row.sent_at_ms));
  undo_.take_key(tables_->expiry, std::pair(row.expires_at_ms, id));
  undo_.take_key(tables_->order, place(row));
  undo_.take_key(tables_->conversation_order, std::pair(number_of(row.conversation), place(row)));
  undo_.take(tables_->messages, at);
}

Place MemoryTransaction::place_of(MessageId id) {
  auto at = tables().messages.find(id);
  if (at == tables_->messages.end())
    throw Error(Code::not_found, "There is no message " + std::to_string(id) + " to read on from.",
                "It may have been deleted; read from the beginning.");
  return place(at->second);
}

std::vector<StoredMessage> MemoryTransaction::messages(const MessageQuery& query) {
  constexpr Place first{INT64_MIN, INT64_MIN}, last{INT64_MAX, INT64_MAX};
  Tables& t = tables();
  const Place after = query.after ? place_of(*query.after) : first;
  const Place before = query.before ? place_of(*query.before) : last;
  if (query.match.size() > most_bytes)
    throw Error(Code::invalid_argument,
                "A search may have at most 1,024 bytes; this one has " + std::to_string(query.match.size()) + ".",
                "Search for fewer words.");
  const auto wanted = words_of(query.match);
  if (wanted.size() > most_words)
    throw Error(Code::invalid_argument,
                "A search may have at most 32 words; this one has " + std::to_string(wanted.size()) + ".",
                "Search for fewer words.");
  const std::size_t limit = std::min(query.limit, most_rows);
  std::vector<StoredMessage> out;

  // Takes what matches from a range of places, from whichever end was asked for.
  auto collect = [&](auto begin, auto end, auto id_in) {
    while (begin != end && out.size() < limit) {
      const StoredMessage& row = t.messages.at(id_in(query.newest_first ? *--end : *begin++));
      if (wanted.empty() || has_words(row.text, wanted)) out.push_back(row);
    }
  };
  if (!(after < before)) return out;
  if (query.conversation.empty()) {
    collect(t.order.upper_bound(after), t.order.lower_bound(before), [](auto& key) { return key.second; });
  } else if (auto number = t.numbers.find(query.conversation); number != t.numbers.end()) {
    collect(t.conversation_order.upper_bound(std::pair(number->second, after)),
            t.conversation_order.lower_bound(std::pair(number->second, before)),
            [](auto& key) { return key.second.second; });
  }
  return out;
}

}  // namespace argot::memory
