// The list of nodes, and which of them keep whose messages.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Account } from '../account/account.mjs';
import { ed25519PublicToX25519 } from '../crypto/keys.mjs';
import { nodeOfSwarm, nodesOfSeed } from '../network/seed.mjs';
import { signed } from '../network/signed_bytes.mjs';
import { swarmOf } from '../network/swarm_space.mjs';

const byKey = (nodes) => nodes.map((node) => node.ed25519).sort();

export function directory(scene) {
  it('the seed names every node as the desktop client needs it', async () => {
    const { nodes, height } = await nodesOfSeed(scene.seed); // checks the types, and the content type
    assert.ok(height >= 0);
    assert.equal(new Set(nodes.map((n) => `${n.ip}:${n.port}`)).size, 14, 'no two at one address');
    for (const { ed25519, x25519, port } of nodes) {
      assert.equal(ed25519PublicToX25519(Buffer.from(ed25519, 'hex')).toString('hex'), x25519);
      assert.equal(typeof port, 'number');
    }
  });

  it('nodes give the same list through onions, as clients refresh theirs', async () => {
    const client = scene.newClient(scene.route('aes-gcm'));
    const fields = { public_ip: true, storage_port: true, pubkey_x25519: true, pubkey_ed25519: true };
    const params = { endpoint: 'get_service_nodes', params: { active_only: true, fields } };
    for (const node of scene.nodes.slice(0, 3)) {
      const { code, body } = await client.call(node, 'oxend_request', params);
      assert.equal(code, 200);
      const states = body.result.service_node_states;
      const nodes = states.map((s) => ({ ip: s.public_ip, port: s.storage_port, ed25519: s.pubkey_ed25519 }));
      const wanted = scene.nodes.map(({ ip, port, ed25519 }) => ({ ip, port, ed25519 }));
      const sorted = (list) => [...list].sort((a, b) => (a.ed25519 < b.ed25519 ? -1 : 1));
      assert.deepEqual(sorted(nodes), sorted(wanted));
    }
  });

  it('every node names the swarm of an account that the rule gives, and it has at least three nodes', async () => {
    const client = scene.newClient();
    const swarms = new Map(); // id -> keys of its nodes
    const accounts = Array.from({ length: 16 }, () => Account.create().id);
    const answers = [];
    for (const pubkey of accounts) {
      const asked = scene.nodes[answers.length % scene.nodes.length];
      const { body } = await client.call(asked, 'get_swarm', { pubkey });
      for (const node of body.snodes) assert.equal(typeof node.port, 'string');
      const id = BigInt(`0x${body.swarm}`);
      const keys = byKey(body.snodes.map(nodeOfSwarm));
      assert.deepEqual(swarms.get(id) ?? keys, keys, 'all nodes agree');
      assert.ok(keys.length >= 3);
      swarms.set(id, keys);
      answers.push(id);
    }
    const both = [...swarms.keys()];
    accounts.forEach((account, i) => assert.equal(answers[i], swarmOf(account, both)));
    assert.deepEqual(new Set(both), new Set([0n, (1n << 63n) - 1n]), 'two swarms, where the chain puts them');
  });

  it('a node of another swarm says which one is right, and the client goes there', async () => {
    for (const route of ['direct', 'xchacha20']) {
      const client = scene.newClient(scene.route(route));
      const { account } = client;
      const right = await client.swarmOf(account.id);
      const keys = new Set(byKey(right));
      const wrong = scene.nodes.filter((node) => !keys.has(node.ed25519));
      assert.ok(wrong.length > 0);

      const retrieve = signed('retrieve', { timestamp: client.now() }, account);
      const { code, body } = await client.call(wrong[0], 'retrieve', retrieve);
      assert.equal(code, 421);
      assert.deepEqual(byKey(body.snodes.map(nodeOfSwarm)), byKey(right));
      assert.equal(typeof body.t, 'number');

      client.swarms.set(account.id, wrong);
      await client.sendText(account.id, 'to myself'); // a 421 inside a sequence
      client.swarms.set(account.id, right);
      await client.waitFor((m) => m.content.dataMessage?.body === 'to myself', 'the message to oneself');
    }
  });
}
