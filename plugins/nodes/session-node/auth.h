#pragma once
// Who may do what: the bytes that a client signs, subaccounts, and which key must have signed
// (storage_node.md section 7). Pure; revocation is the caller's question to the database.
#include <map>
#include <string>

#include "calls.h"

namespace argot::node {

namespace right {
inline constexpr Byte read = 1, write = 2, remove = 4, any_prefix = 8;
}

/// A namespace inside signed bytes: empty for 0, "all" for all of them.
std::string namespace_text(NamespaceOrAll ns);

/// What the signature of a call covers; empty for methods without one.
std::string signed_bytes(const Call& call);

/// The flags that a subaccount needs for a call.
Byte needed_rights(const Call& call);

/// The X25519 forms of Ed25519 keys seen lately: working one out costs as much as verifying a signature, and people
/// come again. Holds at most 2 * `half` keys; only remembers what is always so, so nobody gains by filling it.
class KnownKeys {
 public:
  static constexpr std::size_t half = 8'192;
  /// Nothing when the key is no good.
  std::optional<Fixed<32>> x25519(const Fixed<32>& ed25519);
  std::size_t size() const { return newer_.size() + older_.size(); }

 private:
  std::map<Fixed<32>, Fixed<32>> newer_, older_;  ///< the older half goes when the newer one is full
};

/// The key that stands for the account's owner: the given Ed25519 key if it belongs to the account, the
/// account's own 32 bytes when none was given. Nothing when the two do not fit together.
std::optional<Fixed<32>> owner_key(const Auth& auth, KnownKeys& known);

/// Whether the owner with this key has given the subaccount these rights over an account of this network byte.
bool subaccount_allows(const Subaccount& subaccount, Byte netid, const Fixed<32>& owner, Byte rights);

/// Whether the call's signature is there and right. Does not look at revocations.
bool is_authentic(const Call& call, KnownKeys& known);

}  // namespace argot::node
