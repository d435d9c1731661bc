#include "session_calls.h"

#include <cstring>

namespace argot::bench {
namespace {

constexpr std::uint64_t sent_at = 1'767'225'600'000;

void check(int result) {
  if (result != 0) throw Error(Code::internal, "A bare libsodium call of the benchmark failed.");
}

}  // namespace

SessionCalls::Keys SessionCalls::keys_of(const Secret& seed) {
  unsigned char whole[32] = {};
  std::memcpy(whole, seed.data(), seed.size());
  Keys out;
  crypto_sign_seed_keypair(out.ed_public, out.ed_secret, whole);
  check(crypto_sign_ed25519_pk_to_curve25519(out.x_public, out.ed_public));
  check(crypto_sign_ed25519_sk_to_curve25519(out.x_secret, out.ed_secret));
  return out;
}

SessionCalls::SessionCalls() {
  Secret one(16), two(16);
  one.data()[0] = 1;
  two.data()[0] = 2;
  alice_ = make_identity(one);
  bob_ = make_identity(two);
  alice_keys_ = keys_of(one);
  bob_keys_ = keys_of(two);
  content_ = Bytes(150, 'x');  // a text of some twenty words
  envelope_ = suite_.lease()->seal(*alice_, bob_->id(), content_, sent_at, state_);
  bare_seal(1, false);
}

void SessionCalls::seal(int count) {
  for (int i = 0; i < count; ++i) {
    auto suite = suite_.lease();
    const Bytes envelope = suite->seal(*alice_, bob_->id(), content_, sent_at, state_);
    if (envelope.size() != envelope_.size()) check(1);
  }
}

void SessionCalls::open(int count) {
  for (int i = 0; i < count; ++i) {
    auto suite = suite_.lease();
    const Opened opened = suite->open(*bob_, envelope_, state_);
    if (opened.content.size() != content_.size()) check(1);
  }
}

void SessionCalls::bare_seal(int count, bool decoy) {
  const std::size_t padded = content_.size() + 1 + 160 - (content_.size() + 1) % 160;
  unsigned char inner[1024];
  box_.resize(padded + 32 + 64 + crypto_box_SEALBYTES);
  for (int i = 0; i < count; ++i) {
    std::memset(inner, 0, padded);
    std::memcpy(inner, content_.data(), content_.size());
    inner[content_.size()] = 0x80;
    std::memcpy(inner + padded, alice_keys_.ed_public, 32);
    std::memcpy(inner + padded + 32, bob_keys_.x_public, 32);
    unsigned char signature[64];
    check(crypto_sign_detached(signature, nullptr, inner, padded + 64, alice_keys_.ed_secret));
    std::memcpy(inner + padded + 32, signature, 64);
    if (decoy) {
      unsigned char random[128], scalar[32], fake[64];
      randombytes_buf(random, sizeof random);
      crypto_core_ed25519_scalar_reduce(scalar, random);
      check(crypto_scalarmult_ed25519_base_noclamp(fake, scalar));
      crypto_core_ed25519_scalar_reduce(fake + 32, random + 64);
    }
    check(crypto_box_seal(box_.data(), inner, padded + 96, bob_keys_.x_public));
  }
}

void SessionCalls::bare_open(int count) {
  unsigned char inner[1024];
  const std::size_t size = box_.size() - crypto_box_SEALBYTES, content = size - 96;
  for (int i = 0; i < count; ++i) {
    check(crypto_box_seal_open(inner, box_.data(), box_.size(), bob_keys_.x_public, bob_keys_.x_secret));
    unsigned char signature[64], sender[32];
    std::memcpy(signature, inner + content + 32, 64);
    std::memcpy(sender, inner + content, 32);
    std::memcpy(inner + content + 32, bob_keys_.x_public, 32);
    check(crypto_sign_verify_detached(signature, inner, content + 64, sender));
  }
}

}  // namespace argot::bench
