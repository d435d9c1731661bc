// XEd25519: Ed25519 signatures by X25519 keys (client/account.md section 4).
#include <argot/error.h>
#include <argot/identity.h>
#include <sodium.h>

#include <algorithm>

#include "field25519.h"

namespace argot::keys {
namespace {

void require_size(ByteView bytes, std::size_t size, const char* name) {
  if (bytes.size() != size)
    throw Error(Code::invalid_argument, std::string(name) + " has " + std::to_string(size) + " bytes, not " +
                                            std::to_string(bytes.size()) + ".");
}

}  // namespace

Fixed<32> ed25519_from_x25519(ByteView x25519_public) {
  require_size(x25519_public, 32, "An X25519 key");
  const Field25519 u = Field25519::read(x25519_public.first<32>()), one(1);
  return ((u - one) * (u + one).inverse()).write();  // sign bit 0: the positive point
}

Fixed<64> xed25519_sign(const Secret& x25519_secret, ByteView message, ByteView random64) {
  require_size(x25519_secret.view(), 32, "An X25519 secret");
  require_size(random64, 64, "The randomness of an XEd25519 signature");

  // a, reduced modulo the group order, and negated when its point is not the positive one.
  Secret a(32), wide(64), r(32), product(32);
  std::copy_n(x25519_secret.data(), 32, wide.data());
  wide.data()[0] &= 248;
  wide.data()[31] = static_cast<Byte>((wide.data()[31] & 127) | 64);
  crypto_core_ed25519_scalar_reduce(a.data(), wide.data());
  Fixed<32> A;
  if (crypto_scalarmult_ed25519_base_noclamp(A.data(), a.data()) != 0)
    throw Error(Code::invalid_argument, "The X25519 secret cannot sign: it is a multiple of the group's order.");
  if (A[31] & 0x80) {
    crypto_core_ed25519_scalar_negate(a.data(), a.data());
    A[31] &= 0x7f;
  }

  static constexpr Byte personal[16 + 1] = "xed25519signatur";
  crypto_generichash_blake2b_state hash;
  crypto_generichash_blake2b_init_salt_personal(&hash, nullptr, 0, 64, nullptr, personal);
  crypto_generichash_blake2b_update(&hash, a.data(), 32);
  crypto_generichash_blake2b_update(&hash, message.data(), message.size());
  crypto_generichash_blake2b_update(&hash, random64.data(), 64);
  crypto_generichash_blake2b_final(&hash, wide.data(), 64);
  sodium_memzero(&hash, sizeof hash);
  crypto_core_ed25519_scalar_reduce(r.data(), wide.data());

  Fixed<64> signature;
  if (crypto_scalarmult_ed25519_base_noclamp(signature.data(), r.data()) != 0)
    throw Error(Code::internal, "An XEd25519 signature came out empty.");  // a hash of zero: will not be seen

  crypto_hash_sha512_state sha;
  crypto_hash_sha512_init(&sha);
  crypto_hash_sha512_update(&sha, signature.data(), 32);
  crypto_hash_sha512_update(&sha, A.data(), 32);
  crypto_hash_sha512_update(&sha, message.data(), message.size());
  Fixed<64> challenge;
  crypto_hash_sha512_final(&sha, challenge.data());
  Fixed<32> h;
  crypto_core_ed25519_scalar_reduce(h.data(), challenge.data());
  crypto_core_ed25519_scalar_mul(product.data(), h.data(), a.data());
  crypto_core_ed25519_scalar_add(signature.data() + 32, r.data(), product.data());
  return signature;
}

bool xed25519_verify(ByteView signature64, ByteView message, ByteView x25519_public) {
  return x25519_public.size() == 32 && verify(signature64, message, ed25519_from_x25519(x25519_public));
}

}  // namespace argot::keys
