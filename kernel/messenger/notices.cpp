#include <kernel/messenger/notices.h>

#include <kernel/messenger/record.h>

namespace argot::kernel::notices {
namespace {

constexpr std::string_view notice_owner = "notices";
constexpr std::string_view last_key = "last";
constexpr std::uint8_t last_field = 1;
std::string key(MessageId number) { return (number >= first_copy ? "copy " : "") + std::to_string(sent_at_ms(number)); }

void queue(Transaction& tx, MessageId number, std::string mailbox, Content content, std::int64_t ttl_ms,
           std::int64_t now_ms) {
  OutboxEntry entry;
  entry.message = number;
  entry.mailbox = std::move(mailbox);
  entry.ttl_ms = ttl_ms;
  entry.next_attempt_ms = now_ms;
  tx.put(notice_owner, key(number), encode(std::move(content)));
  tx.put(entry);
}

}  // namespace

void put(Transaction& tx, std::string mailbox, Content content, std::int64_t ttl_ms, std::int64_t now_ms) {
  gave_time(tx, std::int64_t(content.sent_at_ms));
  const MessageId number = first + std::int64_t(content.sent_at_ms);
  queue(tx, number, std::move(mailbox), std::move(content), ttl_ms, now_ms);
}

void gave_time(Transaction& tx, std::int64_t ms) {
  if (ms <= last_ms(tx)) return;
  RecordWriter last;
  last.number(last_field, ms);
  tx.put(notice_owner, last_key, last.take());
}

void put_copy(Transaction& tx, std::string mailbox, Content content, std::int64_t ttl_ms, std::int64_t now_ms) {
  const MessageId number = first_copy + std::int64_t(content.sent_at_ms);
  queue(tx, number, std::move(mailbox), std::move(content), ttl_ms, now_ms);
}

std::int64_t last_ms(Transaction& tx) {
  std::int64_t out = 0;
  if (auto kept = tx.get(notice_owner, last_key))
    read_record(*kept, [&](std::uint8_t field, ByteView value) {
      if (field == last_field) out = number_in(value);
    });
  return out;
}

std::optional<Bytes> content(Transaction& tx, MessageId number) { return tx.get(notice_owner, key(number)); }

void erase(Transaction& tx, MessageId number) {
  tx.erase(notice_owner, key(number));
  tx.erase_outbox(number);
}

}  // namespace argot::kernel::notices
