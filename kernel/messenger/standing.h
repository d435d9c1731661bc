#pragma once
// How one stands with a peer: what of a conversation has no column of its own (StoredConversation.extra).
#include <argot/messenger.h>

namespace argot::kernel {

struct Standing {
  Disappearing timer;
  std::int64_t timer_at_ms = 0;  ///< when it was set, by the clock of who set it: the latest setting holds
  bool approved_by_peer = false, declined = false;
  Keeping keeping;
  std::string profile_name;
  std::int64_t profile_at_s = 0;  ///< when they chose it

  static Standing of(const StoredConversation& conversation);
  void put(StoredConversation& conversation) const;
};

/// Which timer a content asks for: what is not after_send counts as after_read; with oneself there is nothing but
/// after_send (client/envelope.md section 7.8).
Disappearing timer_of(const Content& content, bool with_oneself);

/// A name as people may be shown it: no control characters, nothing that turns the direction of writing, at most
/// 100 bytes.
std::string clean_name(std::string_view name);

}  // namespace argot::kernel
