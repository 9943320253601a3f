/**
 * A meeting point for tests: tasks in any kind of worker say that they have come this far, and wait to be let on.
 *
 * How it works  A server on a local socket. A task connects, says its name and waits; the test learns of it at once, with no
 *               polling and no sleep, and lets it go on when it likes. The same for inline workers, threads and processes.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The test's end. */
export class Rendezvous {
  readonly path: string;
  readonly #folder: string | undefined;
  readonly #server: Server;
  readonly #all = new Set<Socket>();
  /** Those that have said their name. */
  readonly #sockets = new Map<Socket, string>();
  readonly #arrived: string[] = [];
  readonly #left: string[] = [];
  #open = false;
  #wake: (() => void)[] = [];

  constructor() {
    this.#folder = process.platform === 'win32' ? undefined : mkdtempSync(join(tmpdir(), 'mh-'));
    this.path =
      this.#folder === undefined ? `\\\\.\\pipe\\mh-${process.pid}-${Math.random()}` : join(this.#folder, 'socket');
    this.#server = createServer((socket) => this.#onSocket(socket));
  }

  static async start(): Promise<Rendezvous> {
    const meeting = new Rendezvous();
    await new Promise<void>((resolve, reject) => {
      meeting.#server.once('error', reject);
      meeting.#server.listen(meeting.path, resolve);
    });
    return meeting;
  }

  /** Names of all that have come, in the order in which they came. */
  get arrived(): readonly string[] {
    return this.#arrived;
  }

  /** Names of all whose connection has ended, which is also how a dead worker shows. */
  get left(): readonly string[] {
    return this.#left;
  }

  /** Resolves once so many have come. */
  async untilArrived(count: number): Promise<readonly string[]> {
    while (this.#arrived.length < count) await this.#change();
    return this.#arrived;
  }

  /** Resolves once so many have gone. */
  async untilLeft(count: number): Promise<readonly string[]> {
    while (this.#left.length < count) await this.#change();
    return this.#left;
  }

  /** Lets all go on that have come and that will come. */
  open(): void {
    this.#open = true;
    for (const socket of this.#sockets.keys()) socket.write('go\n');
  }

  /** Lets one go on. */
  letGo(name: string): void {
    for (const [socket, who] of this.#sockets) if (who === name) socket.write('go\n');
  }

  async close(): Promise<void> {
    for (const socket of this.#all) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #onSocket(socket: Socket): void {
    let text = '';
    this.#all.add(socket);
    socket.setEncoding('utf8');
    socket.on('error', () => {}); // a worker that was killed; `close` follows
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (this.#sockets.has(socket) || !text.includes('\n')) return;
      const name = text.slice(0, text.indexOf('\n'));
      this.#sockets.set(socket, name);
      this.#arrived.push(name);
      if (this.#open) socket.write('go\n');
      this.#changed();
    });
    socket.on('close', () => {
      const name = this.#sockets.get(socket);
      this.#all.delete(socket);
      this.#sockets.delete(socket);
      if (name === undefined) return;
      this.#left.push(name);
      this.#changed();
    });
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #changed(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}

/** Runs a test's body with a meeting point, and closes it afterwards. */
export async function withRendezvous(body: (meeting: Rendezvous) => Promise<void>): Promise<void> {
  const meeting = await Rendezvous.start();
  try {
    await body(meeting);
  } finally {
    await meeting.close();
  }
}
