#include <kernel/messenger/early.h>

#include <kernel/messenger/record.h>

namespace argot::kernel::early {
namespace {

constexpr std::string_view effects = "early", gone = "gone";
struct EarlyField {
  enum : std::uint8_t { until = 1, kind = 2, by = 3, at = 4, text = 5 };
};

std::string target_key(const std::string& author, std::int64_t sent_at_ms) {
  return author + '/' + std::to_string(sent_at_ms);
}

std::int64_t until_of(ByteView value) {
  std::int64_t out = 0;
  read_record(value, [&](std::uint8_t tag, ByteView v) {
    if (tag == EarlyField::until) out = number_in(v);
  });
  return out;
}

}  // namespace

// Key: the conversation's key is shortened, since a key has at most 128 bytes; the effect's own part makes it unique.
void keep(Transaction& tx, const std::string& conversation, const Effect& e, std::int64_t now_ms) {
  const std::string prefix = conversation.substr(2, 16) + '/';
  if (tx.scan(effects, prefix).size() >= most_waiting) return;
  RecordWriter out;
  out.number(EarlyField::until, now_ms + patience_ms);
  out.number(EarlyField::kind, std::int64_t(e.kind));
  out.put(EarlyField::by, e.by);
  out.number(EarlyField::at, e.at_ms);
  out.put(EarlyField::text, e.text);
  const std::string key = prefix + target_key(e.target_author.substr(0, 66), e.target_ms) + '/' +
                          std::to_string(e.at_ms) + '/' + e.by.substr(2, 8);
  tx.put(effects, key, out.take());
}

std::vector<Effect> take(Transaction& tx, const std::string& conversation, const std::string& author,
                         std::int64_t sent_at_ms) {
  std::vector<Effect> out;
  const std::string prefix = conversation.substr(2, 16) + '/' + target_key(author, sent_at_ms) + '/';
  for (const auto& [key, value] : tx.scan(effects, prefix)) {
    Effect& e = out.emplace_back();
    e.target_author = author;
    e.target_ms = sent_at_ms;
    read_record(value, [&](std::uint8_t tag, ByteView v) {
      if (tag == EarlyField::kind) e.kind = Effect::Kind(number_in(v));
      if (tag == EarlyField::by) e.by = text_of(v);
      if (tag == EarlyField::at) e.at_ms = number_in(v);
      if (tag == EarlyField::text) e.text = text_of(v);
    });
    tx.erase(effects, key);
  }
  return out;
}

void forget(Transaction& tx, const StoredMessage& message, std::int64_t now_ms) {
  RecordWriter out;
  out.number(EarlyField::until, now_ms + patience_ms);
  tx.put(gone, target_key(message.author, message.sent_at_ms), out.take());
}

bool forgotten(Transaction& tx, const std::string& author, std::int64_t sent_at_ms) {
  return tx.get(gone, target_key(author, sent_at_ms)).has_value();
}

void clean(Transaction& tx, std::int64_t now_ms) {
  for (std::string_view owner : {effects, gone})
    for (const auto& [key, value] : tx.scan(owner, ""))
      if (until_of(value) < now_ms) tx.erase(owner, key);
}

}  // namespace argot::kernel::early
