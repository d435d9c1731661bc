// The 1626 words of recovery phrases. A public list (account.md section 1.1), so it is not written out a second time:
// it is read from the messenger's source, and taken only if it has the SHA-256 that the text gives.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const source = new URL('../../../sdk/src/identity/words_english.inc', import.meta.url);
export const words = [...readFileSync(source, 'utf8').matchAll(/^\s*"(.*)"/gm)].flatMap((m) => m[1].trim().split(' '));

const sum = createHash('sha256')
  .update(words.map((word) => word + '\n').join(''))
  .digest('hex');
if (sum !== 'eaa6bce7dd92f4d6dd74f224264e0ef4ad21095d68ec77616b26ceb599baf4f7')
  throw new Error(`${source.pathname} is not the list of words of the protocol.`);
