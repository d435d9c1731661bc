// Every module against the protocol's cases, before it may speak to anything: node tests/interop/vectors_test.mjs
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Account, accountIdOf } from './account/account.mjs';
import { bytesOf, checksumIndex, decodePhrase, encodePhrase, wordsOf } from './account/phrase.mjs';
import { words } from './account/words.mjs';
import { blake2b } from './crypto/hash.mjs';
import { ed25519PublicToX25519, ed25519SeedToX25519, ed25519Verify, x25519Pair } from './crypto/keys.mjs';
import { Content, Envelope } from './message/content.mjs';
import { unwrap, unwrapEnvelope, wrapEnvelope } from './message/envelope.mjs';
import { pad, unpad } from './message/padding.mjs';
import { decode, encode } from './message/protobuf.mjs';
import { decryptAs, encryptDeterministically, encryptFor } from './message/session_protocol.mjs';
import { clientKey, encryptions, nodeKey } from './network/hop_encryption.mjs';
import { messageHash } from './network/message_hash.mjs';
import { buildOnion, callOfNode, parseCombined, parseServerReply, requestOfServer } from './network/onion.mjs';
import { replyBytes, requestBytes } from './network/signed_bytes.mjs';
import { swarmOf, swarmSpace } from './network/swarm_space.mjs';

const { vectors } = JSON.parse(readFileSync(new URL('../vectors/client.json', import.meta.url)));
const hex = (text) => Buffer.from(text, 'hex');
const account = (seed) => new Account(hex(seed));

// Objects whose byte strings are hex, as the cases write them.
const bytesIn = (type, object) =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const [, kind] = type.members.find(([member]) => member === name)?.[1] ?? assert.fail(`no member ${name}`);
      if (kind === 'bytes') return [name, hex(value)];
      if (kind.isSchema)
        return [name, Array.isArray(value) ? value.map((v) => bytesIn(kind, v)) : bytesIn(kind, value)];
      return [name, value];
    }),
  );

function checkKeys(expected, account) {
  const has = {
    ed25519_public: account.ed25519,
    ed25519_secret64: Buffer.concat([account.seed, account.ed25519]),
    ed25519_seed32: account.seed,
    x25519_public: account.x25519,
    x25519_secret: account.x25519Secret,
  };
  for (const [name, bytes] of Object.entries(has))
    if (expected[name]) assert.equal(bytes.toString('hex'), expected[name], name);
  if (expected.account_id) assert.equal(account.id, expected.account_id);
}

function checkMnemonic({ mnemonic, words, bytes }, expected) {
  if (expected.error) return assert.throws(() => (words ? bytesOf(words.split(' ')) : decodePhrase(mnemonic)));
  if (expected.indices) {
    assert.deepEqual(wordsOf(hex(bytes)), expected.words);
    return assert.equal(bytesOf(expected.words).toString('hex'), bytes);
  }
  if (bytes) return assert.equal(encodePhrase(hex(bytes)), expected.mnemonic);
  const seed = decodePhrase(mnemonic);
  assert.equal(seed.toString('hex'), expected.seed16);
  if (!expected.account_id) return undefined;
  assert.equal(encodePhrase(seed), mnemonic);
  assert.equal(checksumIndex(mnemonic.split(' ').slice(0, -1)), expected.checksum_word_index);
  return checkKeys(expected, new Account(seed));
}

function checkOnion({ enc_type, destination, nodes, ephemeral_secrets, nonces }, expected) {
  const hops = nodes.slice(0, 3).map((n) => ({ x25519: n.x25519_public, ed25519: n.ed25519_public }));
  const end = { x25519: nodes[3].x25519_public, ed25519: nodes[3].ed25519_public };
  if (destination === 'snode') {
    end.plaintext = callOfNode({ method: 'info', params: {} });
  } else {
    end.server = { host: 'filev2.getsession.org', target: '/oxen/v4/lsrpc', protocol: 'http', port: 80 };
    end.plaintext = requestOfServer({ method: 'GET', endpoint: '/file/42/info', headers: {} });
  }
  const fixed = { ephemeralSecrets: ephemeral_secrets.map(hex), nonces: nonces.map(hex) };
  const onion = buildOnion({ hops, destination: end, type: enc_type, fixed });
  assert.equal(onion.body.toString('hex'), expected.http_body);

  // And back: every node opens its layer, and what the last one answers can be read.
  let payload = onion.body;
  for (const [i, node] of nodes.entries()) {
    const { ciphertext, control } = parseCombined(payload);
    const key = nodeKey(enc_type, hex(node.x25519_secret), hex(node.x25519_public), hex(control.ephemeral_key));
    payload = encryptions[enc_type].decrypt(key, ciphertext);
    assert.equal(payload.toString('hex'), expected.layers[3 - i].plaintext);
    if (i === 3)
      assert.equal(onion.open(encryptions[enc_type].encrypt(key, Buffer.from('answer'))).toString(), 'answer');
  }
}

