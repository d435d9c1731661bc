#pragma once
// What is sent without being a message of the conversation: reactions, edits, receipts, answers to requests. A notice
// has an outbox entry like a message, whose number is not a row's but made from the notice's own time; its content
// waits in a small value.
#include <argot/content.h>
#include <argot/storage.h>

namespace argot::kernel::notices {

inline constexpr MessageId first = MessageId(1) << 62;
/// Copies for one's own devices have the time of what they are copies of, so their numbers are of a range of their own.
inline constexpr MessageId first_copy = first + (MessageId(1) << 61);

inline bool is_notice(MessageId number) { return number >= first; }
/// The time in its content.
inline std::int64_t sent_at_ms(MessageId number) { return number - (number >= first_copy ? first_copy : first); }

/// content.sent_at_ms names it: no two messages or notices of an account have the same.
void put(Transaction& tx, std::string mailbox, Content content, std::int64_t ttl_ms, std::int64_t now_ms);
/// See copies.h.
void put_copy(Transaction& tx, std::string mailbox, Content content, std::int64_t ttl_ms, std::int64_t now_ms);
std::optional<Bytes> content(Transaction& tx, MessageId number);
/// This device has given something that time: a notice (put() does it) or a message.
void gave_time(Transaction& tx, std::int64_t ms);
/// The latest time that this device ever gave: after a restart, what is new comes later, even if the clock was ahead.
/// What the account's other devices gave is theirs: two that go on from the same moment would choose the same times. 0:
/// none.
std::int64_t last_ms(Transaction& tx);
/// With its outbox entry.
void erase(Transaction& tx, MessageId number);

}  // namespace argot::kernel::notices
