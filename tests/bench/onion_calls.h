#pragma once
// A client's part of an onion request through three nodes, and the same steps written down as bare libsodium calls.
#include <argot/onion.h>

namespace argot::bench {

class OnionCalls {
 public:
  OnionCalls();
  /// Wraps a request for three hops and a destination, and opens the reply to it.
  void ours(int count);
  /// For each of four layers: an ephemeral key pair, an agreement, the key's hash, one encryption of as many bytes;
  /// then one decryption of the reply.
  void bare(int count);

 private:
  struct Keys {
    unsigned char secret[32], x25519[32];
  };
  Keys nodes_[4];
  std::vector<onion::Hop> path_;
  onion::Hop destination_;
  std::string rpc_, reply_;
  std::vector<std::size_t> sizes_;  // of each layer's plaintext, the destination's first
  Bytes room_;
};

}  // namespace argot::bench
