// BLAKE2b with any length and key ("H_n" of the texts), and SHA-512. node:crypto knows BLAKE2b with 64 bytes only.
import { createHash } from 'node:crypto';
import { blake2b as nobleBlake2b } from '../../../.deps/noble-hashes/blake2.js';

export function blake2b(length, parts, key) {
  const hash = nobleBlake2b.create({ dkLen: length, key: key && Buffer.from(key) });
  for (const part of parts) hash.update(Buffer.from(part));
  return Buffer.from(hash.digest());
}

export const sha512 = (data) => createHash('sha512').update(data).digest();
