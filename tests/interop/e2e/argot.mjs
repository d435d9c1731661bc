// The real program, as people start it: a network on this machine, accounts, a bot, single messages.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.mjs';

const run = promisify(execFile);

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

export class Argot {
  // dir: everything is kept in there; what an earlier run left is stopped and removed.
  static async inside(program, dir) {
    const argot = new Argot();
    Object.assign(argot, { program: resolve(program), dir: resolve(dir), children: new Map() });
    await argot.stopNetwork().catch(() => {}); // there is none, usually
    rmSync(argot.dir, { recursive: true, force: true });
    mkdirSync(argot.dir, { recursive: true });
    return argot;
  }

  // Runs a verb to its end; gives its lines of JSON. Throws, with what it wrote, when it fails.
  async json(...words) {
    const { stdout } = await run(this.program, ['--json', ...words], { timeout: 60_000 });
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  get network() {
    return join(this.dir, 'network');
  }

  // Gives the lines of the nodes: address, key, swarm.
  async startNetwork(...options) {
    const nodes = await this.json('devnet', '--dir', this.network, 'up', ...options);
    return nodes.map(({ line }) => line);
  }

  async stopNetwork() {
    await this.json('devnet', '--dir', this.network, 'down');
  }

  // A client of that network with a new account; gives {id, phrase, profile}.
  async newAccount(name) {
    const profile = join(this.dir, `${name}.yaml`);
    writeFileSync(
      profile,
      `data: ${join(this.dir, name)}
log: warning
plugins:
  network: os
  directory: {use: static, file: ${join(this.network, 'nodes.txt')}}
  transport: {use: swarm, route: direct, poll_interval: 200ms}
  crypto: [session]
  storage: sqlite
`,
    );
    const [account] = await this.json('account', 'new', '--profile', profile);
    return { ...account, profile };
  }

  // Gives {host, port, protocol, x25519}.
  async startFileServer() {
    const profile = join(this.dir, 'files.yaml');
    const announcement = join(this.dir, 'files.line');
    writeFileSync(
      profile,
      `data: ${join(this.dir, 'files')}
plugins:
  network: os
  app: {use: file-server, listen: 127.0.0.1:0, announce_file: ${announcement}, min_free: 0}
`,
    );
    this.start('files', ['run', profile]);
    const line = await eventually(() => existsSync(announcement) && readFileSync(announcement, 'utf8'));
    const [, host, port, x25519] = /^http:\/\/(.*):(\d+)#p=\w+ (\w+)\n/.exec(line);
    return { host, port: Number(port), protocol: 'http', x25519 };
  }

  // A verb that goes on until end() or stop(). What it says is kept in NAME.out and NAME.log.
  start(name, words) {
    const [out, log] = ['out', 'log'].map((kind) => openSync(join(this.dir, `${name}.${kind}`), 'a'));
    const child = spawn(this.program, words, { stdio: ['ignore', out, log] });
    const ended = new Promise((end) => child.once('exit', end));
    this.children.set(name, { child, ended });
  }

  // The line of JSON with this text in it, once it is there.
  async said(name, text) {
    const read = (kind) => readFileSync(join(this.dir, `${name}.${kind}`), 'utf8');
    const { child } = this.children.get(name);
    const line = await eventually(() => {
      if (child.exitCode !== null) throw new Error(`${name} has ended with ${child.exitCode}: ${read('log')}`);
      return read('out')
        .split('\n')
        .find((line) => line.includes(text));
    });
    return JSON.parse(line);
  }

  // Asks it to stop; gives how it ended.
  async end(name) {
    const { child, ended } = this.children.get(name);
    this.children.delete(name);
    child.kill('SIGTERM');
    return { name, code: await ended, log: readFileSync(join(this.dir, `${name}.log`), 'utf8') };
  }

  // Gives how each ended: {name, code, log}.
  async stop() {
    const ends = await Promise.all([...this.children.keys()].map((name) => this.end(name)));
    await this.stopNetwork();
    return ends;
  }
}
