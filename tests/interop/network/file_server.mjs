// A request to a server outside, through three nodes. onion.md sections 5 and 6.2, attachments.md section 4.
import { buildOnion, parseServerReply, requestOfServer } from './onion.mjs';
import { choosePath, sendOnion } from './onion_route.mjs';

// server: {host, port, protocol, x25519}. Gives {code, headers, body}.
export async function requestThroughOnion(nodes, server, { method, endpoint, headers = {}, body }, type = 'aes-gcm') {
  const hops = choosePath(nodes, {});
  const { host, port, protocol } = server;
  const destination = {
    x25519: server.x25519,
    server: { host, port, protocol, target: '/oxen/v4/lsrpc' },
    plaintext: requestOfServer({ method, endpoint, headers }, body),
  };
  return parseServerReply(await sendOnion(hops[0], buildOnion({ hops, destination, type }), { raw: true }));
}
