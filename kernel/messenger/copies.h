#pragma once
// Copies of what this account sends, for its other devices: the same content, put into one's own mailbox, with the
// conversation it belongs to (client/envelope.md section 7.2). A copy is queued in the transaction in which the
// original turns out to be stored, so a crash loses neither. The device that wrote it gets it back, too, and knows it
// by its author and time.
#include <kernel/messenger/notices.h>

namespace argot::kernel::copies {

/// Queues a copy of `content` if it is of a kind that is copied: texts, edits, changes of the timer, reactions. Returns
/// whether it did. `ttl_ms`: of the original.
bool put(Transaction& tx, const std::string& self, const std::string& peer, ByteView content, std::int64_t ttl_ms,
         std::int64_t now_ms);

}  // namespace argot::kernel::copies
