#pragma once
// What came before the message it is about, and what must not come back: both wait in the store for as long as the
// network could still deliver the other part.
#include <kernel/messenger/marks.h>

namespace argot::kernel::early {

inline constexpr std::int64_t patience_ms = 15ll * 24 * 3600 * 1000;  ///< a day more than an envelope lives
/// How many effects wait, of one person and of all; and their bytes. What is too much is dropped. People who are not
/// approved have half of it together, so that strangers cannot take the room of friends.
inline constexpr std::size_t most_of_one_person = 256, most = 4096, most_bytes = 4 << 20;

/// Keeps an effect for a message that is not here yet. `trusted`: of an approved peer, or of oneself.
void keep(Transaction& tx, const std::string& conversation, const Effect& effect, bool trusted, std::int64_t now_ms);
/// What waits for this message; it waits no longer. What somebody else said in another conversation is dropped.
std::vector<Effect> take(Transaction& tx, const std::string& conversation, const std::string& author,
                         std::int64_t sent_at_ms);

/// The message was deleted here, or has disappeared: another envelope with it must not bring it back.
void forget(Transaction& tx, const StoredMessage& message, std::int64_t now_ms);
bool forgotten(Transaction& tx, const std::string& author, std::int64_t sent_at_ms);

/// Removes what has waited long enough.
void clean(Transaction& tx, std::int64_t now_ms);

}  // namespace argot::kernel::early
