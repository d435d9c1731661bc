// The rest of what nodes answer: every method, the forms of a request, the front door. storage_node.md sections 2 to 9.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Account } from '../account/account.mjs';
import { Group, rights } from '../account/group.mjs';
import { ed25519PublicToX25519 } from '../crypto/keys.mjs';
import { get, post } from '../network/http.mjs';
import { messageHash } from '../network/message_hash.mjs';
import { replyIsSigned, signed } from '../network/signed_bytes.mjs';

const day = 24 * 3600 * 1000;
const base64 = (text) => Buffer.from(text).toString('base64');

export function rpc(scene) {
  // A client for `account`, and calls of its swarm: ask gives the body, refused the error.
  const at = (account) => {
    const client = scene.newClient();
    client.account = account;
    const ask = async (method, params) => (await client.callSwarm(account.id, method, params)).body;
    const own = (method, params, signer = account) => ask(method, signed(method, params, signer));
    const refused = async (calling, code, body) => assert.rejects(calling, body ? { code, body } : { code });
    const store = (namespace, text, signer = account) =>
      own('store', { namespace, timestamp: client.now(), ttl: 1 * day, data: base64(text) }, signer);
    const read = async (namespace, signer = account) => {
      const { messages } = await own('retrieve', { namespace, timestamp: client.now() }, signer);
      return messages.map(({ data }) => Buffer.from(data, 'base64').toString());
    };
    return { client, ask, own, refused, store, read };
  };

  it('the front door says what it has and what not', async () => {
    const [node] = scene.nodes;
    const base = `https://${node.ip}:${node.port}`;
    const missing = await get(`${base}/swarms/1`);
    assert.deepEqual([missing.status, missing.body.toString()], [404, 'get /swarms/1 Not Found']);
    const stats = await get(`${base}/get_stats/v1`);
    assert.deepEqual(JSON.parse(stats.body), { version: '2.8.0' });
    assert.equal(stats.headers['content-type'], 'application/json');
    assert.equal(stats.headers.server, 'Oxen Storage Server/2.8.0');
    const ping = await post(`${base}/ping_test/v1`, '');
    assert.deepEqual([ping.status, ping.body.length], [200, 0]);
    assert.equal(Buffer.from(ping.headers['x-oxen-snode-pubkey'], 'base64').toString('hex'), node.ed25519);
    const old = await post(`${base}/storage_rpc/v1`, '{}', { headers: { 'X-Loki-Long-Poll': '1' } });
    assert.equal(old.status, 410);
    const info = await post(`${base}/storage_rpc/v1`, '{"method":"info","params":{}}');
    assert.equal(info.headers['content-type'], 'application/json');
    const refused = await post(`${base}/storage_rpc/v1`, '{"method":"info"}');
    assert.match(refused.headers['content-type'], /^text\/plain/);
    assert.deepEqual([refused.status, refused.body.toString()], [400, 'invalid json: no `params` field']);
  });

  it('fields may have the forms that clients use', async () => {
    const { client, ask, refused } = at(Account.create());
    const { account } = client;
    const data = base64('x');
    const common = { data, namespace: 0 };
    const forms = [
      { ...common, pubKey: account.id, timestamp: String(client.now()), ttl: String(day) },
      { ...common, pubkey: account.id, timestamp: client.now(), expiry: client.now() + day, signature: null },
      { ...common, pubkey: account.id.toUpperCase(), timestamp: client.now(), ttl: 10_000 },
    ];
    for (const form of forms)
      assert.equal((await ask('store', form)).hash, messageHash(account.id, 0, Buffer.from('x')));
    const retrieve = signed('retrieve', { timestamp: client.now() }, account);
    for (const form of [
      { lastHash: '', maxSize: 5 },
      { last_hash: null },
      { last_hash: 'A'.repeat(43) },
      { signature: retrieve.signature.replace(/=+$/, '') },
      { max_count: 5, max_size: -1 },
    ])
      assert.equal((await ask('retrieve', { ...retrieve, ...form })).messages.length, 1, JSON.stringify(form));
    for (const [params, why] of [
      [{ ...retrieve, pubKey: account.id }, "Cannot specify both 'pubkey' and 'pubKey'"],
      [{ ...retrieve, timestamp: String(retrieve.timestamp) }, /^invalid request: .*'timestamp'/],
      [{ ...retrieve, timestamp: 5 }, "Invalid timestamp for 'timestamp': timestamp must be in milliseconds"],
      [{ ...retrieve, namespace: 40_000 }, "Invalid value given for 'namespace': value out of range"],
      [{ ...retrieve, signature: undefined }, "Required field 'signature' missing"],
    ])
      await refused(ask('retrieve', params), 400, why instanceof RegExp ? why : `invalid request: ${why}`);
  });

  it('what fits is given, the rest is announced, and a hash goes on from there', async () => {
    const { client, ask, store } = at(Account.create());
    const texts = Array.from({ length: 5 }, (_, i) => `number ${i}`);
    for (const text of texts) await store(0, text);
    const [node] = await client.swarmOf(client.account.id);
    client.swarms.set(client.account.id, [node]); // the order of messages is each node's own
    const seen = [];
    for (let last_hash = ''; ; ) {
      const params = { last_hash, max_count: 2, timestamp: client.now() };
      const { messages, more } = await ask('retrieve', signed('retrieve', params, client.account));
      seen.push(...messages.map((m) => Buffer.from(m.data, 'base64').toString()));
      assert.ok(messages.length <= 2);
      assert.equal(more, seen.length < texts.length);
      if (!more) break;
      last_hash = messages.at(-1).hash;
    }
    assert.deepEqual(seen, texts);
  });

  it('batch does all, sequence stops at what fails, ifelse chooses', async () => {
    const { ask, refused, client } = at(Account.create());
    const info = { method: 'info', params: {} };
    const failing = { method: 'retrieve', params: { pubkey: client.account.id } };
    const codes = async (method, requests) => (await ask(method, { requests })).results.map((r) => r.code);
    assert.deepEqual(await codes('batch', [info, failing, info]), [200, 401, 200]);
    assert.deepEqual(await codes('sequence', [info, failing, info]), [200, 401]);
    assert.deepEqual(await codes('batch', Array(20).fill(info)), Array(20).fill(200));
    const nested = { method: 'batch', params: { requests: [info] } };
    for (const [requests, why] of [
      [Array(21).fill(info), 'subrequest limit exceeded'],
      [[nested], 'subrequests may not contain meta-requests'],
      [[{ method: 'fetch', params: {} }], 'Invalid batch subrequest: invalid method "fetch"'],
    ])
      await assert.rejects(ask('batch', { requests }), (error) => error.code === 400 && error.body.includes(why), why);
    const chosen = async (condition) => ask('ifelse', { if: condition, then: info, else: failing });
    const yes = await chosen({ hf_at_least: [19, 3], v_at_least: [2, 0, 0], height_before: 2 ** 40 });
    assert.deepEqual([yes.condition, yes.result.code], [true, 200]);
    const no = await chosen({ hf_before: [19, 3] });
    assert.deepEqual([no.condition, no.result.code, no.hf.length, no.v.length], [false, 401, 2, 3]);
    assert.equal('result' in (await ask('ifelse', { if: { v_before: [1] }, then: nested })), false);
    await refused(ask('ifelse', { if: {}, then: info }), 400);
  });

  it('the owner shortens and deletes by time and namespace', async () => {
    const { client, own, store, read } = at(Account.create());
    const hashes = {};
    for (const namespace of [0, 2, 3]) hashes[namespace] = (await store(namespace, `in ${namespace}`)).hash;
    const check = async (method, params, part) => {
      const { swarm } = await own(method, params);
      const request = { ...params, pubkey: client.account.id };
      for (const [key, result] of Object.entries(swarm)) {
        assert.deepEqual(
          part(result),
          params.namespace === 'all' ? wrapped(hashes) : [hashes[params.namespace]],
          method,
        );
        assert.ok(replyIsSigned(method, result, request, key), `${method}: the signature of ${key}`);
      }
    };
    const wrapped = (map) => Object.fromEntries(Object.entries(map).map(([name, hash]) => [name, [hash]]));
    const updated = (result) => result.updated;
    const deleted = (result) => result.deleted;
    await check('expire_all', { namespace: 2, expiry: client.now() + 3_600_000 }, updated);
    await check('expire_all', { namespace: 'all', expiry: client.now() + 1_800_000 }, updated);
    await check('delete_all', { namespace: 2, timestamp: client.now() }, deleted);
    assert.deepEqual(await read(2), []);
    delete hashes[2];
    await check('delete_before', { namespace: 3, before: client.now() }, deleted);
    delete hashes[3];
    hashes[5] = (await store(5, 'in 5')).hash;
    await check('delete_before', { namespace: 'all', before: client.now() }, deleted);
    for (const namespace of [0, 5]) assert.deepEqual(await read(namespace), []);
  });

  it('an outbox holds one message that anybody may read', async () => {
    const { client, ask, store, refused } = at(Account.create());
    await store(-1, 'first');
    await store(-1, 'second');
    const { messages } = await ask('retrieve', { pubkey: client.account.id, namespace: -1 });
    assert.deepEqual(
      messages.map((m) => m.data),
      [base64('second')],
    );
    const unsigned = { pubkey: client.account.id, namespace: -1, timestamp: client.now(), ttl: day, data: base64('x') };
    await refused(ask('store', unsigned), 401, 'store: signature required to store to namespace -1');
  });

  it('a group lets members do what their tokens say, until they are revoked', async () => {
    const group = new Group();
    const { client, own, store, read, refused } = at(group);
    const [reader, writer, all] = [rights.read, rights.read | rights.write, 7].map((flags) => group.member(flags));
    const { hash } = await store(11, 'from the admin');
    await store(11, 'from a member', writer);
    assert.deepEqual(await read(11, reader), ['from the admin', 'from a member']);
    await refused(store(11, 'not allowed', reader), 401, 'store signature verification failed');
    await refused(own('delete', { messages: [hash] }, writer), 401, 'delete_msgs signature verification failed');
    await refused(read(11, group.member(7, 5)), 401, 'retrieve signature verification failed');
    const stranger = { ...new Group().member(7), id: group.id };
    await refused(read(11, stranger), 401, 'retrieve signature verification failed');
    const forged = { ...group.member(1), tokenSignature: reader.tokenSignature };
    await refused(read(11, forged), 401, 'retrieve signature verification failed');

    const revoke = { revoke: [writer.token.toString('hex')], timestamp: client.now() };
    const { swarm } = await own('revoke_subaccount', revoke);
    for (const [key, result] of Object.entries(swarm))
      assert.ok(replyIsSigned('revoke_subaccount', result, { ...revoke, pubkey: group.id }, key));
    await refused(read(11, writer), 401, 'retrieve signature verification failed');
    await store(-11, 'you were removed');
    assert.deepEqual(await read(-11, writer), ['you were removed']);
    await own('unrevoke_subaccount', { unrevoke: revoke.revoke, timestamp: client.now() });
    assert.equal((await read(11, writer)).length, 2);
    await own('delete', { messages: [hash] }, all);
    assert.deepEqual(await read(11, reader), ['from a member']);
  });

  it('all active nodes come as one blob, as Android asks for them', async () => {
    const { client } = at(Account.create());
    const { code, body } = await client.call(scene.nodes[0], 'active_nodes_bin', {});
    assert.equal(code, 200);
    const blob = Buffer.from(body, 'base64');
    assert.equal(blob.length, 51 * scene.nodes.length);
    const listed = scene.nodes.map((_, i) => {
      const record = blob.subarray(51 * i, 51 * (i + 1));
      const ed25519 = record.subarray(0, 32);
      return {
        ip: [...record.subarray(40, 44)].join('.'),
        port: record.readUInt16BE(44),
        ed25519: ed25519.toString('hex'),
        x25519: ed25519PublicToX25519(ed25519).toString('hex'),
      };
    });
    const sorted = (nodes) => [...nodes].sort((a, b) => (a.ed25519 < b.ed25519 ? -1 : 1));
    assert.deepEqual(sorted(listed), sorted(scene.nodes));
  });
}
