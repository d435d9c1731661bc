// The name a node gives to a message. snode_api.md section 5.
import { blake2b } from '../crypto/hash.mjs';
import { namespaceText } from './signed_bytes.mjs';

export const messageHash = (accountId, namespace, data) =>
  blake2b(32, [Buffer.from(accountId, 'hex'), Buffer.from(namespaceText(namespace)), data])
    .toString('base64')
    .replace(/=+$/, '');
