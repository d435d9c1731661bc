// Who wrote it is signed inside, and only the recipient can open it. envelope.md section 3.
import { accountIdOf } from '../account/account.mjs';
import { blake2b, sha512 } from '../crypto/hash.mjs';
import { ed25519Verify, x25519PublicOf } from '../crypto/keys.mjs';
import { openSealed, seal } from '../crypto/sealed_box.mjs';

// message: padded Content. recipient: 32 bytes, an account ID without its 05.
export function encryptFor(recipient, sender, message, ephemeralSecret) {
  const signature = sender.sign(Buffer.concat([message, sender.ed25519, recipient]));
  return seal(Buffer.concat([message, sender.ed25519, signature]), recipient, ephemeralSecret);
}

// The variant whose bytes follow from its input.
export function encryptDeterministically(recipient, sender, message) {
  const seed = blake2b(32, [sender.seed, recipient, message], 'SessionBoxEphemeralHashKey');
  return encryptFor(recipient, sender, message, sha512(seed).subarray(0, 32));
}

// Gives {author, ed25519, message}; throws if it is not for this account or not from whom it says.
export function decryptAs(account, ciphertext) {
  const inner = openSealed(ciphertext, account.x25519Secret);
  if (inner.length <= 96) throw new Error('The sealed part is too short for a key and a signature.');
  const message = inner.subarray(0, -96);
  const ed25519 = inner.subarray(-96, -64);
  const signed = Buffer.concat([message, ed25519, x25519PublicOf(account.x25519Secret)]);
  if (!ed25519Verify(ed25519, signed, inner.subarray(-64))) throw new Error('signature');
  return { author: accountIdOf(ed25519), ed25519, message };
}
