// An account: everything follows from the seed. account.md section 2.
import { randomBytes } from 'node:crypto';
import { ed25519PublicOf, ed25519PublicToX25519, ed25519SeedToX25519, ed25519Sign } from '../crypto/keys.mjs';
import { decodePhrase, encodePhrase } from './phrase.mjs';

export const accountIdOf = (ed25519) => '05' + ed25519PublicToX25519(ed25519).toString('hex');

export class Account {
  // seed: 32 bytes, or the 16 of a recovery phrase.
  constructor(seed) {
    this.seed = Buffer.concat([seed, Buffer.alloc(32 - seed.length)]);
    this.ed25519 = ed25519PublicOf(this.seed);
    this.x25519Secret = ed25519SeedToX25519(this.seed);
    this.x25519 = ed25519PublicToX25519(this.ed25519);
    this.id = accountIdOf(this.ed25519);
  }
  static create() {
    return new Account(randomBytes(16));
  }
  static fromPhrase(phrase) {
    return new Account(decodePhrase(phrase));
  }
  phrase() {
    return encodePhrase(this.seed.subarray(0, 16));
  }
  sign(message) {
    return ed25519Sign(this.seed, message);
  }
}
