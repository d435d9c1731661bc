#include <kernel/messenger/early.h>

#include <kernel/messenger/record.h>

namespace argot::kernel::early {
namespace {

constexpr std::string_view effects = "early", gone = "gone";
struct EarlyField {
  enum : std::uint8_t { until = 1, kind = 2, by = 3, at = 4, text = 5, conversation = 6 };
};
// How much waits, by person and, under this key, altogether: a limit must not be a walk through everything.
constexpr std::string_view loads = "early load", everybody = "all";
struct LoadField {
  enum : std::uint8_t { count = 1, bytes = 2 };
};
struct Load {
  std::int64_t count = 0, bytes = 0;
};

Load load_of(Transaction& tx, std::string_view who) {
  Load out;
  if (auto kept = tx.get(loads, who))
    read_record(*kept, [&](std::uint8_t tag, ByteView v) {
      if (tag == LoadField::count) out.count = number_in(v);
      if (tag == LoadField::bytes) out.bytes = number_in(v);
    });
  return out;
}

void put_load(Transaction& tx, std::string_view who, const Load& load) {
  if (load.count <= 0) return tx.erase(loads, who);
  RecordWriter out;
  out.number(LoadField::count, load.count);
  out.number(LoadField::bytes, load.bytes);
  tx.put(loads, who, out.take());
}

void add_load(Transaction& tx, const std::string& by, std::int64_t count, std::int64_t bytes) {
  for (std::string_view who : {std::string_view(by), everybody}) {
    Load load = load_of(tx, who);
    load.count += count;
    load.bytes += bytes;
    put_load(tx, who, load);
  }
}

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

// Key: the target, then what makes the effect unique; a key has at most 128 bytes.
void keep(Transaction& tx, const std::string& conversation, const Effect& e, bool trusted, std::int64_t now_ms) {
  RecordWriter out;
  out.number(EarlyField::until, now_ms + patience_ms);
  out.number(EarlyField::kind, std::int64_t(e.kind));
  out.put(EarlyField::by, e.by);
  out.number(EarlyField::at, e.at_ms);
  out.put(EarlyField::text, e.text);
  out.put(EarlyField::conversation, conversation);
  const Bytes value = out.take();
  const Load all = load_of(tx, everybody), theirs = load_of(tx, e.by);
  const std::size_t share = trusted ? 1 : 2;
  if (std::size_t(theirs.count) >= most_of_one_person || std::size_t(all.count) >= most / share ||
      std::size_t(all.bytes) + value.size() > most_bytes / share)
    return;
  const std::string key = target_key(e.target_author, e.target_ms) + '/' + std::to_string(e.at_ms) + '/' +
                          std::to_string(int(e.kind)) + e.by.substr(2, 20);
  if (tx.get(effects, key)) return;
  tx.put(effects, key, value);
  add_load(tx, e.by, 1, std::int64_t(value.size()));
}

std::vector<Effect> take(Transaction& tx, const std::string& conversation, const std::string& author,
                         std::int64_t sent_at_ms) {
  std::vector<Effect> out;
  for (const auto& [key, value] : tx.scan(effects, target_key(author, sent_at_ms) + '/')) {
    Effect e;
    std::string said_in;
    e.target_author = author;
    e.target_ms = sent_at_ms;
    read_record(value, [&](std::uint8_t tag, ByteView v) {
      if (tag == EarlyField::kind) e.kind = Effect::Kind(number_in(v));
      if (tag == EarlyField::by) e.by = text_of(v);
      if (tag == EarlyField::at) e.at_ms = number_in(v);
      if (tag == EarlyField::text) e.text = text_of(v);
      if (tag == EarlyField::conversation) said_in = text_of(v);
    });
    tx.erase(effects, key);
    add_load(tx, e.by, -1, -std::int64_t(value.size()));
    // The author's own count wherever they were said: one's other device takes back without naming the conversation.
    if (said_in == conversation || e.by == author) out.push_back(std::move(e));
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
  for (const auto& [key, value] : tx.scan(gone, ""))
    if (until_of(value) < now_ms) tx.erase(gone, key);
  for (const auto& [key, value] : tx.scan(effects, "")) {
    if (until_of(value) >= now_ms) continue;
    std::string by;
    read_record(value, [&](std::uint8_t tag, ByteView v) {
      if (tag == EarlyField::by) by = text_of(v);
    });
    tx.erase(effects, key);
    add_load(tx, by, -1, -std::int64_t(value.size()));
  }
}

}  // namespace argot::kernel::early
