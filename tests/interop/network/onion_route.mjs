// A call of a node through three others. onion.md sections 2, 6, 8 and 10.
import { jsonOrText } from './direct_route.mjs';
import { post } from './http.mjs';
import { buildOnion, callOfNode } from './onion.mjs';

// An error along the path: in plain text, because no hop but the last can encrypt for us. `node`: the one at fault, if
// that is known. `status`: 0 when the guard itself does not answer.
export class PathError extends Error {
  constructor(status, text, guard) {
    super(`${status} ${text}`);
    const [, node = guard?.ed25519] =
      /^Next node (?:not found|is currently unreachable): ([0-9a-f]{64})/.exec(text) ?? [];
    Object.assign(this, { status, text, node });
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

// Posts an onion to its guard; gives the decrypted answer's bytes, or throws PathError. raw: the answer is not base64.
// by: see buildOnion.
export async function sendOnion(guard, onion, { raw = false, by } = {}) {
  const { status, body } = await post(`https://${guard.ip}:${guard.port}/onion_req/v2`, onion.body, {
    timeout: 30_000,
    headers: { 'User-Agent': 'WhatsApp', 'Accept-Language': 'en-us' },
  }).catch((error) => {
    throw new PathError(0, `The guard does not answer: ${error.message}`, guard);
  });
  if (status !== 200) throw new PathError(status, body.toString());
  if (raw) return onion.open(body, by);
  const text = body.toString();
  return onion.open(Buffer.from(text.startsWith('{') ? JSON.parse(text).result : text, 'base64'), by);
}

// type: 'aes-gcm' as the desktop and Android clients do, 'xchacha20' as libsession does.
// control: what the destination is told about the form of its answer.
export function onionRoute(nodes, { type = 'aes-gcm', control = { headers: '' } } = {}) {
  const usable = [...nodes];
  const attempt = async (node, plaintext) => {
    const hops = choosePath(usable, node);
    const onion = buildOnion({ hops, destination: { ...node, plaintext }, type });
    return sendOnion(hops[0], onion, { raw: control.base64 === false });
  };
  // A hop that another one cannot find or reach is left out, and the next attempt takes another path.
  const attempts = async (node, plaintext, left = 3) => {
    try {
      return await attempt(node, plaintext);
    } catch (error) {
      if (!error.node || left === 0) throw error;
      const at = usable.findIndex((hop) => hop.ed25519 === error.node);
      if (at >= 0) usable.splice(at, 1);
      return attempts(node, plaintext, left - 1);
    }
  };
  return {
    name: `onion, ${type}`,
    async call(node, method, params) {
      const answer = JSON.parse(await attempts(node, callOfNode({ jsonrpc: '2.0', method, params }, control)));
      const { body } = answer;
      return { code: answer.status ?? answer.status_code, body: typeof body === 'string' ? jsonOrText(body) : body };
    },
  };
}
