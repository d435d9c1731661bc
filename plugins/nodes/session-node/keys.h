#pragma once
// A service node's own keys (storage_node.md section 1): one Ed25519 pair, which is also its legacy key, and the
// X25519 key that follows from it.
#include <argot/context.h>
#include <argot/secret.h>

#include <string>

namespace argot::node {

class NodeKeys {
 public:
  explicit NodeKeys(ByteView seed32);

  const Fixed<32>& ed25519() const { return ed25519_; }
  const Fixed<32>& x25519() const { return x25519_; }
  std::string name() const { return to_hex(ed25519_); }
  Fixed<64> sign(std::string_view message) const;
  /// Opens onion layers and links to other nodes. Borrowed.
  ByteView x25519_secret() const { return agreement_.view(); }

 private:
  Secret secret_;     ///< libsodium's form: seed and public key
  Secret agreement_;  ///< the X25519 secret
  Fixed<32> ed25519_, x25519_;
};

/// From `seed_hex` if it is not empty (tests, simulations); else from node.key in the instance's directory, which is
/// made at the first start and which only its owner may read. Throws Error(invalid_argument), Error(corrupt) or
/// Error(unavailable) that names the file.
NodeKeys load_keys(Context& ctx, const std::string& seed_hex);

/// The name of a node in addresses: a key in base32z (52 characters) and ".snode" (section 9, get_swarm).
std::string snode_address(ByteView key32);

}  // namespace argot::node
