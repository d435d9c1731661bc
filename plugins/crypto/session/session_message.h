#pragma once
// A whole one-to-one message of the Session Protocol: content to storage node and back, without randomness or state.
#include <argot/suite.h>

#include "key_cache.h"

namespace argot::session {

/// What a sender draws for one message.
struct Randomness {
  Secret ephemeral = Secret(32);  ///< the secret of a key that is used once
  Fixed<64> pro_sig{};            ///< see decoy()
};
inline constexpr std::size_t random_bytes = 32 + 64 + 64;
/// From `random_bytes` random bytes. The Pro signature of who has none is a decoy that looks like one: a random
/// point and a random scalar (client/envelope.md section 5).
Randomness randomness_from(ByteView random);

/// The largest content that fits one envelope whatever its time stamp.
std::size_t max_content();

/// Throws Error(invalid_argument) when the content is too large or the peer's key is unusable.
Bytes seal_message(const Identity& sender, ByteView peer_x25519, ByteView content, std::uint64_t sent_at_ms,
                   const Randomness& randomness);
/// Throws Error(unauthenticated) and Error(corrupt) as Suite::open.
Opened open_message(const Identity& recipient, ByteView message, KeyCache& cache);

}  // namespace argot::session
