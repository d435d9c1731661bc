// Calls. Nobody can answer one here: what is shown is that somebody called, and whether another device of this account
// answered or declined (client/calls.md section 5). One line a call, whichever of its messages come, in any order.
#include <kernel/messenger/kinds/arrival.h>

#include <kernel/messenger/early.h>
#include <kernel/messenger/record.h>

#include <algorithm>

namespace argot::kernel {
namespace {

// Key: the call's id and whose word it is: the caller's, or this account's own.
constexpr std::string_view calls = "call";
struct CallField {
  enum : std::uint8_t { until = 1, at = 2, outcome = 3 };
};
struct Known {
  std::int64_t until_ms = 0;
  std::int64_t at_ms = 0;  ///< of the line that shows it
  Message::Call outcome = Message::Call::missed;
};

Known known_in(ByteView value) {
  Known out;
  read_record(value, [&](std::uint8_t tag, ByteView v) {
    if (tag == CallField::until) out.until_ms = number_in(v);
    if (tag == CallField::at) out.at_ms = number_in(v);
    if (tag == CallField::outcome) out.outcome = Message::Call(std::clamp<std::int64_t>(number_in(v), 0, 2));
  });
  return out;
}

void remember(Arrival& a, const std::string& key, Known known) {
  RecordWriter out;
  out.number(CallField::until, to_ms(a.now) + early::patience_ms);
  out.number(CallField::at, known.at_ms);
  out.number(CallField::outcome, std::int64_t(known.outcome));
  a.tx.put(calls, key, out.take());
}

/// A UUID as text; anything else is no key of ours.
bool is_call_id(std::string_view id) {
  if (id.size() != 36) return false;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? id[i] != '-' : std::string_view("0123456789abcdefABCDEF").find(id[i]) == std::string_view::npos)
      return false;
  }
  return true;
}

/// Calls disappear after they were read, whatever the texts do (client/envelope.md section 7.8).
Disappearing timer_in(const Arrival& a) {
  Disappearing out = timer_of(a.content, false);
  if (out.on()) out.mode = Disappearing::Mode::after_read;
  return out;
}

void settle(Arrival& a, StoredMessage message, Message::Call outcome) {
  Marks marks = Marks::read(message.extra);
  if (message.kind != std::uint16_t(Message::Kind::call) || marks.call >= outcome) return;
  marks.call = outcome;
  message.extra = marks.write();
  if (message.state == MessageState::received) {  // whoever answered knows of it
    message.state = MessageState::read;
    if (marks.timer.on()) message.expires_at_ms = to_ms(a.now) + std::int64_t(marks.timer.seconds) * 1000;
    if (auto row = a.tx.conversation(message.conversation); row && row->unread > 0) {
      --row->unread;
      a.changes.put(a.tx, *row);
    }
  }
  a.tx.update(message);
  a.changes.changed.push_back(std::move(message));
}

/// From another device of this account, which does not say whose call it is.
void decide(Arrival& a, const Call& call) {
  if (call.type != Call::Type::answer && call.type != Call::Type::end) return;
  const std::string own_key = call.id + '/' + a.author;
  Known own;
  if (const auto kept = a.tx.get(calls, own_key)) own = known_in(*kept);
  // What was answered is ended, too: that does not make it declined.
  own.outcome =
      std::max(own.outcome, call.type == Call::Type::answer ? Message::Call::answered : Message::Call::declined);
  remember(a, own_key, own);
  for (const auto& [key, value] : a.tx.scan(calls, call.id + '/')) {
    if (key == own_key) continue;
    if (auto message = a.tx.message(key.substr(call.id.size() + 1), known_in(value).at_ms))
      settle(a, std::move(*message), own.outcome);
  }
}

}  // namespace

void arrive(Arrival& a, Call& call) {
  if (!is_call_id(call.id)) return;
  std::ranges::transform(call.id, call.id.begin(), [](char c) { return c >= 'A' && c <= 'F' ? char(c + 32) : c; });
  if (a.own) return decide(a, call);
  if (call.type != Call::Type::pre_offer && call.type != Call::Type::offer) return;
  // Strangers do not ring (client/calls.md section 2).
  const auto row = a.tx.conversation(a.conversation);
  if (!row || !row->approved) return;
  const std::string key = call.id + '/' + a.author;
  const Disappearing timer = timer_in(a);
  if (const auto kept = a.tx.get(calls, key)) {
    // Of the two messages that begin a call only one says whether it disappears.
    auto message = timer.on() ? a.tx.message(a.author, known_in(*kept).at_ms) : std::nullopt;
    if (!message || message->kind != std::uint16_t(Message::Kind::call)) return;
    Marks marks = Marks::read(message->extra);
    if (marks.timer.on()) return;
    marks.timer = timer;
    message->extra = marks.write();
    if (message->state == MessageState::read)
      message->expires_at_ms = to_ms(a.now) + std::int64_t(timer.seconds) * 1000;
    a.tx.update(*message);
    a.changes.changed.push_back(std::move(*message));
    return;
  }
  Known known;
  known.at_ms = a.sent_at_ms;
  remember(a, key, known);
  Marks marks;
  marks.timer = timer;
  if (const auto own = a.tx.get(calls, call.id + '/' + a.account.id().text())) marks.call = known_in(*own).outcome;
  StoredMessage message;
  message.kind = std::uint16_t(Message::Kind::call);
  if (marks.call != Message::Call::missed) {
    message.state = MessageState::read;
    if (timer.on()) message.expires_at_ms = to_ms(a.now) + std::int64_t(timer.seconds) * 1000;
  }
  message.extra = marks.write();
  a.add(std::move(message));
}

void forget_calls(Transaction& tx, std::int64_t now_ms) {
  for (const auto& [key, value] : tx.scan(calls, ""))
    if (known_in(value).until_ms < now_ms) tx.erase(calls, key);
}

}  // namespace argot::kernel