function checkHop(inputs, expected, name) {
  const type = expected.enc_type ?? (/xchacha20/.test(name) ? 'xchacha20' : 'aes-gcm');
  const { encrypt, decrypt } = encryptions[type];
  const server = hex(inputs.server_public);
  if (inputs.payload) {
    const { ciphertext, control } = parseCombined(hex(inputs.payload));
    assert.equal(control.ephemeral_key, expected.ephemeral_key);
    assert.equal(control.enc_type, type);
    const key = nodeKey(type, hex(inputs.server_secret), server, hex(control.ephemeral_key));
    return assert.equal(decrypt(key, ciphertext).toString(), expected.plaintext_utf8);
  }
  const client = hex(inputs.client_ephemeral_public ?? inputs.client_public);
  const key = nodeKey(type, hex(inputs.server_secret), server, client);
  if (expected.error) return assert.throws(() => decrypt(key, hex(inputs.ciphertext)));
  if (expected.symmetric_key) assert.equal(key.toString('hex'), expected.symmetric_key);
  const secret = inputs.client_ephemeral_secret ?? inputs.client_secret;
  if (secret) assert.deepEqual(clientKey(type, x25519Pair(hex(secret)), server), key);
  if (expected.ciphertext) {
    const written = encrypt(key, Buffer.from(inputs.plaintext_utf8), hex(inputs.iv ?? inputs.nonce));
    assert.equal(written.toString('hex'), expected.ciphertext);
    return assert.equal(decrypt(key, written).toString(), inputs.plaintext_utf8);
  }
  return assert.equal(decrypt(key, hex(inputs.ciphertext)).toString(), expected.plaintext_utf8);
}

