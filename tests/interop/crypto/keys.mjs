// Ed25519 and X25519 on raw 32-byte keys. node:crypto takes keys in DER only, so the fixed DER beginnings are put
// before the raw bytes and cut off again.
import { createPrivateKey, createPublicKey, diffieHellman, randomBytes, sign, verify } from 'node:crypto';
import { sha512 } from './hash.mjs';

const ed25519Secret = Buffer.from('302e020100300506032b657004220420', 'hex');
const ed25519Public = Buffer.from('302a300506032b6570032100', 'hex');
const x25519Secret = Buffer.from('302e020100300506032b656e04220420', 'hex');
const x25519Public = Buffer.from('302a300506032b656e032100', 'hex');

const secretKey = (beginning, raw) =>
  createPrivateKey({ key: Buffer.concat([beginning, raw]), format: 'der', type: 'pkcs8' });
const publicKey = (beginning, raw) =>
  createPublicKey({ key: Buffer.concat([beginning, raw]), format: 'der', type: 'spki' });
const publicOf = (key) => createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);

export const ed25519PublicOf = (seed) => publicOf(secretKey(ed25519Secret, seed));
export const ed25519Sign = (seed, message) => sign(null, message, secretKey(ed25519Secret, seed));
export const ed25519Verify = (key, message, signature) =>
  signature.length === 64 && verify(null, message, publicKey(ed25519Public, key), signature);

export const x25519PublicOf = (secret) => publicOf(secretKey(x25519Secret, secret));
export const x25519 = (secret, other) =>
  diffieHellman({ privateKey: secretKey(x25519Secret, secret), publicKey: publicKey(x25519Public, other) });

export function x25519Pair(secret = randomBytes(32)) {
  return { secret, public: x25519PublicOf(secret) };
}

// The same point of the curve in its other form: u = (1 + y) / (1 - y).
export function ed25519PublicToX25519(key) {
  const p = 2n ** 255n - 19n;
  const y = BigInt('0x' + Buffer.from(key).reverse().toString('hex')) & (2n ** 255n - 1n);
  const u = ((1n + y) * power(p + 1n - y, p - 2n, p)) % p;
  return Buffer.from(u.toString(16).padStart(64, '0'), 'hex').reverse();
}

export function ed25519SeedToX25519(seed) {
  const scalar = Buffer.from(sha512(seed).subarray(0, 32));
  scalar[0] &= 248;
  scalar[31] = (scalar[31] & 127) | 64;
  return scalar;
}

function power(base, exponent, modulus) {
  let result = 1n;
  for (let b = base % modulus, e = exponent; e > 0n; e >>= 1n, b = (b * b) % modulus)
    if (e & 1n) result = (result * b) % modulus;
  return result;
}
