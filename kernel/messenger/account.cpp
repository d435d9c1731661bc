#include <kernel/messenger/account.h>

#include <kernel/messenger/marks.h>
#include <kernel/messenger/standing.h>

namespace argot::kernel {
namespace {

constexpr std::string_view receipts_key = "read receipts", typing_key = "typing", saved_key = "saved media",
                           name_key = "profile name", name_time_key = "profile name since";

/// Names on the wire are anything; whoever is none is nobody.
AccountId account_or_nobody(const std::string& text) {
  const auto bytes = fixed_from_hex<AccountId::size>(text);
  return bytes ? AccountId(*bytes) : AccountId();
}

// What only the content has. It was checked when it came; a store may be damaged all the same.
void read_content(Message& m, const Bytes& encoded) {
  if (encoded.empty()) return;
  try {
    Content content = decode_content(encoded);
    auto* text = std::get_if<Text>(&content.body);
    if (!text) return;
    if (text->quote) {
      m.quote.emplace();
      m.quote->author = account_or_nobody(text->quote->author);
      const std::uint64_t latest = 253402300800'000;  // the year 10000
      m.quote->sent_at = from_ms(std::int64_t(std::min(text->quote->timestamp_ms, latest)));
      m.quote->text = std::move(text->quote->text);
    }
    m.attachments = std::move(text->attachments);
    m.previews = std::move(text->previews);
    // A preview of a link that is not there only pretends to be one.
    std::erase_if(m.previews, [&](const Preview& p) { return p.url.empty() || m.text.find(p.url) == m.text.npos; });
  } catch (const Error&) {
    // the text is shown without its ornaments
  }
}

}  // namespace

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
  m.kind = Message::Kind(s.kind);
  if (s.expires_at_ms) m.expires_at = from_ms(s.expires_at_ms);
  const Marks marks = Marks::read(s.extra);
  if (marks.edited_at_ms) m.edited_at = from_ms(marks.edited_at_ms);
  m.timer = marks.timer;
  for (const Marks::Mark& mark : marks.reactions)
    if (!mark.removed) m.reactions.push_back({account_or_nobody(mark.by), mark.emoji, from_ms(mark.at_ms)});
  m.call = marks.call;
  for (MentionAt& mention : find_mentions(m.text)) {
    const AccountId id = account_or_nobody(mention.id);
    m.mentions.push_back({mention.offset, id, {}});
    if (id == account) m.mentions_me = true;
  }
  read_content(m, s.content);
  return m;
}

Message Account::message(Transaction& tx, StoredMessage stored) const {
  Message m = message(id(), std::move(stored));
  for (Mention& mention : m.mentions) {
    if (mention.id == id())
      mention.name = profile(tx).name;
    else if (const auto row = tx.conversation(mention.id.text()))
      mention.name = row->name.empty() ? Standing::of(*row).profile_name : row->name;
  }
  if (!m.quote || m.quote->author == AccountId()) return m;
  auto original = tx.message(m.quote->author.text(), to_ms(m.quote->sent_at));
  if (!original) return m;
  // What is here counts, not what the sender says it was: nobody puts words into somebody's mouth, and what was taken
  // back is not repeated. Somebody may also name a message of another conversation, which is no business of this one.
  if (original->conversation == m.conversation.text())
    m.quote->text = std::move(original->text);
  else
    m.quote->text.clear();
  return m;
}

argot::Profile Account::profile(Transaction& tx) const {
  argot::Profile out;
  if (auto name = tx.get(account_owner, name_key)) out.name = text_of(*name);
  if (out.name.empty()) return out;
  if (auto since = tx.get(account_owner, name_time_key))
    out.updated_s = std::strtoull(std::string(text_of(*since)).c_str(), nullptr, 10);
  return out;
}

void Account::set_profile(Transaction& tx, const argot::Profile& profile) const {
  tx.put(account_owner, name_key, view(profile.name));
  tx.put(account_owner, name_time_key, view(std::to_string(profile.updated_s)));
}

Privacy Account::privacy(Transaction& tx) const {
  return {tx.get(account_owner, receipts_key).has_value(), tx.get(account_owner, typing_key).has_value(),
          tx.get(account_owner, saved_key).has_value()};
}

void Account::set_privacy(Transaction& tx, Privacy privacy) const {
  auto set = [&](std::string_view key, bool on) {
    if (on)
      tx.put(account_owner, key, view("1"));
    else
      tx.erase(account_owner, key);
  };
  set(receipts_key, privacy.read_receipts);
  set(typing_key, privacy.typing);
  set(saved_key, privacy.saved_media);
}

Conversation Account::conversation(const StoredConversation& s) {
  Conversation c;
  c.peer = AccountId::parse(s.id);
  c.name = s.name;
  c.approved = s.approved;
  c.blocked = s.blocked;
  c.unread = s.unread;
  c.last_active = from_ms(s.last_active_ms);
  const Standing standing = Standing::of(s);
  c.approved_by_peer = standing.approved_by_peer;
  c.declined = standing.declined;
  c.profile_name = standing.profile_name;
  c.timer = standing.timer;
  c.keeping = standing.keeping;
  return c;
}

void Account::emit(Event::Kind kind, StoredMessage stored) {
  events.emit([&] {
    Event event;
    event.kind = kind;
    event.account = id();
    // A reply or a mention, perhaps: shown as history shows it.
    if (store_ && (!stored.content.empty() || stored.text.find("@05") != stored.text.npos)) {
      auto tx = store_->begin();
      event.message = message(*tx, std::move(stored));
    } else {
      event.message = message(std::move(stored));
    }
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
