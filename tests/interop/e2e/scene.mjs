// What every end-to-end test finds: a network as `argot devnet up` makes it, bots and a person of Argot, and clients
// of this folder.
import assert from 'node:assert/strict';
import { Account } from '../account/account.mjs';
import { Client } from '../client.mjs';
import { directRoute } from '../network/direct_route.mjs';
import { closeConnections } from '../network/http.mjs';
import { onionRoute } from '../network/onion_route.mjs';
import { nodesOfSeed } from '../network/seed.mjs';
import { Argot, freePort } from './argot.mjs';
import { eventually } from './eventually.mjs';

export class Scene {
  constructor(program, folder) {
    Object.assign(this, { program, folder });
  }

  // Fourteen nodes are two swarms by the chain's rule, so that wrong swarms and both paths are met.
  async start() {
    this.argot = await Argot.inside(this.program, this.folder);
    const port = await freePort();
    this.seed = `http://127.0.0.1:${port}`;
    await this.argot.startNetwork('--nodes', '14', '--port', await freePort(), '--seed-port', port);
    this.nodes = await eventually(async () => {
      const { nodes } = await nodesOfSeed(this.seed); // a node that started a moment ago may know no other yet
      return nodes.length === 14 && nodes;
    });
    for (const node of this.nodes)
      await eventually(async () => (await directRoute.call(node, 'info', {})).code === 200); // before: 503, not ready
    this.person = await this.argot.newAccount('person');
    this.bots = {};
    for (const route of ['direct', 'onion']) {
      const bot = (this.bots[route] = await this.argot.newAccount(`bot-${route}`));
      const options = ['--set', `transport.route=${route}`, '--set', 'app=echo'];
      this.argot.start(`bot-${route}`, ['run', bot.profile, ...options]);
    }
  }

  async stop() {
    closeConnections();
    for (const { name, code, log } of (await this.argot?.stop()) ?? [])
      assert.equal(code, 0, `${name} ended so: ${log}`);
  }

  // How this client calls nodes: straight, or in onions as either family of clients makes them.
  route(name) {
    return name === 'direct' ? directRoute : onionRoute(this.nodes, { type: name });
  }

  newClient(route = directRoute) {
    return new Client({ account: Account.create(), nodes: this.nodes, route });
  }
}

export const echoOf = (text, bot) => (message) =>
  message.author === bot.id && message.content.dataMessage?.body === text;
