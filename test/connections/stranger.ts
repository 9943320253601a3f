/**
 * A peer that speaks the protocol by hand, so that it can also speak it wrongly. Written from `src/connections/README.md`, not with its code.
 * @module
 */
import { createHmac, randomBytes } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../../src/index.ts';

export const HELLO = 64;
export const PROOF = 33;
export const MAGIC = '\xb6mnyhnds';

/** How a hello is made; what is left out is right. */
export interface HelloParts {
  readonly magic?: string;
  readonly version?: number;
  readonly role?: number;
  readonly key?: number;
  readonly limit?: number;
  readonly digest?: string;
  readonly nonce?: Buffer;
}

export function hello(parts: HelloParts = {}): Buffer {
  const {
    magic = MAGIC,
    version = 1,
    role = 0,
    key = 1,
    limit = 1_000_000,
    digest = 'sha256',
    nonce = randomBytes(32),
  } = parts;
  const bytes = Buffer.alloc(HELLO);
  bytes.write(magic, 0, 'latin1');
  bytes[8] = version;
  bytes[9] = role;
  bytes[10] = key;
  bytes.writeUInt32LE(limit, 12);
  bytes.write(digest, 16, 'latin1');
  nonce.copy(bytes, 32);
  return bytes;
}

/** A proof, as whoever has the key makes it. */
export function proof(
  key: string,
  by: 'client' | 'listener',
  clientHello: Buffer,
  listenerHello: Buffer,
  answer = 1,
): Buffer {
  const hmac = createHmac('sha256', key).update(`manyhands connection: ${by} says ${answer}\n`);
  return Buffer.concat([Buffer.from([answer]), hmac.update(clientHello).update(listenerHello).digest()]);
}

/** The frame of a message. */
export function frame(kind: number, payload: Uint8Array, length = payload.length): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32LE(length, 0);
  header[4] = kind;
  return Buffer.concat([header, payload]);
}

/** A plain socket that can be read a number of bytes at a time. */
export class Stranger {
  readonly socket: Socket;
  #bytes = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    const change = (): void => {
      for (const wake of this.#wake.splice(0)) wake();
    };
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      change();
    });
    for (const event of ['end', 'close', 'error']) {
      socket.on(event, () => {
        this.#ended = true;
        change();
      });
    }
  }

  /** @param options of the socket: `allowHalfOpen`, for one that stays when the other side has ended */
  static async connect(address: Address, options: { readonly allowHalfOpen?: boolean } = {}): Promise<Stranger> {
    const socket = connect({ ...(address as { readonly path: string }), ...options });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return new Stranger(socket);
  }

  /** Connects and authenticates itself. */
  static async withKey(
    address: Address,
    key: string,
    options: { readonly allowHalfOpen?: boolean } = {},
  ): Promise<Stranger> {
    const stranger = await Stranger.connect(address, options);
    const ours = hello();
    stranger.socket.write(ours);
    const theirs = await stranger.read(HELLO);
    stranger.socket.write(proof(key, 'client', ours, theirs));
    await stranger.read(PROOF);
    return stranger;
  }

  /** So many bytes; fewer when the other side ends before. */
  async read(count: number): Promise<Buffer> {
    while (this.#bytes.length < count && !this.#ended) await new Promise<void>((resolve) => this.#wake.push(resolve));
    const bytes = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(bytes.length);
    return bytes;
  }

  /** All that comes before the other side ends. */
  async readAll(): Promise<Buffer> {
    return await this.read(Number.POSITIVE_INFINITY);
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A server that answers each client as the test says. */
export async function fakeListener(path: string, answer: (client: Stranger) => Promise<void>): Promise<Server> {
  const server = createServer((socket) => void answer(new Stranger(socket)));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
  return server;
}
