// This client and Argot, both ways, over a network of real nodes: node tests/interop/e2e_test.mjs PROGRAM FOLDER
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Account } from './account/account.mjs';
import { Argot } from './argot.mjs';
import { Client } from './client.mjs';
import { fields } from './message/protobuf.mjs';
import { unwrapEnvelope, wrap } from './message/envelope.mjs';
import { decryptAs } from './message/session_protocol.mjs';
import { directRoute } from './network/direct_route.mjs';
import { closeConnections } from './network/http.mjs';
import { messageHash } from './network/message_hash.mjs';
import { nodeOfSwarm } from './network/seed.mjs';
import { replyIsSigned, signed } from './network/signed_bytes.mjs';
import { texts } from './texts.mjs';

const [program, folder] = process.argv.slice(2);
assert.ok(folder, 'usage: node e2e_test.mjs PROGRAM FOLDER');
const fourteenDays = 14 * 24 * 3600 * 1000;

describe('a client of another make, and Argot', { timeout: 240_000 }, () => {
  let argot, nodes, bot, person;
  const newClient = (route = directRoute) => new Client({ account: Account.create(), nodes, route });
  const echoOf = (text) => (m) => m.author === bot.id && m.content.dataMessage?.body === text;

  before(async () => {
    argot = await Argot.inside(program, folder);
    const lines = await argot.startNetwork('--nodes', '9', '--swarms', '1', '--port', '0', '--seed-port', '0');
    const [ip, port] = lines[0].split(' ')[0].split(':');
    const { body } = await directRoute.call({ ip, port }, 'get_swarm', { pubkey: Account.create().id });
    nodes = body.snodes.map(nodeOfSwarm);
    bot = await argot.newAccount('bot');
    person = await argot.newAccount('person');
    argot.start('bot', bot.profile, '--set', 'app=echo');
  });

  after(async () => {
    closeConnections();
    for (const code of await argot.stop()) assert.equal(code, 0, argot.log('bot'));
  });

  it('get the same account from the same phrase', () => {
    for (const { id, phrase } of [bot, person]) assert.equal(Account.fromPhrase(phrase).id, id);
  });

  for (const route of [directRoute])
    describe(route.name, () => {
      it('every text that is sent to a bot of Argot comes back as it was', async () => {
        const client = newClient(route);
        for (const text of texts) {
          const { timestamp } = await client.sendText(bot.id, text);
          const echo = await client.waitFor(echoOf(text), `the echo of ${JSON.stringify(text)}`);
          assert.ok(echo.timestamp >= timestamp - 1000, 'the echo was written after the message');
        }
      });

      it('what argot send sends is read here', async () => {
        const client = newClient(route);
        for (const text of texts) {
          const [sent] = await argot.json('send', '--profile', person.profile, client.account.id, text);
          const message = await client.waitFor((m) => m.author === person.id, `the message of argot send`);
          assert.equal(message.content.dataMessage.body, text);
          assert.equal(sent.state, 'sent');
        }
      });
    });

  it('what Argot writes has every part that other clients need', async () => {
    const client = newClient();
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

  it('a message that is stored twice is shown once by Argot', async () => {
    const client = newClient();
    const content = { dataMessage: { body: 'once' }, sigTimestamp: client.messageTime() };
    for (let i = 0; i < 2; ++i) await client.store(bot.id, wrap(content, client.account, bot.id));
    await client.sendText(bot.id, 'after it');
    let echoes = 0;
    await client.waitFor((m) => {
      if (echoOf('once')(m)) ++echoes;
      return echoOf('after it')(m);
    }, 'the echo of the last one');
    assert.equal(echoes, 1);
  });

  it('Argot drops what is not a message, and goes on', async () => {
    const client = newClient();
    const other = Account.create();
    const content = { dataMessage: { body: 'wrong' }, sigTimestamp: client.messageTime() };
    const right = wrap(content, client.account, bot.id);
    const flipped = Buffer.from(right);
    flipped[flipped.length - 200] ^= 1;
    const junk = [
      Buffer.from('not protobuf at all'),
      Buffer.from([0, 2, ...Array(254).fill(7)]), // a message of protocol 2
      right.subarray(0, right.length / 2),
      flipped,
      wrap(content, client.account, other.id), // sealed to somebody else
    ];
    for (const data of junk) await client.store(bot.id, data);
    await client.sendText(bot.id, 'after the junk');
    await client.waitFor((m) => assert.notEqual(m.content.dataMessage?.body, 'wrong') ?? echoOf('after the junk')(m), 'the echo');
  });

  it('every node of the swarm keeps a message, and signs that it does', async () => {
    const client = newClient();
    const { params, result } = await client.send(client.account.id, { dataMessage: { body: 'kept' } });
    assert.equal(result.hash, messageHash(params.pubkey, 0, Buffer.from(params.data, 'base64')));
    const swarm = await client.swarmOf(client.account.id);
    assert.deepEqual(Object.keys(result.swarm).sort(), swarm.map((n) => n.ed25519).sort());
    for (const [key, part] of Object.entries(result.swarm)) {
      assert.ok(replyIsSigned('store', part, params, key), `the signature of ${key}`);
      assert.equal(part.expiry, params.timestamp + params.ttl);
    }
    for (const node of swarm) {
      const retrieve = signed('retrieve', { timestamp: client.now() }, client.account);
      const { body } = await client.call(node, 'retrieve', retrieve);
      assert.deepEqual(body.messages.map((m) => m.hash), [result.hash]);
      assert.equal(body.messages[0].data, params.data);
      assert.equal(body.messages[0].timestamp, params.timestamp);
      assert.equal(body.more, false);
    }
  });

  it('the owner, and nobody else, changes the expiry of messages and deletes them', async () => {
    const client = newClient();
    const { result } = await client.send(client.account.id, { dataMessage: { body: 'to be deleted' } });
    const own = (method, params) => signed(method, params, client.account);
    const messages = [result.hash];

    const expiry = client.now() + 3_600_000;
    const expire = own('expire', { messages, expiry, shorten: true });
    const shortened = await client.callSwarm(client.account.id, 'expire', expire);
    for (const [key, part] of Object.entries(shortened.body.swarm)) {
      assert.deepEqual([part.updated, part.expiry], [messages, expiry]);
      assert.ok(replyIsSigned('expire', part, expire, key), `the signature of ${key}`);
    }
    const asked = own('get_expiries', { messages, timestamp: client.now() });
    const { body } = await client.callSwarm(client.account.id, 'get_expiries', asked);
    assert.deepEqual(body.expiries, { [result.hash]: expiry });

    const stranger = { ...signed('delete', { messages }, Account.create()), pubkey: client.account.id };
    await assert.rejects(client.callSwarm(client.account.id, 'delete', stranger), { code: 401 });
    const unsigned = own('delete', { messages });
    unsigned.signature = own('delete', { messages: [...messages, ...messages] }).signature;
    await assert.rejects(client.callSwarm(client.account.id, 'delete', unsigned), {
      code: 401,
      body: 'delete_msgs signature verification failed',
    });

    const remove = own('delete', { messages });
    const removed = await client.callSwarm(client.account.id, 'delete', remove);
    for (const [key, part] of Object.entries(removed.body.swarm)) {
      assert.deepEqual(part.deleted, messages);
      assert.ok(replyIsSigned('delete', part, remove, key), `the signature of ${key}`);
    }
    assert.deepEqual(await client.poll(), []);
  });

  it('requests that a node has to refuse are refused with the words of the protocol', async () => {
    const client = newClient();
    const { account } = client;
    const data = Buffer.alloc(10).toString('base64');
    const store = { pubkey: account.id, timestamp: client.now(), ttl: fourteenDays, data };
    const early = client.now() - 70_000;
    const own = (params) => signed('retrieve', params, account);
    const cases = [
      ['store', { ...store, ttl: 9_999 }, 403, 'Provided expiry/TTL is not valid.'],
      ['store', { ...store, ttl: fourteenDays + 1 }, 403, 'Provided expiry/TTL is not valid.'],
      ['store', { ...store, timestamp: client.now() + 20_000 }, 406, 'Timestamp error: check your clock'],
      ['store', { ...store, data: '*' }, 400, "invalid request: Invalid 'data' value: not base64 encoded"],
      ['store', { ...store, namespace: 5 }, 401, 'store: signature required to store to namespace 5'],
      ['retrieve', { pubkey: account.id }, 401, 'retrieve: request signature required'],
      ['retrieve', own({ timestamp: early }), 406, 'retrieve timestamp too far from current time'],
      [
        'retrieve',
        { ...own({ timestamp: client.now() }), namespace: 2 },
        401,
        'retrieve signature verification failed',
      ],
      ['retrieve', { ...store, pubkey: '05' }, 400, 'invalid request: Pubkey must be 66 hex digits (33 bytes) long'],
      ['fetch', {}, 400, 'no method fetch'],
    ];
    for (const [method, params, code, body] of cases)
      await assert.rejects(client.callSwarm(account.id, method, params), { code, body }, `${method} ${body}`);
  });

  it('own namespaces need a signature to be written, and keep what was written', async () => {
    const client = newClient();
    const { account } = client;
    const data = Buffer.from('a configuration').toString('base64');
    const parameters = { namespace: 2, timestamp: client.now(), ttl: 30 * 24 * 3600 * 1000, data };
    const { body } = await client.callSwarm(account.id, 'store', signed('store', parameters, account));
    assert.equal(body.hash, messageHash(account.id, 2, Buffer.from('a configuration')));
    const asked = signed('retrieve', { namespace: 2, timestamp: client.now() }, account);
    const { body: got } = await client.callSwarm(account.id, 'retrieve', asked);
    assert.deepEqual(got.messages.map((m) => m.data), [data]);
  });
});
