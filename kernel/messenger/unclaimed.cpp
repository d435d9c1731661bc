#include <kernel/messenger/unclaimed.h>

#include <kernel/messenger/record.h>

#include <fmt/format.h>

namespace argot::kernel::unclaimed {
namespace {

// The size of all of it is a value of its own: a limit must not be a walk through everything.
constexpr std::string_view owner = "unclaimed", load_owner = "unclaimed load", load_key = "all";
constexpr std::size_t longest_hash = 100;
struct Field {
  enum : std::uint8_t { hash = 1, stored = 2, expires = 3, envelope = 4, count = 5, bytes = 6 };
};
struct Load {
  std::int64_t count = 0, bytes = 0;
};

Load load_of(Transaction& tx) {
  Load out;
  if (const auto kept = tx.get(load_owner, load_key))
    read_record(*kept, [&](std::uint8_t tag, ByteView v) {
      if (tag == Field::count) out.count = number_in(v);
      if (tag == Field::bytes) out.bytes = number_in(v);
    });
  return out;
}

void put(Transaction& tx, const Load& load) {
  if (load.count <= 0) return tx.erase(load_owner, load_key);
  RecordWriter out;
  out.number(Field::count, load.count);
  out.number(Field::bytes, load.bytes);
  tx.put(load_owner, load_key, out.take());
}

/// In order of time.
std::string key_of(const Delivery& d) {
  return fmt::format("{:016}/{}", std::max<std::int64_t>(to_ms(d.stored_at), 0), d.hash);
}

Delivery delivery_in(ByteView value) {
  Delivery out;
  read_record(value, [&](std::uint8_t tag, ByteView v) {
    if (tag == Field::hash) out.hash = text_of(v);
    if (tag == Field::stored) out.stored_at = from_ms(number_in(v));
    if (tag == Field::expires) out.expires_at = from_ms(number_in(v));
    if (tag == Field::envelope) out.envelope.assign(v.begin(), v.end());
  });
  return out;
}

}  // namespace

void keep(Transaction& tx, const Delivery& delivery) {
  if (delivery.hash.size() > longest_hash || delivery.envelope.size() > most_bytes / 2) return;
  RecordWriter out;
  out.put(Field::hash, delivery.hash);
  out.number(Field::stored, to_ms(delivery.stored_at));
  out.number(Field::expires, to_ms(delivery.expires_at));
  out.put(Field::envelope, ByteView(delivery.envelope));
  const Bytes value = out.take();
  Load load = load_of(tx);
  if (std::size_t(load.count) >= most || std::size_t(load.bytes) + value.size() > most_bytes) {
    // Half goes at once, so that a flood walks through all of it seldom.
    for (const auto& [key, old] : tx.scan(owner, "")) {
      if (std::size_t(load.count) <= most / 2 && std::size_t(load.bytes) + value.size() <= most_bytes / 2) break;
      tx.erase(owner, key);
      --load.count;
      load.bytes -= std::int64_t(old.size());
    }
  }
  tx.put(owner, key_of(delivery), value);
  ++load.count;
  load.bytes += std::int64_t(value.size());
  put(tx, load);
}

std::vector<Delivery> all(Transaction& tx) {
  std::vector<Delivery> out;
  if (load_of(tx).count == 0) return out;
  for (const auto& [key, value] : tx.scan(owner, "")) out.push_back(delivery_in(value));
  return out;
}

void erase(Transaction& tx, const Delivery& delivery) {
  const std::string key = key_of(delivery);
  const auto kept = tx.get(owner, key);
  if (!kept) return;
  tx.erase(owner, key);
  Load load = load_of(tx);
  --load.count;
  load.bytes -= std::int64_t(kept->size());
  put(tx, load);
}

void clean(Transaction& tx, std::int64_t now_ms) {
  for (const Delivery& delivery : all(tx))
    if (to_ms(delivery.expires_at) < now_ms) erase(tx, delivery);
}

}  // namespace argot::kernel::unclaimed
