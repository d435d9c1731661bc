// What nodes keep, whom they obey, and how they refuse.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Account } from '../account/account.mjs';
import { messageHash } from '../network/message_hash.mjs';
import { replyIsSigned, signed } from '../network/signed_bytes.mjs';

const fourteenDays = 14 * 24 * 3600 * 1000;

export function storage(scene) {
  it('every node of the swarm keeps a message, and signs that it does', async () => {
    const client = scene.newClient();
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
      assert.deepEqual(
        body.messages.map((m) => m.hash),
        [result.hash],
      );
      assert.equal(body.messages[0].data, params.data);
      assert.equal(body.messages[0].timestamp, params.timestamp);
      assert.equal(body.more, false);
    }
  });

  it('the owner, and nobody else, changes the expiry of messages and deletes them', async () => {
    const client = scene.newClient();
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
    const client = scene.newClient();
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
    const client = scene.newClient();
    const { account } = client;
    const data = Buffer.from('a configuration').toString('base64');
    const parameters = { namespace: 2, timestamp: client.now(), ttl: 30 * 24 * 3600 * 1000, data };
    const { body } = await client.callSwarm(account.id, 'store', signed('store', parameters, account));
    assert.equal(body.hash, messageHash(account.id, 2, Buffer.from('a configuration')));
    const asked = signed('retrieve', { namespace: 2, timestamp: client.now() }, account);
    const { body: got } = await client.callSwarm(account.id, 'retrieve', asked);
    assert.deepEqual(
      got.messages.map((m) => m.data),
      [data],
    );
  });
}
