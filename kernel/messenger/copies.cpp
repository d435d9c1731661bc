#include <kernel/messenger/copies.h>

#include <argot/messenger.h>

#include <algorithm>

namespace argot::kernel::copies {
namespace {

constexpr std::int64_t shortest_ttl_ms = 10'000;  // a node takes no less (client/envelope.md section 6)

}  // namespace

bool put(Transaction& tx, const std::string& self, const std::string& peer, ByteView encoded, std::int64_t ttl_ms,
         std::int64_t now_ms) {
  if (peer == self) return false;  // a note to oneself is in one's own mailbox already
  Content content = decode_content(encoded);
  bool disappears = content.expiry != Content::Expiry::unknown && content.expiry_seconds != 0;
  if (auto* text = std::get_if<Text>(&content.body)) {
    text->sync_target = peer;
    text->profile = {};
    disappears = disappears && !(text->flags & Text::timer_update);
  } else if (auto* reaction = std::get_if<Reaction>(&content.body)) {
    reaction->sync_target = peer;
    reaction->profile = {};
  } else {
    return false;
  }
  // In either mode one's own copies live from the sending on.
  if (disappears) ttl_ms = std::min(ttl_ms, std::max(shortest_ttl_ms, std::int64_t(content.expiry_seconds) * 1000));
  notices::put_copy(tx, self, std::move(content), ttl_ms, now_ms);
  return true;
}

}  // namespace argot::kernel::copies
