// A network of another make: nodes that do what the texts say and nothing more, so that Argot's client is seen to need
// nothing else. They are of one swarm and share their memory; each listens at an address of its own, with the kind of
// certificate that the network's nodes have, and passes onions on. What a caller does wrong is kept in `complaints`.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { Account } from '../account/account.mjs';
import { ed25519PublicToX25519, ed25519Verify } from '../crypto/keys.mjs';
import { encryptions, nodeKey } from '../network/hop_encryption.mjs';
import { messageHash } from '../network/message_hash.mjs';
import { parseCombined } from '../network/onion.mjs';
import { requestBytes } from '../network/signed_bytes.mjs';

const day = 24 * 3600 * 1000;
const hf = [19, 4];

class Refusal extends Error {
  constructor(code, text) {
    super(text);
    this.code = code;
  }
}

function demand(condition, code, text) {
  if (!condition) throw new Refusal(code, text);
}

export class OtherNetwork {
  constructor(folder, count) {
    this.messages = []; // {account, namespace, hash, timestamp, expiration, data}, in the order they came
    this.complaints = [];
    this.seen = []; // {method, how}: every call, and the number of hops it came through
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
    const subject = ['-subj', '/C=AU/CN=localhost/O=Oxen', '-days', '10000'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject],
      {
        stdio: 'ignore',
      },
    );
    this.tls = { key: readFileSync(key), cert: readFileSync(cert) };
    this.nodes = Array.from({ length: count }, (_, i) => ({ identity: Account.create(), ip: `127.1.${i + 1}.1` }));
  }

  async start() {
    for (const node of this.nodes) {
      node.server = https.createServer(this.tls, (request, response) => this.serve(node, request, response));
      node.server.listen(0, node.ip);
      await new Promise((listening) => node.server.once('listening', listening));
      node.port = node.server.address().port;
      node.key = node.identity.ed25519.toString('hex');
    }
  }

  stop() {
    for (const { server } of this.nodes) server.close();
    for (const { server } of this.nodes) server.closeAllConnections();
  }

  // What a directory file of Argot says about them.
  lines() {
    return this.nodes.map(({ ip, port, key }) => `${ip}:${port} ${key} 0\n`).join('');
  }

  async serve(node, request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    let answer = { status: 404, text: `${request.method.toLowerCase()} ${request.url} Not Found` };
    if (request.method === 'POST' && request.url === '/storage_rpc/v1') answer = this.call(node, body, 0);
    else if (request.method === 'POST' && request.url === '/onion_req/v2') answer = this.peel(node, body, 1);
    else this.complaints.push(answer.text);
    response.writeHead(answer.status, {
      Server: 'Oxen Storage Server/2.8.0',
      'Content-Type': answer.json ? 'application/json' : 'text/plain',
    });
    response.end(answer.text);
  }

  // One layer of an onion. Errors are in clear, except those of the destination.
  peel(node, payload, hop) {
    const failure = (status, text) => {
      this.complaints.push(text);
      return { status, text };
    };
    let type, key, inner;
    try {
      const { ciphertext, control } = parseCombined(payload);
      type = control.enc_type ?? 'aes-gcm';
      const ephemeral = Buffer.from(control.ephemeral_key, 'hex');
      key = nodeKey(type, node.identity.x25519Secret, node.identity.x25519, ephemeral);
      inner = encryptions[type].decrypt(key, ciphertext);
    } catch (error) {
      return failure(400, `Invalid ciphertext: ${error.message}`);
    }
    const { ciphertext, control } = parseCombined(inner);
    if ('headers' in control) {
      const { status, text, json } = this.call(node, ciphertext, hop);
      const body = json && control.json ? JSON.parse(text) : text;
      const reply = encryptions[type].encrypt(key, Buffer.from(JSON.stringify({ body, status })));
      return { status: 200, text: control.base64 === false ? reply : reply.toString('base64') };
    }
    const next = this.nodes.find((other) => other.key === control.destination);
    if (!next) return failure(502, `Next node not found: ${control.destination}`);
    if (next === node) this.complaints.push('An onion goes to the same node twice in a row.');
    const { ephemeral_key, enc_type } = control;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(ciphertext.length);
    return this.peel(
      next,
      Buffer.concat([length, ciphertext, Buffer.from(JSON.stringify({ ephemeral_key, enc_type }))]),
      hop + 1,
    );
  }

  call(node, body, hops) {
    try {
      const { method, params } = JSON.parse(body);
      const result = this.execute(node, method, params, hops);
      return { status: 200, json: true, text: JSON.stringify(result) };
    } catch (error) {
      this.complaints.push(`${body.subarray(0, 300)}: ${error.message}`);
      return { status: error.code ?? 500, text: error.message };
    }
  }

  execute(node, method, params, hops) {
    demand(Object.hasOwn(this.methods, method), 400, `no method ${method}`);
    demand(params !== null && typeof params === 'object', 400, 'invalid json: no `params` field');
    this.seen.push({ method, hops });
    return this.methods[method].call(this, node, params, hops);
  }

  // Whoever reads or changes an account's messages signs with the account's own key, within 60 s.
  authenticate(method, p) {
    demand(/^05[0-9a-f]{64}$/.test(p.pubkey), 400, 'invalid request: Pubkey must be 66 hex digits (33 bytes) long');
    demand(/^[0-9a-f]{64}$/.test(p.pubkey_ed25519), 400, 'invalid pubkey_ed25519: value is not hex');
    const key = Buffer.from(p.pubkey_ed25519, 'hex');
    demand('05' + ed25519PublicToX25519(key).toString('hex') === p.pubkey, 401, `${method}: another account's key`);
    demand(/^[A-Za-z0-9+/]{86}(==)?$/.test(p.signature), 400, 'invalid signature');
    const time = p.sig_timestamp ?? p.timestamp;
    demand(Number.isInteger(time) && Math.abs(time - Date.now()) <= 60_000, 406, `${method} timestamp too far`);
    const right = ed25519Verify(key, requestBytes(method, p), Buffer.from(p.signature, 'base64'));
    demand(right, 401, `${method} signature verification failed`);
  }

  get swarmReply() {
    const snodes = this.nodes.map(({ ip, port, key, identity }) => ({
      address: `${key}.snode`,
      ip,
      port: String(port),
      port_https: port,
      port_omq: port + 1,
      port_quic: port + 1,
      pubkey_ed25519: key,
      pubkey_legacy: key,
      pubkey_x25519: identity.x25519.toString('hex'),
    }));
    return { hf, snodes, swarm: '0', t: Date.now() };
  }

  methods = {
    info: () => ({ hf, t: Date.now(), timestamp: Date.now(), version: [2, 8, 0] }),
    get_swarm: () => this.swarmReply,
    batch(node, { requests }, hops) {
      demand(Array.isArray(requests) && requests.length >= 1 && requests.length <= 20, 400, 'invalid request');
      const results = requests.map((r) => this.call(node, Buffer.from(JSON.stringify(r)), hops));
      return {
        results: results.map(({ status, json, text }) => ({ body: json ? JSON.parse(text) : text, code: status })),
      };
    },
    sequence(node, params, hops) {
      return this.methods.batch.call(this, node, params, hops);
    },
    store(node, p) {
      demand(Number.isInteger(p.namespace ?? 0), 400, "Invalid value given for 'namespace'");
      if ((p.namespace ?? 0) % 10 !== 0) this.authenticate('store', p);
      demand(/^05[0-9a-f]{64}$/.test(p.pubkey), 400, 'invalid request: Pubkey must be 66 hex digits (33 bytes) long');
      demand(
        Number.isInteger(p.timestamp) && p.timestamp <= Date.now() + 10_000,
        406,
        'Timestamp error: check your clock',
      );
      demand(Number.isInteger(p.ttl) && p.ttl >= 10_000 && p.ttl <= 14 * day, 403, 'Provided expiry/TTL is not valid.');
      demand(/^[A-Za-z0-9+/]+={0,2}$/.test(p.data) && p.data.length <= 102_400, 400, "Invalid 'data' value");
      const [account, namespace] = [p.pubkey, p.namespace ?? 0];
      const hash = messageHash(account, namespace, Buffer.from(p.data, 'base64'));
      const [timestamp, expiration] = [p.timestamp, p.timestamp + p.ttl];
      const already = this.messages.some((m) => m.hash === hash);
      if (!already) this.messages.push({ account, namespace, hash, timestamp, expiration, data: p.data });
      const part = ({ identity }) => ({
        ...(already ? { already: true } : {}),
        expiry: expiration,
        hash,
        signature: identity.sign(Buffer.from(hash)).toString('base64'),
      });
      const swarm = Object.fromEntries(this.nodes.map((member) => [member.key, part(member)]));
      return { hash, hf, swarm, t: Date.now() };
    },
    // Answers at once: whoever wants to wait has to ask again.
    retrieve(node, p) {
      this.authenticate('retrieve', p);
      demand(!p.last_hash || /^[A-Za-z0-9+/]{43}$/.test(p.last_hash), 400, 'Invalid last_hash');
      const own = this.messages.filter((m) => m.account === p.pubkey && m.namespace === (p.namespace ?? 0));
      const after = own.slice(own.findIndex((m) => m.hash === p.last_hash) + 1);
      const messages = after.map(({ data, expiration, hash, timestamp }) => ({ data, expiration, hash, timestamp }));
      return { hf, messages, more: false, t: Date.now() };
    },
  };
}
