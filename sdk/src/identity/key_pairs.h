#pragma once
// The key pairs that grow from an account's seed (client/account.md section 2).
#include <argot/identity.h>

namespace argot {

struct KeyPairs {
  Secret ed25519_secret;  ///< libsodium's 64 bytes: seed and public key
  Secret x25519_secret;   ///< 32 bytes, clamped
  Fixed<32> ed25519_public;
  Fixed<32> x25519_public;
};

/// The 32-byte seed: 16 bytes are followed by 16 zeros. Other lengths: Error(invalid_argument).
Secret padded_seed(const Secret& seed);
KeyPairs key_pairs(const Secret& seed32);

}  // namespace argot
