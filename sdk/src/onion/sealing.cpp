// XChaCha20-Poly1305 comes from libsodium. AES comes from OpenSSL: libsodium has GCM only where the processor has it
// built in, and no CBC.
#include "sealing.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <cstring>
#include <memory>

namespace argot::onion {
namespace {

constexpr std::size_t gcm_nonce = 12, gcm_tag = 16, cbc_block = 16;
constexpr std::size_t xchacha_nonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t xchacha_tag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

[[noreturn]] void broken() { throw Error(Code::internal, "OpenSSL refused to encrypt or decrypt with AES."); }

/// Looked up once: OpenSSL searches its providers each time that one asks.
const EVP_CIPHER* aes(Cipher cipher) {
  static EVP_CIPHER* const gcm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  static EVP_CIPHER* const cbc = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  const EVP_CIPHER* found = cipher == Cipher::aes_gcm ? gcm : cbc;
  if (!found) broken();
  return found;
}

struct FreeAes {
  void operator()(EVP_CIPHER_CTX* state) const { EVP_CIPHER_CTX_free(state); }
};
using Aes = std::unique_ptr<EVP_CIPHER_CTX, FreeAes>;

Aes start_aes(Cipher cipher, ByteView key, const Byte* nonce, bool encrypt) {
  Aes state(EVP_CIPHER_CTX_new());
  if (!state || EVP_CipherInit_ex2(state.get(), aes(cipher), key.data(), nonce, encrypt, nullptr) != 1) broken();
  return state;
}

std::size_t seal_aes(Cipher cipher, ByteView key, ByteView nonce, Byte* data, std::size_t size) {
  Aes state = start_aes(cipher, key, nonce.data(), true);
  int first = 0, last = 0;
  if (EVP_EncryptUpdate(state.get(), data, &first, data, static_cast<int>(size)) != 1 ||
      EVP_EncryptFinal_ex(state.get(), data + first, &last) != 1)
    broken();
  std::size_t end = static_cast<std::size_t>(first) + static_cast<std::size_t>(last);
  if (cipher == Cipher::aes_gcm) {
    if (EVP_CIPHER_CTX_ctrl(state.get(), EVP_CTRL_AEAD_GET_TAG, gcm_tag, data + end) != 1) broken();
    end += gcm_tag;
  }
  return end;
}

std::optional<Bytes> unseal_aes(Cipher cipher, ByteView key, ByteView nonce, ByteView rest) {
  const bool gcm = cipher == Cipher::aes_gcm;
  if (gcm ? rest.size() < gcm_tag : rest.empty() || rest.size() % cbc_block != 0) return std::nullopt;
  ByteView tag = gcm ? rest.last(gcm_tag) : ByteView();
  if (gcm) rest = rest.first(rest.size() - gcm_tag);
  Aes state = start_aes(cipher, key, nonce.data(), false);
  Bytes out(rest.size() + cbc_block);
  int first = 0, last = 0;
  if (EVP_DecryptUpdate(state.get(), out.data(), &first, rest.data(), static_cast<int>(rest.size())) != 1) broken();
  // OpenSSL takes the expected tag without const, and only reads it.
  if (gcm && EVP_CIPHER_CTX_ctrl(state.get(), EVP_CTRL_AEAD_SET_TAG, gcm_tag, const_cast<Byte*>(tag.data())) != 1)
    broken();
  if (EVP_DecryptFinal_ex(state.get(), out.data() + first, &last) != 1) return std::nullopt;
  out.resize(static_cast<std::size_t>(first) + static_cast<std::size_t>(last));
  return out;
}

}  // namespace

std::size_t nonce_size(Cipher cipher) {
  switch (cipher) {
    case Cipher::aes_gcm: return gcm_nonce;
    case Cipher::xchacha20: return xchacha_nonce;
    case Cipher::aes_cbc: break;
  }
  return cbc_block;
}

std::size_t seal_in_place(Cipher cipher, ByteView key, ByteView nonce, Byte* data, std::size_t size) {
  if (cipher != Cipher::xchacha20) return seal_aes(cipher, key, nonce, data, size);
  unsigned long long sealed = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(data, &sealed, data, size, nullptr, 0, nullptr, nonce.data(), key.data());
  return static_cast<std::size_t>(sealed);
}

std::optional<Bytes> unseal(Cipher cipher, ByteView key, ByteView sealed) {
  const std::size_t n = nonce_size(cipher);
  // OpenSSL counts with int; nothing here comes near it.
  if (sealed.size() < n || sealed.size() > 8 * max_request) return std::nullopt;
  const ByteView nonce = sealed.first(n), rest = sealed.subspan(n);
  if (cipher != Cipher::xchacha20) return unseal_aes(cipher, key, nonce, rest);
  if (rest.size() < xchacha_tag) return std::nullopt;
  Bytes out(rest.size() - xchacha_tag);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, rest.data(), rest.size(), nullptr, 0,
                                                 nonce.data(), key.data()) != 0)
    return std::nullopt;
  return out;
}

void draw(const Random& random, std::span<Byte> out) {
  if (random)
    random(out);
  else
    randombytes_buf(out.data(), out.size());
}

}  // namespace argot::onion
