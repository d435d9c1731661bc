#include <argot/error.h>
#include <sodium.h>

#include <algorithm>

#include "key_pairs.h"

namespace argot {

Secret padded_seed(const Secret& seed) {
  if (seed.size() != 16 && seed.size() != 32)
    throw Error(Code::invalid_argument,
                "An account's seed has 16 or 32 bytes, not " + std::to_string(seed.size()) + ".");
  Secret padded(32);
  std::copy_n(seed.data(), seed.size(), padded.data());
  return padded;
}

KeyPairs key_pairs(const Secret& seed32) {
  KeyPairs pairs{Secret(64), Secret(32), {}, {}};
  crypto_sign_seed_keypair(pairs.ed25519_public.data(), pairs.ed25519_secret.data(), seed32.data());
  crypto_sign_ed25519_sk_to_curve25519(pairs.x25519_secret.data(), pairs.ed25519_secret.data());
  crypto_scalarmult_base(pairs.x25519_public.data(), pairs.x25519_secret.data());
  return pairs;
}

Identity::~Identity() = default;

namespace {

class LocalIdentity final : public Identity {
 public:
  explicit LocalIdentity(const Secret& seed)
      : seed_(padded_seed(seed)), keys_(key_pairs(seed_)), id_(AccountId::person, keys_.x25519_public) {}

  const AccountId& id() const override { return id_; }
  const Fixed<32>& ed25519_public() const override { return keys_.ed25519_public; }
  const Fixed<32>& x25519_public() const override { return keys_.x25519_public; }

  Fixed<64> sign(ByteView message) const override {
    Fixed<64> signature;
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), keys_.ed25519_secret.data());
    return signature;
  }

  Secret agree(ByteView peer) const override {
    if (peer.size() != 32)
      throw Error(Code::invalid_argument, "An X25519 key has 32 bytes, not " + std::to_string(peer.size()) + ".");
    Secret shared(32);
    if (crypto_scalarmult(shared.data(), keys_.x25519_secret.data(), peer.data()) != 0)
      throw Error(Code::invalid_argument,
                  "The X25519 key is a point of low order: nothing secret can be agreed with it.");
    return shared;
  }

  Secret derive(std::string_view label, ByteView context) const override {
    if (label.size() > crypto_generichash_blake2b_PERSONALBYTES)
      throw Error(Code::invalid_argument,
                  "The label \"" + std::string(label.substr(0, 32)) + "\" of a derived key has more than 16 bytes.");
    Byte personal[crypto_generichash_blake2b_PERSONALBYTES] = {};
    std::copy(label.begin(), label.end(), personal);
    Secret key(32);
    crypto_generichash_blake2b_salt_personal(key.data(), key.size(), context.data(), context.size(), seed_.data(),
                                             seed_.size(), nullptr, personal);
    return key;
  }

 private:
  Secret seed_;
  KeyPairs keys_;
  AccountId id_;
};

}  // namespace

std::unique_ptr<Identity> make_identity(const Secret& seed) { return std::make_unique<LocalIdentity>(seed); }

}  // namespace argot
