#include <kernel/messenger/account.h>

namespace argot::kernel {

Store& Account::store() const {
  if (closed_) throw Error(Code::unavailable, "The account " + id().brief() + " is locked.", "Unlock it first.");
  if (!store_)
    throw Error(Code::unavailable, "The storage of account " + id().brief() + " is being exchanged.",
                "Try again in a moment.");
  return *store_;
}

void Account::attach(Lease<Storage> storage, std::unique_ptr<Store> store, std::filesystem::path path) {
  detach();
  storage_.emplace(std::move(storage));
  store_ = std::move(store);
  store_path_ = std::move(path);
}

void Account::detach() {
  store_.reset();
  storage_.reset();
}

void Account::close() {
  closed_ = true;
  detach();
}

Message Account::message(const AccountId& account, StoredMessage s) {
  Message m;
  m.id = s.id;
  m.account = account;
  m.conversation = AccountId::parse(s.conversation);
  m.author = AccountId::parse(s.author);
  m.sent_at = from_ms(s.sent_at_ms);
  m.direction = s.direction;
  m.state = s.state;
  m.text = std::move(s.text);
  m.suite = std::move(s.suite);
  m.failure = std::move(s.failure);
  return m;
}

Conversation Account::conversation(const StoredConversation& s) {
  Conversation c;
  c.peer = AccountId::parse(s.id);
  c.name = s.name;
  c.approved = s.approved;
  c.blocked = s.blocked;
  c.unread = s.unread;
  c.last_active = from_ms(s.last_active_ms);
  return c;
}

void Account::emit(Event::Kind kind, StoredMessage stored) {
  events.emit([&] {
    Event event;
    event.kind = kind;
    event.account = id();
    event.message = message(std::move(stored));
    return event;
  });
}

void Account::emit(const StoredConversation& stored) {
  events.emit([&] {
    Event event;
    event.kind = Event::Kind::conversation_changed;
    event.account = id();
    event.conversation = conversation(stored);
    return event;
  });
}

StoredConversation Account::find_or_make(Transaction& tx, const std::string& peer) {
  if (auto found = tx.conversation(peer)) return std::move(*found);
  StoredConversation fresh;
  fresh.id = peer;
  return fresh;
}

std::optional<std::size_t> code_points(std::string_view s) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < s.size(); ++count) {
    const auto c = static_cast<unsigned char>(s[i]);
    const std::size_t more = c < 0x80                ? 0
                             : c >= 0xc2 && c < 0xe0 ? 1
                             : c >= 0xe0 && c < 0xf0 ? 2
                             : c >= 0xf0 && c < 0xf5 ? 3
                                                     : 9;
    if (more == 9 || i + more >= s.size()) return std::nullopt;
    char32_t point = more == 0 ? c : c & (0x3f >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      const auto d = static_cast<unsigned char>(s[i + k]);
      if ((d & 0xc0) != 0x80) return std::nullopt;
      point = point << 6 | (d & 0x3f);
    }
    // Overlong forms and surrogates are not UTF-8.
    if ((more == 2 && point < 0x800) || (more == 3 && (point < 0x10000 || point > 0x10ffff)) ||
        (point >= 0xd800 && point < 0xe000))
      return std::nullopt;
    i += more + 1;
  }
  return count;
}

}  // namespace argot::kernel
