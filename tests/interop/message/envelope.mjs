// From Content to what a node stores, and back. envelope.md sections 1, 5 and 8.
import { randomBytes } from 'node:crypto';
import { ed25519PublicOf } from '../crypto/keys.mjs';
import { Content, Envelope, WebSocketMessage } from './content.mjs';
import { pad, unpad } from './padding.mjs';
import { decode, encode } from './protobuf.mjs';
import { decryptAs, encryptFor } from './session_protocol.mjs';

// Looks like the signature of someone who pays: a point of the curve, and a number below the group's order.
function decoySignature() {
  const scalar = randomBytes(32);
  scalar[31] &= 0x0f;
  return Buffer.concat([ed25519PublicOf(randomBytes(32)), scalar]);
}

export function wrapEnvelope({ ciphertext, timestamp, proSig = decoySignature() }) {
  const envelope = { type: 'SESSION_MESSAGE', timestamp, sourceDevice: 1, content: ciphertext, proSig };
  return encode(WebSocketMessage, {
    type: 'REQUEST',
    request: { verb: '', path: '', body: encode(Envelope, envelope), id: 0 },
  });
}

export function unwrapEnvelope(data) {
  const outer = decode(WebSocketMessage, data);
  if (outer.type !== 'REQUEST' || !outer.request?.body) throw new Error('not a request with a body');
  const envelope = decode(Envelope, outer.request.body);
  if (!envelope.content || envelope.timestamp === undefined) throw new Error('the envelope has no content or time');
  if (envelope.proSig && envelope.proSig.length !== 64) throw new Error('proSig must have 64 bytes');
  return envelope;
}

// content: an object of content.mjs with sigTimestamp. Gives the bytes to store for `recipientId`.
export function wrap(content, sender, recipientId) {
  const recipient = Buffer.from(recipientId.slice(2), 'hex');
  const ciphertext = encryptFor(recipient, sender, pad(encode(Content, content)));
  return wrapEnvelope({ ciphertext, timestamp: content.sigTimestamp });
}

// Gives {author, timestamp, content}; throws for what a client has to drop.
export function unwrap(data, account) {
  if (data[0] === 0) throw new Error('a message of protocol 2'); // section 12
  const envelope = unwrapEnvelope(data);
  const { author, message } = decryptAs(account, envelope.content);
  const content = decode(Content, unpad(message));
  if (content.sigTimestamp && content.sigTimestamp !== envelope.timestamp) throw new Error('two different times');
  return { author, timestamp: envelope.timestamp, content };
}
