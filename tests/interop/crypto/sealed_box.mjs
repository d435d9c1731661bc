// crypto_box_seal: to a public key, from nobody. envelope.md section 3.
import { hsalsa, xsalsa20poly1305 } from '../../../.deps/noble-ciphers/salsa.js';
import { blake2b } from './hash.mjs';
import { x25519, x25519Pair, x25519PublicOf } from './keys.mjs';

const sigma = words(Buffer.from('expand 32-byte k'));

// Any bytes as 32-bit words, copied, since a Buffer may begin anywhere in memory.
function words(bytes) {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

// crypto_box's key: HSalsa20 of the shared point, with a nonce of zeros.
function boxKey(secret, other) {
  const key = new Uint32Array(8);
  hsalsa(sigma, words(x25519(secret, other)), new Uint32Array(4), key);
  return new Uint8Array(key.buffer);
}

const sealNonce = (ephemeral, recipient) => blake2b(24, [ephemeral, recipient]);

export function seal(plaintext, recipient, ephemeralSecret) {
  const ephemeral = x25519Pair(ephemeralSecret);
  const box = xsalsa20poly1305(boxKey(ephemeral.secret, recipient), sealNonce(ephemeral.public, recipient));
  return Buffer.concat([ephemeral.public, box.encrypt(plaintext)]);
}

// Throws when it was not sealed to this key, or was changed.
export function openSealed(sealed, secret) {
  if (sealed.length < 48) throw new Error('A sealed box has at least 48 bytes.');
  const ephemeral = sealed.subarray(0, 32);
  const box = xsalsa20poly1305(boxKey(secret, ephemeral), sealNonce(ephemeral, x25519PublicOf(secret)));
  return Buffer.from(box.decrypt(sealed.subarray(32)));
}
