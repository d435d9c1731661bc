#include "sealing.h"

#include <argot/secret.h>

#include <sodium.h>

namespace argot::onion {
namespace {

constexpr std::string_view gcm_salt = "LOKI";

struct Name {
  Cipher cipher;
  std::string_view name, alias;
};
constexpr Name names[] = {{Cipher::aes_gcm, "aes-gcm", "gcm"},
                          {Cipher::xchacha20, "xchacha20", "xchacha20-poly1305"},
                          {Cipher::aes_cbc, "aes-cbc", "cbc"}};

std::optional<Fixed<32>> agree(ByteView own_secret, ByteView other_public) {
  Fixed<32> shared;
  if (own_secret.size() != 32 || other_public.size() != 32 ||
      crypto_scalarmult_curve25519(shared.data(), own_secret.data(), other_public.data()) != 0)
    return std::nullopt;
  return shared;
}

Fixed<32> key_of(Cipher cipher, ByteView shared, ByteView client_public, ByteView node_public) {
  Fixed<32> key;
  switch (cipher) {
    case Cipher::aes_gcm: {
      crypto_auth_hmacsha256_state state;
      crypto_auth_hmacsha256_init(&state, view(gcm_salt).data(), gcm_salt.size());
      crypto_auth_hmacsha256_update(&state, shared.data(), shared.size());
      crypto_auth_hmacsha256_final(&state, key.data());
      break;
    }
    case Cipher::xchacha20: {  // the client's key first, on both sides and in both directions
      crypto_generichash_blake2b_state state;
      crypto_generichash_blake2b_init(&state, nullptr, 0, key.size());
      crypto_generichash_blake2b_update(&state, shared.data(), shared.size());
      crypto_generichash_blake2b_update(&state, client_public.data(), client_public.size());
      crypto_generichash_blake2b_update(&state, node_public.data(), node_public.size());
      crypto_generichash_blake2b_final(&state, key.data(), key.size());
      break;
    }
    case Cipher::aes_cbc: std::copy(shared.begin(), shared.end(), key.begin()); break;
  }
  return key;
}

}  // namespace

std::string_view name_of(Cipher cipher) {
  for (const Name& each : names)
    if (each.cipher == cipher) return each.name;
  return {};
}

std::optional<Cipher> cipher_named(std::string_view name) {
  for (const Name& each : names)
    if (name == each.name || name == each.alias) return each.cipher;
  return std::nullopt;
}

Channel::Channel(Cipher cipher, ByteView shared, ByteView client_public, ByteView node_public)
    : cipher_(cipher), key_(key_of(cipher, shared, client_public, node_public)) {
  std::copy(shared.begin(), shared.end(), shared_.begin());
}

Channel::~Channel() {
  wipe(key_);
  wipe(shared_);
}

std::optional<Channel> Channel::of_client(Cipher cipher, ByteView ephemeral_secret, ByteView ephemeral_public,
                                          ByteView node_public) {
  auto shared = agree(ephemeral_secret, node_public);
  if (!shared || ephemeral_public.size() != 32) return std::nullopt;
  Channel out(cipher, *shared, ephemeral_public, node_public);
  wipe(*shared);
  return out;
}

std::optional<Channel> Channel::of_node(Cipher cipher, ByteView node_secret, ByteView node_public,
                                        ByteView ephemeral_public) {
  auto shared = agree(node_secret, ephemeral_public);
  if (!shared || node_public.size() != 32) return std::nullopt;
  Channel out(cipher, *shared, ephemeral_public, node_public);
  wipe(*shared);
  return out;
}

std::size_t Channel::nonce_size() const { return onion::nonce_size(cipher_); }

Channel Channel::in_aes_gcm() const { return Channel(Cipher::aes_gcm, shared_, {}, {}); }

Bytes Channel::seal(ByteView plain) const {
  Byte nonce[24];
  randombytes_buf(nonce, sizeof nonce);
  return seal(plain, ByteView(nonce, nonce_size()));
}

Bytes Channel::seal(ByteView plain, ByteView nonce) const {
  if (nonce.size() != nonce_size())
    throw Error(Code::invalid_argument, "A nonce of " + std::string(name_of(cipher_)) + " has " +
                                            std::to_string(nonce_size()) + " bytes, not " +
                                            std::to_string(nonce.size()) + ".");
  if (plain.size() > 8 * max_request)
    throw Error(Code::invalid_argument, "A text of " + std::to_string(plain.size()) + " bytes is too long to seal.");
  Bytes out(nonce.size() + plain.size() + max_tail);
  std::copy(nonce.begin(), nonce.end(), out.begin());
  std::copy(plain.begin(), plain.end(), out.begin() + static_cast<std::ptrdiff_t>(nonce.size()));
  out.resize(nonce.size() + seal_in_place(cipher_, key_, nonce, out.data() + nonce.size(), plain.size()));
  return out;
}

std::optional<Bytes> Channel::open(ByteView sealed) const { return unseal(cipher_, key_, sealed); }

}  // namespace argot::onion
