// What other senders write: older clients, other kinds of messages, other devices of the same account, and forgers.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Account } from '../account/account.mjs';
import { Content, Envelope, WebSocketMessage } from '../message/content.mjs';
import { pad } from '../message/padding.mjs';
import { encode } from '../message/protobuf.mjs';
import { encryptDeterministically, encryptFor } from '../message/session_protocol.mjs';
import { echoOf } from './scene.mjs';

// As Android, iOS and the desktop padded until 2025: one byte less than a multiple of 160.
function padClassic(message) {
  const padded = Buffer.alloc(160 * Math.ceil((message.length + 2) / 160) - 1);
  message.copy(padded);
  padded[message.length] = 0x80;
  return padded;
}

// A message, with every part open to be written in another way.
function written({ content, sender, to, time, padding = pad, encrypt = encryptFor, tail = '', envelope, request }) {
  const plaintext = Buffer.concat([encode(Content, { ...content, sigTimestamp: time }), Buffer.from(tail, 'hex')]);
  const ciphertext = encrypt(Buffer.from(to.slice(2), 'hex'), sender, padding(plaintext));
  const inside = { type: 'SESSION_MESSAGE', timestamp: time, sourceDevice: 1, content: ciphertext };
  const body = encode(Envelope, { ...inside, proSig: Buffer.alloc(64, 7), ...envelope });
  return encode(WebSocketMessage, { type: 'REQUEST', request: { verb: '', path: '', body, id: 0, ...request } });
}

const text = (body, more = {}) => ({ dataMessage: { body, ...more } });

export function senders(scene) {
  const send = (client, to, form) =>
    client.store(to.id, written({ sender: client.account, to: to.id, time: client.messageTime(), ...form }));

  it('older and unusual forms are read', async () => {
    const bot = scene.bots.direct;
    const client = scene.newClient();
    const profile = { displayName: 'x'.repeat(100), profilePicture: 'http://a/file/1', lastProfileUpdateSeconds: 5 };
    const quote = { id: 1_700_000_000_001, author: bot.id, text: 'once said' };
    const forms = {
      'classic padding': { padding: padClassic },
      'not padded': { padding: (bytes) => bytes },
      'deterministic encryption': { encrypt: encryptDeterministically },
      'no proSig': { envelope: { proSig: undefined } },
      'an empty source': { envelope: { source: '' } },
      'a source, which is not who it is from': { envelope: { source: bot.id } },
      'no source device': { envelope: { sourceDevice: undefined } },
      "the classic request's verb and path": { request: { verb: 'PUT', path: '/api/v1/message' } },
      'no verb, path and id': { request: { verb: undefined, path: undefined, id: undefined } },
      'type 7': { envelope: { type: 'CLOSED_GROUP_MESSAGE' } },
      'no time inside': { content: (body) => ({ ...text(body), sigTimestamp: undefined }), time: undefined },
      'fields of the future': { tail: 'fa3e03616263' + '803f01' + '893f0102030405060708' },
      'a profile': { content: (body) => text(body, { profile, profileKey: Buffer.alloc(32, 1) }) },
      'a quote': { content: (body) => text(body, { quote }) },
    };
    for (const [name, { content = text, ...form }] of Object.entries(forms)) {
      if ('time' in form) {
        const time = client.messageTime();
        Object.assign(form, { time: undefined, envelope: { timestamp: time } });
      }
      await send(client, bot, { content: content(name), ...form });
      await client.waitFor(echoOf(name, bot), `the echo of ${name}`);
    }
  });

  it('other kinds of messages disturb nothing', async () => {
    const bot = scene.bots.direct;
    const client = scene.newClient();
    const id = 1_700_000_000_001;
    const profile = { displayName: 'Interop' };
    const kinds = [
      {},
      { typingMessage: { timestamp: client.now(), action: 'STARTED' } },
      { typingMessage: { timestamp: client.now(), action: 'STOPPED' } },
      { receiptMessage: { type: 'READ', timestamp: [id, id + 1] } },
      { unsendRequest: { timestamp: id, author: client.account.id } },
      { messageRequestResponse: { isApproved: true, profile, profileKey: Buffer.alloc(32, 2) } },
      { dataExtractionNotification: { type: 'SCREENSHOT', timestamp: id } },
      { callMessage: { type: 'PRE_OFFER', uuid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' } },
      { callMessage: { type: 'OFFER', sdps: ['v=0'], uuid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' } },
      { dataMessage: { reaction: { id, author: bot.id, emoji: '😂', action: 'REACT' } } },
      { dataMessage: { flags: 2 }, expirationType: 'DELETE_AFTER_READ', expirationTimer: 43_200 },
      { dataMessage: {} },
    ];
    for (const content of kinds) await send(client, bot, { content });
    await client.sendText(bot.id, 'after all kinds');
    const first = await client.waitFor((m) => m.author === bot.id && m.content.dataMessage, 'the echo');
    assert.equal(first.content.dataMessage.body, 'after all kinds', 'nothing else was answered');
  });

  it('what a client has to drop is dropped', async () => {
    const bot = scene.bots.direct;
    const client = scene.newClient();
    const forger = Account.create();
    const forged = (recipient, sender, message) =>
      encryptFor(recipient, { ...keysOf(forger), ed25519: sender.ed25519 }, message);
    const pointer = { deprecated_id: 0, contentType: 'image/png', url: 'http://a/file/1', size: 1 };
    const forms = [
      { envelope: { timestamp: client.now() + 1000 } }, // not the time that was signed
      { envelope: { proSig: Buffer.alloc(63) } },
      { envelope: { content: undefined } },
      { encrypt: forged }, // another's signature under this author's name
      { content: text('wrong', { flags: 1 }) },
      { content: text('wrong', { flags: 2 }) },
      { content: text('wrong', { syncTarget: bot.id }) }, // only other devices of one's own say that
      { content: text('wrong', { attachments: Array(33).fill(pointer) }) },
    ];
    for (const form of forms) await send(client, bot, { content: text('wrong'), ...form });
    await client.sendText(bot.id, 'after what was wrong');
    const first = await client.waitFor((m) => m.author === bot.id, 'the echo');
    assert.equal(first.content.dataMessage.body, 'after what was wrong');
  });

  it('what another device of the same account has sent is shown as sent', async () => {
    const { argot, person } = scene;
    const device = scene.newClient();
    device.account = Account.fromPhrase(person.phrase);
    const peer = Account.create().id;
    argot.start('watch', ['--json', 'watch', '--profile', person.profile]);
    await device.send(person.id, { dataMessage: { body: 'from my other device', syncTarget: peer } });
    const shown = await argot.said('watch', 'from my other device');
    assert.deepEqual(
      [shown.direction, shown.conversation, shown.author, shown.state],
      ['outgoing', peer, person.id, 'sent'],
    );
    await argot.end('watch');
  });
}

const keysOf = (account) => ({ sign: (message) => account.sign(message) });
