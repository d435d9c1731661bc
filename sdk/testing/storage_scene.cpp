#include "storage_scene.h"

#include <algorithm>
#include <limits>
#include <sstream>

namespace argot::kit {

std::filesystem::path StorageScene::fresh_path() { return subject.scratch / ("store-" + std::to_string(++stores_)); }

Task<std::unique_ptr<Store>> StorageScene::open(std::filesystem::path path, Byte key) {
  Secret secret(32);
  std::fill_n(secret.data(), secret.size(), key);
  OpenStore request(std::move(path), std::move(secret));
  co_return co_await subject.storage().open(std::move(request));
}

Task<std::unique_ptr<Store>> StorageScene::fresh() {
  auto path = fresh_path();
  co_return co_await open(std::move(path));
}

std::string account_id(int number) {
  std::string out = "05" + std::to_string(number);
  return out + std::string(66 - out.size(), 'a');
}

StoredConversation plain_conversation(int number) {
  StoredConversation out;
  out.id = account_id(number);
  out.last_active_ms = 1000 + number;
  return out;
}

StoredMessage plain_message(std::int64_t sent_at_ms, std::string text, int author, int conversation) {
  StoredMessage out;
  out.conversation = account_id(conversation);
  out.author = account_id(author);
  out.sent_at_ms = sent_at_ms;
  out.received_at_ms = sent_at_ms < std::numeric_limits<std::int64_t>::max() - 5 ? sent_at_ms + 5 : sent_at_ms;
  out.text = std::move(text);
  return out;
}

void furnish(Store& store, std::size_t messages) {
  auto tx = store.begin();
  for (int i = 0; i < 3; ++i) tx->put(plain_conversation(i));
  for (std::size_t i = 0; i < messages; ++i) {
    const int who = static_cast<int>(i % 3);
    auto id = tx->insert(plain_message(1'700'000'000'000 + static_cast<std::int64_t>(i),
                                       "word" + std::to_string(i) + " furnished", who, who));
    if (!id || i % 4 != 0) continue;
    OutboxEntry entry;
    entry.message = *id;
    entry.mailbox = account_id(who);
    entry.envelope = Bytes(40, static_cast<Byte>(i));
    entry.next_attempt_ms = static_cast<std::int64_t>(100 + i);
    tx->put(entry);
  }
  tx->see("hash one", 5000);
  tx->see("hash two", 6000);
  tx->put("suite", "state", view("some state"));
  tx->put("cursor", "swarm", view("some cursor"));
  tx->commit();
}

std::string line_of(const StoredMessage& m) {
  std::ostringstream out;
  out << "message " << m.id << ' ' << m.conversation << ' ' << m.author << ' ' << m.sent_at_ms << ' '
      << m.received_at_ms << ' ' << int(m.direction) << ' ' << int(m.state) << ' ' << m.kind << ' '
      << to_hex(view(m.text)) << ' ' << to_hex(m.content) << ' ' << to_hex(view(m.hash)) << ' ' << m.suite << ' '
      << to_hex(view(m.failure)) << ' ' << to_hex(m.trace) << ' ' << m.expires_at_ms << ' ' << to_hex(m.extra);
  return out.str();
}

std::string contents_of(Store& store) {
  std::ostringstream out;
  {
    auto tx = store.begin();
    for (const auto& c : tx->conversations())
      out << "conversation " << c.id << ' ' << to_hex(view(c.name)) << ' ' << c.approved << c.blocked << ' '
          << c.last_active_ms << ' ' << c.unread << ' ' << c.last_message << ' ' << to_hex(c.extra) << '\n';
    MessageQuery query;
    query.newest_first = false;
    query.limit = 1000;
    for (;;) {
      const auto page = tx->messages(query);
      for (const auto& m : page) out << line_of(m) << '\n';
      if (page.size() < query.limit) break;
      query.after = page.back().id;
    }
    query = {};
    query.match = "furnished";
    query.limit = 1000;
    for (MessageId id : ids_of(tx->messages(query))) out << "found " << id << '\n';
    if (auto due = tx->next_due_ms()) out << "due " << *due << '\n';
    for (const auto& owner : store.owners())
      for (const auto& [key, value] : tx->scan(owner, ""))
        out << "value " << owner << ' ' << to_hex(view(key)) << ' ' << to_hex(value) << '\n';
  }
  for (const auto& e : store.outbox())
    out << "outbox " << e.message << ' ' << e.mailbox << ' ' << e.ns << ' ' << to_hex(e.envelope) << ' ' << e.suite
        << ' ' << e.ttl_ms << ' ' << e.attempts << ' ' << e.next_attempt_ms << '\n';
  for (const auto& [hash, expires] : store.seen()) out << "seen " << to_hex(view(hash)) << ' ' << expires << '\n';
  return out.str();
}

std::string difference(const std::string& expected, const std::string& found) {
  std::istringstream left(expected), right(found);
  std::string a, b;
  for (int line = 1;; ++line) {
    const bool more_left = static_cast<bool>(std::getline(left, a)),
               more_right = static_cast<bool>(std::getline(right, b));
    if (!more_left && !more_right) return "the same";
    const auto head = [](const std::string& text) { return text.substr(0, text.find(' ', text.find(' ') + 1)); };
    if (!more_right) return "\"" + head(a) + "\" is missing";
    if (!more_left) return "\"" + head(b) + "\" is there and should not be";
    if (a != b)
      return "line " + std::to_string(line) + " is \"" + head(b) + " ...\" instead of \"" + head(a) + " ...\"";
  }
}

std::vector<MessageId> ids_of(const std::vector<StoredMessage>& messages) {
  std::vector<MessageId> out;
  for (const auto& m : messages) out.push_back(m.id);
  return out;
}

}  // namespace argot::kit
