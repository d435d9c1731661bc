// A call of a node through three others. onion.md sections 2, 6, 8 and 10.
import { jsonOrText } from './direct_route.mjs';
import { post } from './http.mjs';
import { buildOnion, callOfNode } from './onion.mjs';

// An error along the path: in plain text, because no hop but the last can encrypt for us.
export class PathError extends Error {
  constructor(status, text) {
    super(`${status} ${text}`);
    Object.assign(this, { status, text });
  }
}

const subnet = (node) => node.ip.split('.').slice(0, 3).join('.');

// Three different nodes, no two in one /24, without the destination.
export function choosePath(nodes, destination, random = Math.random) {
  const path = [];
  const rest = nodes.filter((node) => node.ed25519 !== destination.ed25519);
  while (path.length < 3) {
    const fitting = rest.filter((node) => !path.some((hop) => subnet(hop) === subnet(node)));
    if (fitting.length === 0) throw new Error(`No path of three hops among ${nodes.length} nodes.`);
    path.push(fitting[Math.floor(random() * fitting.length)]);
  }
  return path;
}

// Posts an onion to its guard; gives the decrypted answer's bytes, or throws PathError.
export async function sendOnion(guard, onion, { raw = false } = {}) {
  const { status, body } = await post(`https://${guard.ip}:${guard.port}/onion_req/v2`, onion.body, {
    timeout: 30_000,
    headers: { 'User-Agent': 'WhatsApp', 'Accept-Language': 'en-us' },
  });
  if (status !== 200) throw new PathError(status, body.toString());
  if (raw) return onion.open(body);
  const text = body.toString();
  return onion.open(Buffer.from(text.startsWith('{') ? JSON.parse(text).result : text, 'base64'));
}

// type: 'aes-gcm' as the desktop and Android clients do, 'xchacha20' as libsession does.
// control: what the destination is told about the form of its answer.
export function onionRoute(nodes, { type = 'aes-gcm', control = { headers: '' } } = {}) {
  return {
    name: `onion (${type})`,
    async call(node, method, params) {
      const hops = choosePath(nodes, node);
      const plaintext = callOfNode({ jsonrpc: '2.0', method, params }, control);
      const onion = buildOnion({ hops, destination: { ...node, plaintext }, type });
      const answer = JSON.parse(await sendOnion(hops[0], onion, { raw: control.base64 === false }));
      const { body } = answer;
      return { code: answer.status ?? answer.status_code, body: typeof body === 'string' ? jsonOrText(body) : body };
    },
  };
}
