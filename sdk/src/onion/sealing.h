// The three ciphers on bytes in place, and where key pairs come from.
#pragma once
#include <argot/onion.h>

namespace argot::onion {

std::size_t nonce_size(Cipher cipher);
/// The most bytes that sealing adds behind the text.
inline constexpr std::size_t max_tail = 16;

/// Encrypts `size` bytes at `data`, which has room for max_tail more; the new size.
std::size_t seal_in_place(Cipher cipher, ByteView key, ByteView nonce, Byte* data, std::size_t size);
/// Nonce, ciphertext and tag to plaintext; nothing when it is not what was sealed.
std::optional<Bytes> unseal(Cipher cipher, ByteView key, ByteView sealed);

/// libsodium's generator where the caller named none.
void draw(const Random& random, std::span<Byte> out);

}  // namespace argot::onion
