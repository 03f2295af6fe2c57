// A real server for one test file: its own folder, port and SQLite file, killed and started at will.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const READY_WITHIN_MS = 20_000;

export const AGENTS = {
  ada: { username: 'ada', password: 'correct horse battery', name: 'Ada' },
  bea: { username: 'bea', password: 'staple correct horse', name: 'Bea' },
};

/** Watches and assigns; only on a server that was started with `desk`. */
export const SUPERVISOR = { username: 'cleo', password: 'horse battery staple', name: 'Cleo' };

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** General is pushed, Sales is offered; a supervisor serves Sales. */
const DESK = `
[[agents]]
id = 3
username = "${SUPERVISOR.username}"
password = "${SUPERVISOR.password}"
name = "${SUPERVISOR.name}"
categories = ["Sales"]
permissions = ["watch", "assign", "override"]

[[categories]]
name = "General"
[[categories]]
name = "Sales"
routing = "offer"
queue_limit = 1
`;

function settings(port, folder, { maxChats, desk }) {
  const agents = Object.values(AGENTS).map(
    ({ username, password, name }, index) => `
[[agents]]
id = ${index + 1}
username = "${username}"
password = "${password}"
name = "${name}"
max_chats = ${maxChats}
categories = ["General", "Sales"]
`,
  );
  return `listen = "127.0.0.1:${port}"
store = "${join(folder, 'chatter.db')}"
secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
${desk ? '' : 'categories = ["General", "Sales"]'}
joins_per_minute = 1000
${agents.join('')}${desk ? DESK : ''}`;
}

export class Server {
  #child = null;
  #folder;
  #output = '';

  /** Starts a server whose agents each take up to `maxChats` chats; with `desk` it has offers and a supervisor. */
  static async start({ maxChats = 2, desk = false } = {}) {
    if (!process.env.CHATTER_SERVER) throw new Error('CHATTER_SERVER must name the server program');
    const server = new Server();
    server.#folder = await mkdtemp(join(tmpdir(), 'chatter-pages-'));
    const port = await freePort();
    server.url = `http://127.0.0.1:${port}`;
    await writeFile(join(server.#folder, 'chatter.toml'), settings(port, server.#folder, { maxChats, desk }));
    await server.up();
    return server;
  }

  /** Starts the program and waits until it answers. */
  async up() {
    const args = ['--config', join(this.#folder, 'chatter.toml')];
    const child = spawn(process.env.CHATTER_SERVER, args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (this.#output += data));
    const deadline = Date.now() + READY_WITHIN_MS;
    while (Date.now() < deadline && child.exitCode === null) {
      const answer = await fetch(this.url).catch(() => null);
      if (answer?.ok) return;
      await pause(25);
    }
    throw new Error(`the server did not come up:\n${this.#output}`);
  }

  /** Ends the program as a power cut would end it: SIGKILL. */
  async kill() {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async end() {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
