// Messages, both ways.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Account } from '../account/account.mjs';
import { fields } from '../message/protobuf.mjs';
import { unwrapEnvelope, wrap } from '../message/envelope.mjs';
import { decryptAs } from '../message/session_protocol.mjs';
import { messageHash } from '../network/message_hash.mjs';
import { echoOf } from './scene.mjs';
import { texts } from './texts.mjs';

// Our route, and the one of Argot that it talks to.
const routes = { direct: 'direct', 'aes-gcm': 'onion', xchacha20: 'onion' };
const fourteenDays = 14 * 24 * 3600 * 1000;

export function conversations(scene) {
  it('the same phrase is the same account', () => {
    for (const { id, phrase } of [scene.person, scene.bots.direct, scene.bots.onion])
      assert.equal(Account.fromPhrase(phrase).id, id);
  });

  for (const [ours, theirs] of Object.entries(routes))
    describe(`${ours} here, ${theirs} there`, () => {
      it('every text that is sent to a bot of Argot comes back as it was', async () => {
        const bot = scene.bots[theirs];
        const client = scene.newClient(scene.route(ours));
        for (const text of texts) {
          const { timestamp } = await client.sendText(bot.id, text);
          const echo = await client.waitFor(echoOf(text, bot), `the echo of ${JSON.stringify(text)}`);
          assert.ok(echo.timestamp >= timestamp - 1000, 'the echo was written after the message');
        }
      });

      it('what argot send sends is read', async () => {
        const { argot, person } = scene;
        const client = scene.newClient(scene.route(ours));
        for (const text of texts.slice(-3)) {
          const options = ['--profile', person.profile, '--set', `transport.route=${theirs}`];
          const [sent] = await argot.json('send', ...options, client.account.id, text);
          assert.equal(sent.state, 'sent');
          const message = await client.waitFor((m) => m.author === person.id, 'the message of argot send');
          assert.equal(message.content.dataMessage.body, text);
        }
      });
    });

  it('what Argot writes has every part that other clients need', async () => {
    const { argot, person } = scene;
    const client = scene.newClient();
    await argot.json('send', '--profile', person.profile, client.account.id, 'to look at');
    const { stored, timestamp, content } = await client.waitFor((m) => m.author === person.id, 'the message');
    const data = Buffer.from(stored.data, 'base64');
    assert.equal(stored.hash, messageHash(client.account.id, 0, data));
    assert.equal(stored.expiration - stored.timestamp, fourteenDays);
    const numbers = (bytes) => [...fields(bytes)].map(({ number }) => number);
    assert.deepEqual(numbers(data), [1, 2]);
    const [, request] = [...fields(data)];
    assert.deepEqual(numbers(request.value), [1, 2, 3, 4], 'old clients require verb, path and id');
    const envelope = unwrapEnvelope(data);
    assert.equal(envelope.type, 'SESSION_MESSAGE');
    assert.equal(envelope.sourceDevice, 1);
    assert.equal(envelope.source ?? '', '');
    assert.equal(envelope.proSig.length, 64);
    assert.equal(content.sigTimestamp, timestamp);
    assert.equal(decryptAs(client.account, envelope.content).message.length % 160, 0);
  });

  it('a message that is stored twice is shown once', async () => {
    const bot = scene.bots.direct;
    const client = scene.newClient();
    const content = { dataMessage: { body: 'once' }, sigTimestamp: client.messageTime() };
    for (let i = 0; i < 2; ++i) await client.store(bot.id, wrap(content, client.account, bot.id));
    await client.sendText(bot.id, 'after it');
    let echoes = 0;
    await client.waitFor((m) => {
      if (echoOf('once', bot)(m)) ++echoes;
      return echoOf('after it', bot)(m);
    }, 'the echo of the last one');
    assert.equal(echoes, 1);
  });

  it('what is not a message is dropped, and what comes after it is not', async () => {
    const bot = scene.bots.direct;
    const client = scene.newClient();
    const content = { dataMessage: { body: 'wrong' }, sigTimestamp: client.messageTime() };
    const right = wrap(content, client.account, bot.id);
    const flipped = Buffer.from(right);
    flipped[flipped.length - 200] ^= 1;
    const junk = [
      Buffer.from('not protobuf at all'),
      Buffer.from([0, 2, ...Array(254).fill(7)]), // a message of protocol 2
      right.subarray(0, right.length / 2),
      flipped,
      wrap(content, client.account, Account.create().id), // sealed to somebody else
    ];
    for (const data of junk) await client.store(bot.id, data);
    await client.sendText(bot.id, 'after the junk');
    await client.waitFor((m) => {
      assert.notEqual(m.content.dataMessage?.body, 'wrong');
      return echoOf('after the junk', bot)(m);
    }, 'the echo');
  });
}
