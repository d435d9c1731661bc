// Onions: the forms of an answer, and what goes wrong along the path.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Account } from '../account/account.mjs';
import { post } from '../network/http.mjs';
import { buildOnion, callOfNode } from '../network/onion.mjs';
import { choosePath, onionRoute, sendOnion } from '../network/onion_route.mjs';

const types = ['aes-gcm', 'xchacha20'];
const info = callOfNode({ method: 'info', params: {} });

export function onions(scene) {
  // A path, a destination, and the onion for it, changed as `change` says.
  const onionTo = (plaintext, { type, change = (ends) => ends } = {}) => {
    const [node] = scene.nodes;
    const { hops, destination } = change({ hops: choosePath(scene.nodes, node), destination: { ...node, plaintext } });
    return { guard: hops[0], onion: buildOnion({ hops, destination, type }) };
  };
  const answerTo = async (plaintext, options = {}) => {
    const { guard, onion } = onionTo(plaintext, options);
    return JSON.parse(await sendOnion(guard, onion, options));
  };

  it('the answer has the form that was asked for', async () => {
    for (const type of [...types, 'aes-cbc'])
      for (const control of [
        { headers: '' },
        { headers: {} },
        { body: null, headers: {} },
        { headers: {}, base64: false },
        { headers: '', unknown: [1] },
      ]) {
        const raw = control.base64 === false;
        const { status, body } = await answerTo(callOfNode({ method: 'info', params: {} }, control), { type, raw });
        assert.equal(status, 200);
        assert.equal(typeof body, 'string');
        assert.deepEqual(JSON.parse(body).hf.length, 2);
      }
    const { body } = await answerTo(callOfNode({ method: 'info', params: {} }, { headers: '', json: true }));
    assert.deepEqual(body.hf.length, 2);
  });

  it('an onion may have fewer hops or more, but not more than fifteen', async () => {
    const around = [...scene.nodes.slice(1), ...scene.nodes.slice(1)];
    const through = (count) => ({ change: ({ destination }) => ({ hops: around.slice(0, count), destination }) });
    for (const count of [1, 2, 5, 15])
      assert.equal((await answerTo(info, through(count))).status, 200, `${count} hops`);
    const text = 'onion request max path length exceeded';
    await assert.rejects(answerTo(info, through(16)), { status: 400, text });
  });

  it('errors of the destination come back encrypted', async () => {
    const cases = [
      [callOfNode({ method: 'fetch', params: {} }), 400, 'no method fetch'],
      [callOfNode({ params: {} }), 400, 'invalid json: no `method` field'],
      [callOfNode('text'), 400, 'invalid json'],
      [callOfNode({ method: 'retrieve', params: { pubkey: Account.create().id } }), [401, 421]],
    ];
    for (const type of types)
      for (const [plaintext, code, text] of cases) {
        const { status, body } = await answerTo(plaintext, { type });
        assert.ok([code].flat().includes(status), `${status} ${body}`);
        if (text) assert.ok(body.includes(text), body);
      }
  });

  it('a hop that no other one knows is named', async () => {
    const unknown = Account.create();
    const stranger = { ed25519: unknown.ed25519.toString('hex'), x25519: unknown.x25519.toString('hex') };
    const text = `Next node not found: ${stranger.ed25519}`;
    const changes = [
      ({ hops, destination }) => ({ hops: [hops[0], stranger, hops[2]], destination }),
      ({ hops, destination }) => ({ hops: [hops[0], hops[1], stranger], destination }),
      ({ hops, destination }) => ({ hops, destination: { ...destination, ...stranger } }),
    ];
    for (const type of types)
      for (const change of changes)
        await assert.rejects(answerTo(info, { type, change }), { status: 502, text, node: stranger.ed25519 });
  });

  it('a layer for another key is refused by the hop that cannot open it', async () => {
    const other = Account.create().x25519.toString('hex');
    for (const type of types)
      for (const wrong of [0, 1, 2]) {
        const change = ({ hops, destination }) => ({
          hops: hops.map((hop, i) => (i === wrong ? { ...hop, x25519: other } : hop)),
          destination,
        });
        await assert.rejects(answerTo(info, { type, change }), { status: 400, text: 'Invalid ciphertext' });
      }
  });

  it('what is not an onion is refused, and the node goes on', async () => {
    const { guard, onion } = onionTo(info);
    const { body } = onion;
    const broken = [
      Buffer.alloc(0),
      Buffer.alloc(3),
      Buffer.concat([Buffer.from('ffffffff', 'hex'), body.subarray(4)]),
      body.subarray(0, -1),
      body.subarray(0, body.length / 2),
      Buffer.from(JSON.stringify({ method: 'info', params: {} })),
    ];
    for (const bytes of broken) {
      const answer = await post(`https://${guard.ip}:${guard.port}/onion_req/v2`, bytes);
      assert.equal(answer.status, 400);
      assert.match(answer.body.toString(), /^Error parsing onion request: /);
    }
    const flipped = Buffer.from(body);
    flipped[40] ^= 1;
    const answer = await post(`https://${guard.ip}:${guard.port}/onion_req/v2`, flipped);
    assert.deepEqual([answer.status, answer.body.toString()], [400, 'Invalid ciphertext']);
    assert.equal((await answerTo(info)).status, 200);
  });

  it('the exit passes onions to servers only where it is allowed, and says so encrypted', async () => {
    const server = { host: '127.0.0.1', port: 9, protocol: 'http', target: '/elsewhere' };
    const change = ({ hops, destination }) => ({ hops, destination: { x25519: destination.x25519, server } });
    const withPlaintext = (ends) => {
      const changed = change(ends);
      changed.destination.plaintext = info;
      return changed;
    };
    assert.deepEqual(await answerTo(info, { change: withPlaintext, by: 2 }), { status: 400, body: 'Invalid url' });
  });

  it('a client whose path breaks takes another', async () => {
    const client = scene.newClient(onionRoute(scene.nodes, { type: 'xchacha20' }));
    await scene.argot.json('devnet', '--dir', scene.argot.network, 'kill', '14');
    try {
      const dead = scene.nodes.find((node) => node.ip === '127.0.14.1');
      const [living] = scene.nodes.filter((node) => node !== dead);
      const [guard, second] = choosePath(
        scene.nodes.filter((node) => node !== dead),
        living,
      );
      const onion = buildOnion({ hops: [guard, second, dead], destination: { ...living, plaintext: info } });
      await assert.rejects(sendOnion(guard, onion), (error) => {
        assert.ok([502, 504].includes(error.status), error.message);
        if (error.status === 502) assert.equal(error.node, dead.ed25519);
        return true;
      });
      client.nodes = scene.nodes.filter((node) => node !== dead);
      for (let i = 0; i < 20; ++i) assert.equal((await client.call(living, 'info', {})).code, 200);
    } finally {
      await scene.argot.json('devnet', '--dir', scene.argot.network, 'restart', '14');
    }
  });
}
