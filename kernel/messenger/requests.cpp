#include <kernel/messenger/requests.h>

#include <kernel/messenger/record.h>
#include <kernel/messenger/standing.h>

namespace argot::kernel::requests {
namespace {

constexpr std::string_view owner = "requests", key = "count";
struct CountField {
  enum : std::uint8_t { waiting = 1, counted_at = 2, dropped = 3 };
};
/// `waiting` is at least what it says: nobody takes away from it until it is counted again.
struct Count {
  std::int64_t waiting = 0, counted_at_ms = 0, dropped = 0;
};

Count count_in(Transaction& tx) {
  Count out;
  if (const auto kept = tx.get(owner, key))
    read_record(*kept, [&](std::uint8_t tag, ByteView v) {
      if (tag == CountField::waiting) out.waiting = number_in(v);
      if (tag == CountField::counted_at) out.counted_at_ms = number_in(v);
      if (tag == CountField::dropped) out.dropped = number_in(v);
    });
  return out;
}

void put(Transaction& tx, const Count& count) {
  RecordWriter out;
  out.number(CountField::waiting, count.waiting);
  out.number(CountField::counted_at, count.counted_at_ms);
  out.number(CountField::dropped, count.dropped);
  tx.put(owner, key, out.take());
}

std::int64_t waiting_now(Transaction& tx) {
  std::int64_t out = 0;
  for (const StoredConversation& row : tx.conversations())
    if (!row.approved && !row.blocked && !Standing::of(row).declined) ++out;
  return out;
}

}  // namespace

bool admit(Transaction& tx, std::int64_t now_ms) {
  Count count = count_in(tx);
  // A clock that was set back counts again, too.
  const bool long_ago =
      count.counted_at_ms == 0 || now_ms - count.counted_at_ms >= between_counts_ms || now_ms < count.counted_at_ms;
  if (std::size_t(count.waiting) >= most && long_ago) {
    count.waiting = waiting_now(tx);
    count.counted_at_ms = now_ms;
  }
  const bool room = std::size_t(count.waiting) < most;
  ++(room ? count.waiting : count.dropped);
  put(tx, count);
  return room;
}

std::int64_t refused(Transaction& tx) { return count_in(tx).dropped; }

}  // namespace argot::kernel::requests
