// This client and Argot, over a network of real nodes: node tests/interop/e2e_test.mjs PROGRAM FOLDER
// The folder keeps the logs; what was in it goes.
import { after, before, describe } from 'node:test';
import { conversations } from './e2e/conversations.mjs';
import { directory } from './e2e/directory.mjs';
import { elsewhere } from './e2e/elsewhere.mjs';
import { files } from './e2e/files.mjs';
import { onions } from './e2e/onions.mjs';
import { rpc } from './e2e/rpc.mjs';
import { Scene } from './e2e/scene.mjs';
import { senders } from './e2e/senders.mjs';
import { storage } from './e2e/storage.mjs';

const [program, folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node e2e_test.mjs PROGRAM FOLDER');
const parts = { directory, conversations, senders, storage, rpc, onions, files, elsewhere };

describe('a client of another make, and Argot', { timeout: 270_000 }, () => {
  const scene = new Scene(program, folder);
  before(() => scene.start());
  after(() => scene.stop());
  for (const [name, part] of Object.entries(parts)) describe(name, () => part(scene));
});
