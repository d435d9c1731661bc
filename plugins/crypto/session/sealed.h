#pragma once
// The sealed box of the Session Protocol (client/envelope.md section 3):
//
//   box   = ephemeral key (32) | authenticator (16) | encrypted inner
//   inner = padded content | sender's Ed25519 key (32) | signature (64) over content, sender's and recipient's key
#include <argot/identity.h>

namespace argot::session {

inline constexpr std::size_t box_overhead = 32 + 16;
inline constexpr std::size_t proof_size = 32 + 64;

/// Seals where the content lies: `box` has it, padded, behind the first box_overhead bytes and before the last
/// proof_size bytes; all others are written here. `ephemeral_secret` is 32 fresh random bytes, used for this box alone.
/// Throws Error(invalid_argument) when the recipient's key is a point of low order.
void seal_in_place(std::span<Byte> box, const Identity& sender, ByteView recipient_x25519, ByteView ephemeral_secret);

struct Unsealed {
  Bytes padded;              ///< the content, still padded
  Fixed<32> sender_ed25519;  ///< has signed it for this recipient
};
/// Throws Error(unauthenticated) when the box is not for `recipient`, damaged, or not signed by the sender it names;
/// Error(corrupt) when it is too short to be one.
Unsealed unseal(const Identity& recipient, ByteView box);

}  // namespace argot::session
