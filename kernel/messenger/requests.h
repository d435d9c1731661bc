#pragma once
// How many strangers may wait to be answered. Account IDs cost nothing, so that whoever wants to can write under any
// number of them; each would be a conversation.
#include <argot/storage.h>

namespace argot::kernel::requests {

inline constexpr std::size_t most = 2000;
inline constexpr std::int64_t most_unread = 1000;             ///< messages of one who waits
inline constexpr std::int64_t between_counts_ms = 60 * 1000;  ///< counting walks through all conversations

/// Whether one more stranger may begin a conversation; counts it if so. When there are too many the new ones are
/// dropped, not the old ones: what was there may be read and be worth an answer, and who floods would throw it out.
/// Accepting, declining or blocking some makes room.
bool admit(Transaction& tx, std::int64_t now_ms);
/// How many messages were dropped because of that, ever.
std::int64_t refused(Transaction& tx);

}  // namespace argot::kernel::requests