// One function a category; a case of another form than these know fails, and the count below says if one was left out.
const checks = {
  mnemonic: checkMnemonic,
  keys(inputs, expected) {
    if (expected.hash)
      return assert.equal(
        blake2b(inputs.length, [inputs.message_utf8], inputs.key_utf8).toString('hex'),
        expected.hash,
      );
    if (inputs.ed25519_public)
      return assert.equal(ed25519PublicToX25519(hex(inputs.ed25519_public)).toString('hex'), expected.x25519_public);
    const owner = account(inputs.ed25519_seed32);
    if (!expected.signature) return checkKeys(expected, owner);
    return assert.equal(owner.sign(Buffer.from(inputs.message_utf8)).toString('hex'), expected.signature);
  },
  padding({ n, message_utf8, padded }, expected) {
    if (n !== undefined) return assert.equal(pad(Buffer.alloc(n, 1)).length, expected.libsession_2025_2026);
    if (padded) return assert.equal(unpad(hex(padded)).toString('hex'), expected.message ?? expected.libsession);
    assert.equal(pad(Buffer.from(message_utf8)).toString('hex'), expected.padded);
    return assert.equal(unpad(hex(expected.padded)).toString(), message_utf8);
  },
  protobuf(inputs, { content }) {
    const object = bytesIn(Content, inputs);
    assert.equal(encode(Content, object).toString('hex'), content);
    assert.deepEqual(decode(Content, hex(content)), object);
  },
  session_protocol(inputs, expected) {
    if (inputs.ciphertext) {
      const open = () => decryptAs(account(inputs.recipient_ed25519_seed32), hex(inputs.ciphertext));
      if (expected.error) return assert.throws(open, expected.error === true ? undefined : new RegExp(expected.error));
      const { author, ed25519, message } = open();
      assert.equal(message.toString(), expected.plaintext_utf8);
      assert.equal(ed25519.toString('hex'), expected.sender_ed25519_public);
      return assert.equal(author, expected.sender_account_id);
    }
    const sender = account(inputs.sender_ed25519_seed32);
    const [recipient, message] = [hex(inputs.recipient_x25519_public), Buffer.from(inputs.plaintext_utf8)];
    const ciphertext = inputs.ephemeral_x25519_secret
      ? encryptFor(recipient, sender, message, hex(inputs.ephemeral_x25519_secret))
      : encryptDeterministically(recipient, sender, message);
    return assert.equal(ciphertext.toString('hex'), expected.ciphertext);
  },
  envelope(inputs, expected) {
    const [sender, recipient] = [account(inputs.sender_ed25519_seed32), account(inputs.recipient_ed25519_seed32)];
    const padded = pad(hex(inputs.content));
    assert.equal(padded.toString('hex'), expected.padded);
    const ciphertext = encryptFor(recipient.x25519, sender, padded, hex(inputs.ephemeral_x25519_secret));
    assert.equal(ciphertext.toString('hex'), expected.envelope_content_ciphertext);
    const data = wrapEnvelope({ ciphertext, timestamp: inputs.timestamp_ms, proSig: hex(inputs.pro_sig) });
    assert.equal(encode(Envelope, unwrapEnvelope(data)).toString('hex'), expected.envelope);
    assert.ok(Object.values(expected).includes(data.toString('hex')), 'the outermost bytes');
    const read = unwrap(data, recipient);
    assert.equal(read.author, sender.id);
    assert.equal(read.content.dataMessage.body, 'hello');
  },
  snode_signature({ signer, method, ...params }, expected) {
    const owner = account(signer.ed25519_secret64.slice(0, 64));
    const bytes = requestBytes(method, { ...params, pubkey: signer.account_id });
    assert.equal(bytes.toString('hex'), expected.signed_bytes_hex);
    assert.equal(owner.sign(bytes).toString('base64'), expected.signature_base64);
  },
  snode_response_signature(inputs, expected) {
    const method = inputs.updated ? 'expire' : 'delete';
    const bytes = replyBytes(method, inputs, { ...inputs, messages: inputs.requested });
    if (expected.signed_utf8) assert.equal(bytes.toString(), expected.signed_utf8);
    const signature = Buffer.from(inputs.signature_base64 ?? expected.signature_base64, 'base64');
    assert.equal(ed25519Verify(hex(inputs.node_ed25519_public), bytes, signature), expected.valid);
  },
  message_hash({ pubkey, namespace, data_base64, data_hex }, expected) {
    const data = data_hex ? hex(data_hex) : Buffer.from(data_base64, 'base64');
    assert.equal(messageHash(pubkey, namespace, data), expected.hash);
  },
  swarm({ pubkey, swarm_ids }, expected) {
    if (!swarm_ids) return assert.equal(swarmSpace(pubkey), BigInt(expected.u64_decimal));
    return assert.equal(swarmOf(pubkey, swarm_ids.map(BigInt)), BigInt(expected.swarm_id));
  },
  onion_hop: checkHop,
  onion_request(inputs, expected) {
    if (inputs.nodes) return checkOnion(inputs, expected);
    const { code, headers, body } = parseServerReply(Buffer.from(inputs.decrypted_utf8));
    assert.equal(code, expected.code);
    assert.equal(headers['content-type'], expected.content_type);
    return assert.deepEqual(JSON.parse(body), expected.body);
  },
};

// These say how a node treats what it gets; a client has nothing to compute.
const forNodes = (v) => v.category === 'onion_request' && (v.inputs.plaintext || v.inputs.target);

test('the list of words is the one of the protocol', () => {
  assert.equal(words.length, 1626);
  assert.equal(new Set(words.map((word) => word.slice(0, 3))).size, 1626);
});

for (const [category, check] of Object.entries(checks))
  test(category, () => {
    const cases = vectors.filter((v) => v.category === category && !forNodes(v));
    assert.ok(cases.length > 0, `no case of ${category}`);
    for (const v of cases) {
      try {
        check(v.inputs, v.expected, v.name);
      } catch (error) {
        error.message = `${v.id} (${v.name}): ${error.message}`;
        throw error;
      }
    }
  });

test('an account made here can be restored from its phrase', () => {
  const made = Account.create();
  assert.equal(made.phrase().split(' ').length, 13);
  assert.equal(Account.fromPhrase(made.phrase()).id, made.id);
  assert.equal(accountIdOf(made.ed25519), made.id);
  assert.deepEqual(ed25519SeedToX25519(made.seed), made.x25519Secret);
});
