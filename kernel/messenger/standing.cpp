#include <kernel/messenger/standing.h>

#include <kernel/messenger/record.h>

namespace argot::kernel {
namespace {

struct StandingField {
  enum : std::uint8_t {
    mode = 1,
    seconds = 2,
    timer_at = 3,
    by_peer = 4,
    declined_tag = 5,
    name = 6,
    name_at = 7,
    keeping = 20
  };
};
/// Bits of one number.
struct KeepingBit {
  enum : std::int64_t { pinned = 1, muted = 2, archived = 4, marked_unread = 8, verified = 16 };
};

}  // namespace

Standing Standing::of(const StoredConversation& conversation) {
  Standing out;
  read_record(conversation.extra, [&](std::uint8_t tag, ByteView v) {
    if (tag == StandingField::mode)
      out.timer.mode = number_in(v) == 2 ? Content::Expiry::after_send : Content::Expiry::after_read;
    if (tag == StandingField::seconds) out.timer.seconds = std::uint32_t(number_in(v));
    if (tag == StandingField::timer_at) out.timer_at_ms = number_in(v);
    if (tag == StandingField::by_peer) out.approved_by_peer = true;
    if (tag == StandingField::declined_tag) out.declined = true;
    if (tag == StandingField::name) out.profile_name = text_of(v);
    if (tag == StandingField::name_at) out.profile_at_s = number_in(v);
    if (tag == StandingField::keeping) {
      const std::int64_t bits = number_in(v);
      out.keeping.pinned = bits & KeepingBit::pinned;
      out.keeping.muted = bits & KeepingBit::muted;
      out.keeping.archived = bits & KeepingBit::archived;
      out.keeping.marked_unread = bits & KeepingBit::marked_unread;
      out.keeping.verified = bits & KeepingBit::verified;
    }
  });
  return out;
}

void Standing::put(StoredConversation& conversation) const {
  RecordWriter out;
  out.number(StandingField::mode, std::int64_t(timer.mode));
  out.number(StandingField::seconds, timer.seconds);
  out.number(StandingField::timer_at, timer_at_ms);
  out.number(StandingField::by_peer, approved_by_peer);
  out.number(StandingField::declined_tag, declined);
  if (!profile_name.empty()) out.put(StandingField::name, profile_name);
  out.number(StandingField::name_at, profile_at_s);
  std::int64_t bits = 0;
  if (keeping.pinned) bits |= KeepingBit::pinned;
  if (keeping.muted) bits |= KeepingBit::muted;
  if (keeping.archived) bits |= KeepingBit::archived;
  if (keeping.marked_unread) bits |= KeepingBit::marked_unread;
  if (keeping.verified) bits |= KeepingBit::verified;
  out.number(StandingField::keeping, bits);
  conversation.extra = out.take();
}

Disappearing timer_of(const Content& content, bool with_oneself) {
  Disappearing out;
  if (content.expiry == Content::Expiry::unknown || content.expiry_seconds == 0) return out;
  out.mode = with_oneself ? Content::Expiry::after_send : content.expiry;
  out.seconds = content.expiry_seconds;
  return out;
}

std::string clean_name(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const std::string_view point = text.substr(i, size);
    i += size;
    const bool control = (size == 1 && (lead < 0x20 || lead == 0x7f)) ||
                         (size == 2 && lead == 0xc2 && static_cast<unsigned char>(point.back()) < 0xa0);
    // U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069, U+061C
    const bool turns = point == "\u200e" || point == "\u200f" ||
                       (point >= "\u2028" && point <= "\u202e" && size == 3) ||
                       (point >= "\u2066" && point <= "\u2069" && size == 3) || point == "\u061c";
    if (control || turns) continue;
    if (out.size() + point.size() > 100) break;
    out += point;
  }
  return out;
}

}  // namespace argot::kernel
