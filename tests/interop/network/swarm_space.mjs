// Which swarm keeps an account's messages. snode_api.md section 6.
const ring = 1n << 64n;
const clockwise = (from, to) => (to - from + ring) % ring;

export function swarmSpace(accountId) {
  const key = Buffer.from(accountId, 'hex').subarray(1);
  return [0, 8, 16, 24].reduce((sum, at) => sum ^ key.readBigUInt64BE(at), 0n);
}

export function swarmOf(accountId, swarmIds) {
  const space = swarmSpace(accountId);
  const ids = [...swarmIds].sort((a, b) => (a < b ? -1 : 1));
  const at = ids.findIndex((id) => id >= space);
  const right = ids[at < 0 ? 0 : at];
  const left = ids.at((at < 0 ? 0 : at) - 1);
  return clockwise(space, right) < clockwise(left, space) ? right : left;
}
