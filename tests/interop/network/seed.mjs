// The list of nodes from a seed, with the question and the strictness of Session Desktop. registry.md sections 1, 10.
import assert from 'node:assert/strict';
import { post } from './http.mjs';

const wanted = ['public_ip', 'storage_port', 'pubkey_x25519', 'pubkey_ed25519', 'requested_unlock_height', 'height'];
const isKey = (text) => /^[0-9a-f]{64}$/.test(text);

// seed: like http://127.0.0.1:22020
export async function nodesOfSeed(seed) {
  const question = {
    jsonrpc: '2.0',
    method: 'get_n_service_nodes',
    params: { active_only: true, fields: Object.fromEntries(wanted.map((name) => [name, true])) },
  };
  const answer = await post(`${seed}/json_rpc`, JSON.stringify(question), { timeout: 5000 });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'application/json');
  const { result } = JSON.parse(answer.body);
  assert.equal(typeof result.height, 'number');
  for (const state of result.service_node_states) assert.equal(typeof state.requested_unlock_height, 'number');
  const nodes = result.service_node_states
    .filter((s) => s.public_ip !== '0.0.0.0' && isKey(s.pubkey_ed25519) && isKey(s.pubkey_x25519))
    .map((s) => ({ ip: s.public_ip, port: s.storage_port, ed25519: s.pubkey_ed25519, x25519: s.pubkey_x25519 }));
  return { nodes, height: result.height };
}

// A node as get_swarm and the body of a 421 write it. snode_api.md section 4.9.
export const nodeOfSwarm = (snode) => ({
  ip: snode.ip,
  port: Number(snode.port),
  ed25519: snode.pubkey_ed25519,
  x25519: snode.pubkey_x25519,
});
