#include <kernel/messenger/marks.h>

#include <kernel/messenger/record.h>

#include <algorithm>
#include <tuple>

namespace argot::kernel {
namespace {

struct MarksField {
  enum : std::uint8_t { edited = 1, reaction = 2, timer_mode = 3, timer_seconds = 4, copy = 20, call = 21 };
};
struct ReactionField {
  enum : std::uint8_t { mark_by = 1, mark_emoji = 2, mark_at = 3, mark_removed = 4 };
};

Applied react(StoredMessage& message, const Effect& effect) {
  Marks marks = Marks::read(message.extra);
  const bool removed = effect.kind == Effect::Kind::unreact;
  auto same = [&](const Marks::Mark& m) { return m.by == effect.by && m.emoji == effect.text; };
  auto found = std::find_if(marks.reactions.begin(), marks.reactions.end(), same);
  if (found != marks.reactions.end()) {
    // Of the same moment, the removal wins: any rule will do that does not ask for the order of arrival.
    if (std::pair(effect.at_ms, removed) <= std::pair(found->at_ms, found->removed)) return Applied::unchanged;
    found->at_ms = effect.at_ms;
    found->removed = removed;
  } else {
    marks.reactions.push_back({effect.by, effect.text, effect.at_ms, removed});
  }
  auto order = [](const Marks::Mark& m) { return std::tie(m.at_ms, m.by, m.emoji); };
  std::sort(marks.reactions.begin(), marks.reactions.end(),
            [&](const auto& a, const auto& b) { return order(a) < order(b); });
  auto theirs = [&](const Marks::Mark& m) { return m.by == effect.by; };
  if (std::size_t(std::count_if(marks.reactions.begin(), marks.reactions.end(), theirs)) > Marks::most_of_one_person)
    marks.reactions.erase(std::find_if(marks.reactions.begin(), marks.reactions.end(), theirs));
  message.extra = marks.write();
  return Applied::changed;
}

}  // namespace

Marks Marks::read(ByteView extra) {
  Marks out;
  read_record(extra, [&](std::uint8_t tag, ByteView value) {
    if (tag == MarksField::edited) out.edited_at_ms = number_in(value);
    if (tag == MarksField::timer_mode)
      out.timer.mode = number_in(value) == 2 ? Content::Expiry::after_send : Content::Expiry::after_read;
    if (tag == MarksField::timer_seconds) out.timer.seconds = std::uint32_t(number_in(value));
    if (tag == MarksField::call) out.call = Message::Call(std::clamp<std::int64_t>(number_in(value), 0, 2));
    if (tag == MarksField::copy) out.copy_hash = text_of(value);
    if (tag != MarksField::reaction) return;
    Mark& mark = out.reactions.emplace_back();
    read_record(value, [&](std::uint8_t field, ByteView v) {
      if (field == ReactionField::mark_by) mark.by = text_of(v);
      if (field == ReactionField::mark_emoji) mark.emoji = text_of(v);
      if (field == ReactionField::mark_at) mark.at_ms = number_in(v);
      if (field == ReactionField::mark_removed) mark.removed = true;
    });
  });
  return out;
}

Bytes Marks::write() const {
  RecordWriter out;
  out.number(MarksField::edited, edited_at_ms);
  out.number(MarksField::timer_mode, std::int64_t(timer.mode));
  out.number(MarksField::timer_seconds, timer.seconds);
  out.number(MarksField::call, std::int64_t(call));
  if (!copy_hash.empty()) out.put(MarksField::copy, copy_hash);
  for (const Mark& mark : reactions) {
    RecordWriter inner;
    inner.put(ReactionField::mark_by, mark.by);
    inner.put(ReactionField::mark_emoji, mark.emoji);
    inner.number(ReactionField::mark_at, mark.at_ms);
    inner.number(ReactionField::mark_removed, mark.removed);
    out.put(MarksField::reaction, inner.take());
  }
  return out.take();
}

Applied apply(StoredMessage& message, const Effect& effect) {
  const bool by_author = effect.by == message.author;
  if (message.kind == std::uint16_t(Message::Kind::deleted)) return Applied::unchanged;
  if (message.kind != std::uint16_t(Message::Kind::text)) return Applied::refused;
  switch (effect.kind) {
    case Effect::Kind::react:
    case Effect::Kind::unreact: return react(message, effect);
    case Effect::Kind::edit: {
      if (!by_author) return Applied::refused;
      Marks marks = Marks::read(message.extra);
      // Two devices of one person may edit in the same moment: any rule will do that does not ask for the order of
      // arrival.
      if (std::tie(effect.at_ms, effect.text) <= std::tie(marks.edited_at_ms, message.text)) return Applied::unchanged;
      marks.edited_at_ms = effect.at_ms;
      message.text = effect.text;
      message.extra = marks.write();
      return Applied::changed;
    }
    case Effect::Kind::unsend: {
      if (!by_author) return Applied::refused;
      Marks kept;
      kept.timer = Marks::read(message.extra).timer;  // the mark in its place disappears as the message would have
      message.kind = std::uint16_t(Message::Kind::deleted);
      message.text.clear();
      message.content.clear();
      message.extra = kept.write();
      return Applied::changed;
    }
  }
  return Applied::refused;
}

}  // namespace argot::kernel
