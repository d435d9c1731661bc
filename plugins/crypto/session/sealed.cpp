#include "sealed.h"

#include <argot/error.h>
#include <sodium.h>

#include <algorithm>

namespace argot::session {
namespace {

/// BLAKE2b of both public keys, as crypto_box_seal has it: an ephemeral key is used once, so its nonce may be public.
Fixed<crypto_box_NONCEBYTES> nonce_of(ByteView ephemeral_public, ByteView recipient) {
  Fixed<crypto_box_NONCEBYTES> nonce;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, nonce.size());
  crypto_generichash_update(&state, ephemeral_public.data(), 32);
  crypto_generichash_update(&state, recipient.data(), 32);
  crypto_generichash_final(&state, nonce.data(), nonce.size());
  return nonce;
}

[[noreturn]] void not_for_us() {
  throw Error(Code::unauthenticated,
              "A received envelope cannot be opened with this account's key: it is for somebody else, or damaged.");
}

}  // namespace

void seal_in_place(std::span<Byte> box, const Identity& sender, ByteView recipient, ByteView ephemeral_secret) {
  const std::span<Byte> inner = box.subspan(box_overhead);
  const std::size_t content = inner.size() - proof_size;

  // The recipient's key is signed but not sent: it lies for a moment where the signature will be.
  std::ranges::copy(sender.ed25519_public(), inner.begin() + content);
  std::ranges::copy(recipient, inner.begin() + content + 32);
  const Fixed<64> signature = sender.sign(inner.first(content + 64));
  std::ranges::copy(signature, inner.begin() + content + 32);

  const std::span<Byte> ephemeral_public = box.first(32);
  crypto_scalarmult_base(ephemeral_public.data(), ephemeral_secret.data());
  Secret key(crypto_box_BEFORENMBYTES);
  if (crypto_box_beforenm(key.data(), recipient.data(), ephemeral_secret.data()) != 0)
    throw Error(Code::invalid_argument, "The account's key is a point of low order: nothing secret can be sent to it.",
                "Check the account ID with the person you want to reach.");
  const auto nonce = nonce_of(ephemeral_public, recipient);
  crypto_box_detached_afternm(inner.data(), box.data() + 32, inner.data(), inner.size(), nonce.data(), key.data());
}

Unsealed unseal(const Identity& recipient, ByteView box) {
  if (box.size() <= box_overhead + proof_size)
    throw Error(Code::corrupt, "A received envelope has " + std::to_string(box.size()) +
                                   " bytes of ciphertext, which is too short for any message.");
  const ByteView ephemeral_public = box.first(32), own = recipient.x25519_public();
  Secret key(crypto_box_BEFORENMBYTES);
  try {
    static constexpr Byte zero[16] = {};
    const Secret shared = recipient.agree(ephemeral_public);
    crypto_core_hsalsa20(key.data(), zero, shared.data(), nullptr);
  } catch (const Error& error) {
    if (error.code() != Code::invalid_argument) throw;
    not_for_us();  // a point of low order: no sender has a reason to send one
  }
  const auto nonce = nonce_of(ephemeral_public, own);
  Unsealed out{Bytes(box.size() - box_overhead), {}};
  Bytes& inner = out.padded;
  if (crypto_box_open_detached_afternm(inner.data(), box.data() + box_overhead, box.data() + 32, inner.size(),
                                       nonce.data(), key.data()) != 0)
    not_for_us();

  // What was signed is content, sender's key and our key: ours takes the place of the signature that followed.
  const std::size_t content = inner.size() - proof_size;
  Fixed<64> signature;
  std::copy_n(inner.begin() + content + 32, 64, signature.begin());
  std::copy_n(inner.begin() + content, 32, out.sender_ed25519.begin());
  std::ranges::copy(own, inner.begin() + content + 32);
  if (!keys::verify(signature, ByteView(inner).first(content + 64), out.sender_ed25519))
    throw Error(Code::unauthenticated, "The signature in a received envelope is not by the sender that it names.");
  inner.resize(content);
  return out;
}

}  // namespace argot::session
