#include "noise.h"

#include <sodium.h>

#include <algorithm>

namespace argot::node {
namespace {

Fixed<64> hmac(ByteView key, ByteView first, ByteView second = {}) {
  constexpr std::size_t block = 128;
  Fixed<block> inner{}, outer{};
  std::copy(key.begin(), key.end(), inner.begin());
  outer = inner;
  for (Byte& b : inner) b ^= 0x36;
  for (Byte& b : outer) b ^= 0x5c;
  Fixed<64> out;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, out.size());
  crypto_generichash_update(&state, inner.data(), inner.size());
  crypto_generichash_update(&state, first.data(), first.size());
  crypto_generichash_update(&state, second.data(), second.size());
  crypto_generichash_final(&state, out.data(), out.size());
  crypto_generichash_init(&state, nullptr, 0, out.size());
  crypto_generichash_update(&state, outer.data(), outer.size());
  crypto_generichash_update(&state, out.data(), out.size());
  crypto_generichash_final(&state, out.data(), out.size());
  wipe(inner);
  wipe(outer);
  return out;
}

/// Noise's HKDF with two outputs.
std::pair<Fixed<64>, Fixed<64>> hkdf(ByteView chaining_key, ByteView input) {
  Fixed<64> temporary = hmac(chaining_key, input);
  const Byte one = 1, two = 2;
  std::pair<Fixed<64>, Fixed<64>> out;
  out.first = hmac(temporary, {&one, 1});
  out.second = hmac(temporary, out.first, {&two, 1});
  wipe(temporary);
  return out;
}

Fixed<32> half(const Fixed<64>& whole) {
  Fixed<32> out;
  std::copy_n(whole.begin(), 32, out.begin());
  return out;
}

Fixed<12> nonce_of(std::uint64_t counter) {
  Fixed<12> nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<Byte>(counter >> (8 * i));
  return nonce;
}

Fixed<32> key_at(ByteView bytes) {
  Fixed<32> out;
  std::copy_n(bytes.begin(), 32, out.begin());
  return out;
}

}  // namespace

void NoiseCipher::seal(ByteView plain, Byte* out, ByteView data) {
  const auto nonce = nonce_of(counter_++);
  crypto_aead_chacha20poly1305_ietf_encrypt(out, nullptr, plain.data(), plain.size(), data.data(), data.size(), nullptr,
                                            nonce.data(), key_.data());
}

bool NoiseCipher::open(ByteView sealed, Byte* out, ByteView data) {
  if (sealed.size() < tag_size) return false;
  const auto nonce = nonce_of(counter_);
  if (crypto_aead_chacha20poly1305_ietf_decrypt(out, nullptr, nullptr, sealed.data(), sealed.size(), data.data(),
                                                data.size(), nonce.data(), key_.data()) != 0)
    return false;
  ++counter_;
  return true;
}

NoiseHandshake::NoiseHandshake(std::string_view prologue, ByteView own_secret, const Fixed<32>& own_public,
                               const Fixed<32>& responder_public, ByteView ephemeral_secret)
    : own_secret_(own_secret),
      own_public_(own_public),
      responder_public_(responder_public),
      ephemeral_secret_(ephemeral_secret) {
  constexpr std::string_view name = "Noise_IK_25519_ChaChaPoly_BLAKE2b";
  std::copy(name.begin(), name.end(), hash_.begin());
  chaining_key_ = hash_;
  mix_hash(view(prologue));
  mix_hash(responder_public_);
  crypto_scalarmult_base(ephemeral_public_.data(), ephemeral_secret_.data());
}

void NoiseHandshake::mix_hash(ByteView data) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, hash_.size());
  crypto_generichash_update(&state, hash_.data(), hash_.size());
  crypto_generichash_update(&state, data.data(), data.size());
  crypto_generichash_final(&state, hash_.data(), hash_.size());
}

bool NoiseHandshake::mix_key(ByteView secret, ByteView public_key) {
  Fixed<32> shared;
  if (crypto_scalarmult(shared.data(), secret.data(), public_key.data()) != 0) return false;
  auto [chaining_key, key] = hkdf(chaining_key_, shared);
  chaining_key_ = chaining_key;
  cipher_ = NoiseCipher(half(key));
  wipe(shared);
  wipe(key);
  return true;
}

Bytes NoiseHandshake::seal_and_hash(ByteView plain) {
  Bytes out(plain.size() + NoiseCipher::tag_size);
  cipher_.seal(plain, out.data(), hash_);
  mix_hash(out);
  return out;
}

std::optional<Bytes> NoiseHandshake::open_and_hash(ByteView sealed) {
  Bytes out(sealed.size() - NoiseCipher::tag_size);
  if (!cipher_.open(sealed, out.data(), hash_)) return std::nullopt;
  mix_hash(sealed);
  return out;
}

Bytes NoiseHandshake::write_first() {
  Bytes out(ephemeral_public_.begin(), ephemeral_public_.end());
  mix_hash(ephemeral_public_);
  if (!mix_key(ephemeral_secret_.view(), responder_public_))
    throw Error(Code::invalid_argument, "A node's X25519 key is no key.");
  const Bytes own = seal_and_hash(own_public_);
  out.insert(out.end(), own.begin(), own.end());
  if (!mix_key(own_secret_, responder_public_)) throw Error(Code::invalid_argument, "A node's X25519 key is no key.");
  const Bytes payload = seal_and_hash({});
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

std::optional<Fixed<32>> NoiseHandshake::read_first(ByteView message) {
  if (message.size() != first_size) return std::nullopt;
  peer_ephemeral_ = key_at(message);
  mix_hash(peer_ephemeral_);
  if (!mix_key(own_secret_, peer_ephemeral_)) return std::nullopt;
  const auto peer = open_and_hash(message.subspan(32, 48));
  if (!peer) return std::nullopt;
  peer_public_ = key_at(*peer);
  if (!mix_key(own_secret_, peer_public_)) return std::nullopt;
  if (!open_and_hash(message.subspan(80, 16))) return std::nullopt;
  return peer_public_;
}

Bytes NoiseHandshake::write_second() {
  Bytes out(ephemeral_public_.begin(), ephemeral_public_.end());
  mix_hash(ephemeral_public_);
  if (!mix_key(ephemeral_secret_.view(), peer_ephemeral_) || !mix_key(ephemeral_secret_.view(), peer_public_))
    throw Error(Code::corrupt, "A node sent a key that is no key.");
  const Bytes payload = seal_and_hash({});
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

bool NoiseHandshake::read_second(ByteView message) {
  if (message.size() != second_size) return false;
  peer_ephemeral_ = key_at(message);
  mix_hash(peer_ephemeral_);
  return mix_key(ephemeral_secret_.view(), peer_ephemeral_) && mix_key(own_secret_, peer_ephemeral_) &&
         open_and_hash(message.subspan(32)).has_value();
}

NoiseKeys NoiseHandshake::finish(bool initiator) {
  auto [first, second] = hkdf(chaining_key_, {});
  NoiseKeys out{NoiseCipher(half(first)), NoiseCipher(half(second))};
  if (!initiator) std::swap(out.send, out.receive);
  wipe(first);
  wipe(second);
  wipe(chaining_key_);
  return out;
}

}  // namespace argot::node
