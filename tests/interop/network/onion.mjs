// Onions: built layer by layer from the destination out, and their answer. onion.md sections 3, 5 and 6.
import { x25519Pair } from '../crypto/keys.mjs';
import { clientKey, encryptions } from './hop_encryption.mjs';

export function combined(ciphertext, control) {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(ciphertext.length);
  return Buffer.concat([length, ciphertext, Buffer.from(JSON.stringify(control))]);
}

export function parseCombined(payload) {
  const end = 4 + payload.readUInt32LE(0);
  if (end > payload.length) throw new Error('The ciphertext is longer than what holds it.');
  return { ciphertext: payload.subarray(4, end), control: JSON.parse(payload.subarray(end)) };
}

// The innermost plaintexts: a call of a node's method, and a request to a server (v4).
export const callOfNode = (body, control = { headers: '' }) => combined(Buffer.from(JSON.stringify(body)), control);

export function requestOfServer(head, body) {
  const part = (bytes) => Buffer.concat([Buffer.from(`${bytes.length}:`), bytes]);
  const parts = [part(Buffer.from(JSON.stringify(head))), ...(body ? [part(Buffer.from(body))] : [])];
  return Buffer.concat([Buffer.from('l'), ...parts, Buffer.from('e')]);
}

// hops: nodes from the guard to the exit. destination: {x25519 hex, plaintext, and either ed25519 for a node or
// server: {host, target, protocol, port}}. fixed: {ephemeralSecrets, nonces} from the guard to the destination, to
// compare bytes. Gives {body, open}: what to post to the guard, and what opens an answer's ciphertext. The destination
// answers, unless hop `by` could not pass the onion on.
export function buildOnion({ hops, destination, type = 'aes-gcm', fixed = {} }) {
  const { encrypt, decrypt } = encryptions[type];
  const ends = [...hops, destination];
  let payload = destination.plaintext;
  const keys = [];
  for (let i = ends.length - 1; i >= 0; --i) {
    const node = Buffer.from(ends[i].x25519, 'hex');
    const ephemeral = x25519Pair(fixed.ephemeralSecrets?.[i]);
    const key = clientKey(type, ephemeral, node);
    keys[i] = key;
    const ciphertext = encrypt(key, payload, fixed.nonces?.[i]);
    payload = combined(ciphertext, {
      ...(i > 0 ? nextOf(ends[i]) : {}), // the guard's is for the guard itself, who needs no address
      ephemeral_key: ephemeral.public.toString('hex'),
      ...(type === 'aes-gcm' ? {} : { enc_type: type }),
    });
  }
  return { body: payload, open: (ciphertext, by = ends.length - 1) => decrypt(keys[by], ciphertext) };
}

// How the hop before is told where to send what it unwrapped.
function nextOf(end) {
  if (!end.server) return { destination: end.ed25519 };
  const { host, target, protocol, port } = end.server;
  return { host, target, method: 'POST', protocol, port };
}

// The decrypted answer of a server: a bencoded list of a head and a body. onion.md section 6.2.
export function parseServerReply(plaintext) {
  if (plaintext[0] !== 0x6c || plaintext.at(-1) !== 0x65) throw new Error('not a bencoded list');
  const parts = [];
  for (let at = 1; at < plaintext.length - 1; ) {
    const colon = plaintext.indexOf(':', at);
    const end = colon + 1 + Number(plaintext.toString('latin1', at, colon));
    if (colon < 0 || !(end < plaintext.length)) throw new Error('a bencoded string that ends nowhere');
    parts.push(plaintext.subarray(colon + 1, end));
    at = end;
  }
  if (parts.length !== 2) throw new Error('not two strings');
  return { ...JSON.parse(parts[0]), body: parts[1] };
}
