// An account of kind 03, which owns its messages by an Ed25519 key of its own, and the tokens by which it lets others
// read and write. snode_api.md section 2, storage_node.md section 7.
import { randomBytes } from 'node:crypto';
import { ed25519PublicOf, ed25519Sign } from '../crypto/keys.mjs';

export const rights = { read: 1, write: 2, delete: 4, anyPrefix: 8 };

export class Group {
  constructor(seed = randomBytes(32)) {
    this.seed = seed;
    this.ed25519 = ed25519PublicOf(seed);
    this.id = '03' + this.ed25519.toString('hex');
  }
  sign(message) {
    return ed25519Sign(this.seed, message);
  }
  // A member's way to sign for the group with a key of the member's own.
  member(flags, prefix = 3) {
    const seed = randomBytes(32);
    const token = Buffer.concat([Buffer.from([prefix, flags, 0, 0]), ed25519PublicOf(seed)]);
    return {
      id: this.id,
      token,
      tokenSignature: this.sign(token),
      sign: (message) => ed25519Sign(seed, message),
    };
  }
}
