// The client: finds an account's swarm, stores messages in it, polls its own. Everything goes over a route: direct, or
// through onions.
import { unwrap, wrap } from './message/envelope.mjs';
import { nodeOfSwarm } from './network/seed.mjs';
import { signed } from './network/signed_bytes.mjs';

const fourteenDays = 14 * 24 * 3600 * 1000;
const oneOf = (list) => list[Math.floor(Math.random() * list.length)];

export class RequestError extends Error {
  constructor(method, code, body) {
    super(`${method}: ${code} ${typeof body === 'string' ? body : JSON.stringify(body)}`);
    Object.assign(this, { code, body });
  }
}

export class Client {
  constructor({ account, nodes, route }) {
    Object.assign(this, { account, nodes, route });
    this.swarms = new Map(); // account ID -> nodes
    this.lastHashes = new Map(); // node's key -> hash: the order of messages is each node's own
    this.seen = new Set(); // hashes, and author and time
    this.clockOffset = 0; // ms to add to our clock, from the `t` of replies. envelope.md section 9
    this.lastTime = 0;
  }

  now() {
    return Date.now() + this.clockOffset;
  }

  // Two messages never have the same time.
  messageTime() {
    this.lastTime = Math.max(this.now(), this.lastTime + 1);
    return this.lastTime;
  }

  async call(node, method, params) {
    const { code, body } = await this.route.call(node, method, params);
    if (Number.isInteger(body?.t)) this.clockOffset = body.t - Date.now();
    return { code, body };
  }

  async swarmOf(accountId) {
    if (!this.swarms.has(accountId)) {
      const { code, body } = await this.call(oneOf(this.nodes), 'get_swarm', { pubkey: accountId });
      if (code !== 200) throw new RequestError('get_swarm', code, body);
      this.swarms.set(accountId, body.snodes.map(nodeOfSwarm));
    }
    return this.swarms.get(accountId);
  }

  // To a node of the account's swarm; a node that is not of it (421) says which are, and one of these is asked.
  // Gives {node, body}.
  async callSwarm(accountId, method, params) {
    for (let attempt = 0; attempt < 3; ++attempt) {
      const node = oneOf(await this.swarmOf(accountId));
      const { code, body } = await this.call(node, method, params);
      if (code === 200) return { node, body };
      if (code !== 421) throw new RequestError(method, code, body);
      if (body?.snodes?.length) this.swarms.set(accountId, body.snodes.map(nodeOfSwarm));
      else this.swarms.delete(accountId);
    }
    throw new Error(`No node would ${method} for ${accountId}.`);
  }

  // As the desktop client does: one request in a sequence, with a time of its own. envelope.md section 6.
  async store(accountId, data, ttl = fourteenDays) {
    const params = {
      pubkey: accountId,
      timestamp: this.now(),
      ttl,
      data: data.toString('base64'),
      namespace: 0,
    };
    for (let attempt = 0; attempt < 3; ++attempt) {
      const { body } = await this.callSwarm(accountId, 'sequence', { requests: [{ method: 'store', params }] });
      const [result] = body.results;
      if (result.code === 200) return { params, result: result.body };
      if (result.code !== 421) throw new RequestError('store', result.code, result.body);
      this.swarms.set(accountId, result.body.snodes.map(nodeOfSwarm));
    }
    throw new Error(`No node would store for ${accountId}.`);
  }

  // Gives {timestamp, result}: the message's time, and what the swarm said.
  async send(recipientId, kind, ttl) {
    const timestamp = this.messageTime();
    const content = { ...kind, sigTimestamp: timestamp };
    return { timestamp, ...(await this.store(recipientId, wrap(content, this.account, recipientId), ttl)) };
  }

  sendText(recipientId, body) {
    const profile = { displayName: 'Interop', lastProfileUpdateSeconds: 1 };
    return this.send(recipientId, { dataMessage: { body, profile } });
  }

  // One poll of one node: the new messages for this account, those that can be read and were not seen before.
  async poll() {
    const node = oneOf(await this.swarmOf(this.account.id));
    const last_hash = this.lastHashes.get(node.ed25519) ?? '';
    const retrieve = { namespace: 0, last_hash, max_size: -2, timestamp: this.now() };
    const requests = [{ method: 'retrieve', params: signed('retrieve', retrieve, this.account) }];
    const { code, body } = await this.call(node, 'batch', { requests });
    if (code !== 200) throw new RequestError('batch', code, body);
    const [result] = body.results;
    if (result.code !== 200) throw new RequestError('retrieve', result.code, result.body);
    const { messages } = result.body;
    if (messages.length) this.lastHashes.set(node.ed25519, messages.at(-1).hash);
    return messages.map((stored) => this.read(stored)).filter(Boolean);
  }

  read(stored) {
    if (this.seen.has(stored.hash) || !stored.data) return undefined;
    this.seen.add(stored.hash);
    try {
      const message = unwrap(Buffer.from(stored.data, 'base64'), this.account);
      const identity = `${message.author} ${message.timestamp}`;
      if (this.seen.has(identity)) return undefined;
      this.seen.add(identity);
      return { ...message, stored };
    } catch (error) {
      this.dropped = error; // the tests show why
      return undefined;
    }
  }

  // Polls until a message fits, or the time is over.
  async waitFor(fits, what, seconds = 30) {
    const end = Date.now() + seconds * 1000;
    const others = [];
    while (Date.now() < end) {
      const messages = await this.poll();
      const found = messages.find(fits);
      if (found) return found;
      others.push(...messages);
      await new Promise((resume) => setTimeout(resume, 50));
    }
    const seen = others.map((m) => JSON.stringify(m.content)).join('\n') || 'nothing';
    throw new Error(
      `${what} did not come within ${seconds} s. What came: ${seen}. Dropped: ${this.dropped ?? 'nothing'}`,
    );
  }
}
