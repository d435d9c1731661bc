// How one layer of an onion is encrypted, and the answer under the same key. onion.md section 4.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { xchacha20poly1305 } from '../../../.deps/noble-ciphers/chacha.js';
import { blake2b } from '../crypto/hash.mjs';
import { x25519 } from '../crypto/keys.mjs';

// Each: the key from the shared point and both public keys (the client's first), and nonce || ciphertext || tag.
// aes-cbc is an old one, without a tag, that nodes still read.
export const encryptions = {
  'aes-gcm': {
    key: (shared) => createHmac('sha256', 'LOKI').update(shared).digest(),
    encrypt(key, plaintext, nonce = randomBytes(12)) {
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    },
    decrypt(key, ciphertext) {
      if (ciphertext.length < 28) throw new Error('too short for AES-GCM');
      const decipher = createDecipheriv('aes-256-gcm', key, ciphertext.subarray(0, 12));
      decipher.setAuthTag(ciphertext.subarray(-16));
      return Buffer.concat([decipher.update(ciphertext.subarray(12, -16)), decipher.final()]);
    },
  },
  xchacha20: {
    key: (shared, client, node) => blake2b(32, [shared, client, node]),
    encrypt: (key, plaintext, nonce = randomBytes(24)) =>
      Buffer.concat([nonce, xchacha20poly1305(key, nonce).encrypt(plaintext)]),
    decrypt: (key, ciphertext) =>
      Buffer.from(xchacha20poly1305(key, ciphertext.subarray(0, 24)).decrypt(ciphertext.subarray(24))),
  },
  'aes-cbc': {
    key: (shared) => shared,
    encrypt(key, plaintext, nonce = randomBytes(16)) {
      const cipher = createCipheriv('aes-256-cbc', key, nonce);
      return Buffer.concat([nonce, cipher.update(plaintext), cipher.final()]);
    },
    decrypt(key, ciphertext) {
      const decipher = createDecipheriv('aes-256-cbc', key, ciphertext.subarray(0, 16));
      return Buffer.concat([decipher.update(ciphertext.subarray(16)), decipher.final()]);
    },
  },
};

// The client's side: `ephemeral` is its key pair, `node` the other's public key.
export const clientKey = (type, ephemeral, node) =>
  encryptions[type].key(x25519(ephemeral.secret, node), ephemeral.public, node);

// The node's side; tests open layers with it.
export const nodeKey = (type, secret, nodePublic, ephemeralPublic) =>
  encryptions[type].key(x25519(secret, ephemeralPublic), ephemeralPublic, nodePublic);
