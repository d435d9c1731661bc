#include <argot/error.h>
#include <argot/identity.h>
#include <sodium.h>

#include <algorithm>

namespace argot::keys {

std::optional<Fixed<32>> x25519_from_ed25519(ByteView ed25519_public) {
  Fixed<32> out;
  if (ed25519_public.size() != 32 || crypto_sign_ed25519_pk_to_curve25519(out.data(), ed25519_public.data()) != 0)
    return std::nullopt;
  return out;
}

bool verify(ByteView signature64, ByteView message, ByteView ed25519_public) {
  return signature64.size() == 64 && ed25519_public.size() == 32 &&
         crypto_sign_verify_detached(signature64.data(), message.data(), message.size(), ed25519_public.data()) == 0;
}

Bytes blake2b(std::size_t length, ByteView message, ByteView key, std::string_view personal) {
  if (length == 0 || length > crypto_generichash_blake2b_BYTES_MAX)
    throw Error(Code::invalid_argument, "BLAKE2b gives 1 to 64 bytes, not " + std::to_string(length) + ".");
  if (key.size() > crypto_generichash_blake2b_KEYBYTES_MAX)
    throw Error(Code::invalid_argument, "A BLAKE2b key has at most 64 bytes, not " + std::to_string(key.size()) + ".");
  Byte padded[crypto_generichash_blake2b_PERSONALBYTES] = {};
  if (personal.size() > sizeof padded)
    throw Error(Code::invalid_argument,
                "A BLAKE2b personalisation has at most 16 bytes, not " + std::to_string(personal.size()) + ".");
  std::copy(personal.begin(), personal.end(), padded);
  Bytes out(length);
  crypto_generichash_blake2b_salt_personal(out.data(), length, message.data(), message.size(), key.data(), key.size(),
                                           nullptr, padded);
  return out;
}

std::string message_hash(const AccountId& mailbox, std::int16_t ns, ByteView data) {
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init(&state, nullptr, 0, 32);
  crypto_generichash_blake2b_update(&state, mailbox.bytes().data(), mailbox.bytes().size());
  if (ns != 0) {
    const std::string decimal = std::to_string(ns);
    crypto_generichash_blake2b_update(&state, view(decimal).data(), decimal.size());
  }
  crypto_generichash_blake2b_update(&state, data.data(), data.size());
  Fixed<32> hash;
  crypto_generichash_blake2b_final(&state, hash.data(), hash.size());
  return to_base64(hash, Padding::without);
}

}  // namespace argot::keys
