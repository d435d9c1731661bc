// What account owners sign in requests, and what nodes sign in replies. snode_api.md sections 2.1 and 3.
import { ed25519Verify } from '../crypto/keys.mjs';

export const namespaceText = (namespace) => (namespace === undefined || namespace === 0 ? '' : String(namespace));

const tokens = (list) => [list].flat().map((hex) => Buffer.from(hex, 'hex'));
const byMethod = {
  store: (p) => ['store', namespaceText(p.namespace), p.sig_timestamp ?? p.timestamp],
  retrieve: (p) => ['retrieve', namespaceText(p.namespace), p.timestamp],
  delete: (p) => ['delete', ...p.messages],
  delete_all: (p) => ['delete_all', namespaceText(p.namespace), p.timestamp],
  delete_before: (p) => ['delete_before', namespaceText(p.namespace), p.before],
  expire: (p) => {
    const option = p.shorten ? 'shorten' : p.extend ? 'extend' : '';
    return ['expire', option, ...[p.expiry].flat(), ...p.messages];
  },
  expire_all: (p) => ['expire_all', namespaceText(p.namespace), p.expiry],
  get_expiries: (p) => ['get_expiries', p.timestamp, ...[p.messages].flat()],
  revoke_subaccount: (p) => ['revoke_subaccount', p.timestamp, ...tokens(p.revoke)],
  unrevoke_subaccount: (p) => ['unrevoke_subaccount', p.timestamp, ...tokens(p.unrevoke)],
  monitor: (p) => ['MONITOR', p.pubkey, p.t, p.d, p.n.join(',')],
};

const joined = (parts) =>
  Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(String(part)))));

export const requestBytes = (method, params) => joined(byMethod[method](params));

// params with what authenticates them. account: an Account, a Group or a member of one (account/).
export function signed(method, params, account) {
  const all = { ...params, pubkey: account.id };
  const { token, tokenSignature, ed25519 } = account;
  return {
    ...all,
    ...(account.id.startsWith('05') ? { pubkey_ed25519: ed25519.toString('hex') } : {}),
    ...(token ? { subaccount: token.toString('base64'), subaccount_sig: tokenSignature.toString('base64') } : {}),
    signature: account.sign(requestBytes(method, all)).toString('base64'),
  };
}

const sorted = (list) => [...list].sort(); // hashes are ASCII, so this is the order of their bytes
// With namespace "all" the hashes come by namespace.
const everywhere = (hashes) => sorted(Object.values(hashes).flat());
const reply = {
  store: (r) => [r.hash],
  delete: (r, q) => [q.pubkey, ...q.messages, ...sorted(r.deleted)],
  delete_all: (r, q) => [q.pubkey, q.timestamp, ...everywhere(r.deleted)],
  delete_before: (r, q) => [q.pubkey, q.before, ...everywhere(r.deleted)],
  expire: (r, q) => [
    q.pubkey,
    ...[r.expiry].flat(),
    ...q.messages,
    ...sorted(r.updated),
    ...sorted(Object.keys(r.unchanged ?? {})).flatMap((hash) => [hash, r.unchanged[hash]]),
  ],
  expire_all: (r, q) => [q.pubkey, q.expiry, ...everywhere(r.updated)],
  revoke_subaccount: (r, q) => [q.pubkey, q.timestamp, ...tokens(q.revoke)],
  unrevoke_subaccount: (r, q) => [q.pubkey, q.timestamp, ...tokens(q.unrevoke)],
};

export const replyBytes = (method, result, params) => joined(reply[method](result, params));

// Whether a node's part of a reply is signed by that node. nodeKey: the member's name in `swarm`.
export const replyIsSigned = (method, result, params, nodeKey) =>
  ed25519Verify(
    Buffer.from(nodeKey, 'hex'),
    replyBytes(method, result, params),
    Buffer.from(result.signature, 'base64'),
  );
