// Texts, with all that comes with them; edits; changes of the timer.
#include <kernel/messenger/kinds/arrival.h>

#include <tuple>

namespace argot::kernel {
namespace {

/// A peer whose clock is ahead must not be able to make its setting the last one for ever.
constexpr std::int64_t most_ahead_ms = 5 * 60 * 1000;

void change_timer(Arrival& a) {
  const Disappearing timer = timer_of(a.content, a.conversation == a.account.id().text());
  StoredMessage message;
  message.kind = std::uint16_t(Message::Kind::timer_changed);
  message.state = a.own ? MessageState::sent : MessageState::read;
  Marks marks;
  marks.timer = timer;
  message.extra = marks.write();
  if (!a.add(std::move(message))) return;
  StoredConversation row = Account::find_or_make(a.tx, a.conversation);
  Standing standing = Standing::of(row);
  const std::int64_t at = std::min(a.sent_at_ms, to_ms(a.network_now) + most_ahead_ms);
  // Of two set in the same moment the longer one holds: any rule will do that does not ask for the order of arrival.
  auto order = [](std::int64_t ms, const Disappearing& d) { return std::tuple(ms, d.seconds, d.mode); };
  if (order(at, timer) < order(standing.timer_at_ms, standing.timer)) return;
  standing.timer = timer;
  standing.timer_at_ms = at;
  standing.put(row);
  a.changes.put(a.tx, row);
}

/// Another device of this account has read it and shortened its life at the node (client/envelope.md section 7.8).
bool was_read_elsewhere(const Arrival& a, const Disappearing& timer) {
  constexpr Duration usual = std::chrono::hours(14 * 24), slack = std::chrono::minutes(1);
  const Time kept = a.delivery.expires_at;
  return kept - a.delivery.stored_at < usual - slack && kept <= a.now + std::chrono::seconds(timer.seconds);
}

/// When the message disappears, if it can be said already: after reading it cannot. Nothing: it has gone.
std::optional<std::int64_t> expires_at(const Arrival& a, const Disappearing& timer) {
  if (!timer.on()) return 0;
  if (timer.mode == Disappearing::Mode::after_read && !a.own && !was_read_elsewhere(a, timer)) return 0;
  // The node kept it as long as it may live; who knows how long it was under way (client/envelope.md section 7.8).
  const std::int64_t latest = to_ms(a.now) + std::int64_t(timer.seconds) * 1000;
  const std::int64_t kept = to_ms(a.delivery.expires_at);
  const std::int64_t at =
      (timer.mode == Disappearing::Mode::after_send || !a.own) && kept > 0 ? std::min(kept, latest) : latest;
  if (at <= to_ms(a.now)) return std::nullopt;
  return at;
}

}  // namespace

void arrive(Arrival& a, Text& text) {
  a.find_conversation(text.sync_target);
  a.meet(text.profile);
  // A change of the timer is no text, whatever it carries (client/envelope.md section 7.8).
  if (text.flags & Text::timer_update) return change_timer(a);
  if (text.edit_of_ms != 0) {
    if (text.body.empty()) return;
    Effect edit;
    edit.kind = Effect::Kind::edit;
    edit.target_author = a.author;
    edit.target_ms = std::int64_t(text.edit_of_ms);
    edit.text = std::move(text.body);
    return a.affect(std::move(edit));
  }
  if (text.body.empty() && text.attachments.empty()) return;
  StoredMessage message;
  message.state = a.own ? MessageState::sent : MessageState::received;
  const Disappearing timer = timer_of(a.content, a.conversation == a.account.id().text());
  const auto expires = expires_at(a, timer);
  if (!expires) return;
  message.expires_at_ms = *expires;
  Marks marks;
  marks.timer = timer;
  message.extra = marks.write();
  // A plain text is its columns; whatever else it has stays in its content.
  if (text.quote || !text.attachments.empty() || !text.previews.empty())
    message.content.assign(a.encoded.begin(), a.encoded.end());
  message.text = std::move(text.body);
  a.add(std::move(message));
}

}  // namespace argot::kernel
