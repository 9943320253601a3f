/**
 * What Node itself has to send values with: a port between threads, the channel of a child process, a Unix socket; each used as one should.
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import type { MessagePort } from 'node:worker_threads';

/** One end. */
export interface Line {
  /** A promise when the system has taken in as much as it wants for now. */
  send(value: unknown, moved?: ArrayBuffer[]): Promise<void> | undefined;
  listen(listener: (value: unknown) => void): void;
}

/** A port takes in everything. */
export function portLine(port: MessagePort): Line {
  return {
    send(value, moved = []) {
      port.postMessage(value, moved);
      return undefined;
    },
    listen: (listener) => void port.on('message', listener),
  };
}

/** Messages to a child or parent after which it waits until they are on their way: by far the fastest of what was tried. */
const TURN = 64;

/** The channel between a process and its child, from either side. */
export function ipcLine(channel: ChildProcess | NodeJS.Process): Line {
  let sent = 0;
  return {
    send(value) {
      sent += 1;
      if (sent % TURN > 0) {
        channel.send?.(value as object);
        return undefined;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      channel.send?.(value as object, undefined, undefined, () => resolve());
      return promise;
    },
    listen: (listener) => void channel.on('message', listener),
  };
}

/** Bytes before each frame: its length, and whether it is bytes as they are. */
const HEAD = 5;
const BATCH = 2 ** 16;

/**
 * A socket: frames with their length before them. Small ones go out together, at the end of the turn or when they are 64 KiB; byte arrays
 * are not serialized.
 */
export function socketLine(socket: Socket): Line {
  let batch = Buffer.allocUnsafe(BATCH);
  let filled = 0;
  let drained: PromiseWithResolvers<void> | undefined;
  socket.on('drain', () => {
    drained?.resolve();
    drained = undefined;
  });

  function put(bytes: Uint8Array, raw: boolean): void {
    const direct = bytes.length > BATCH / 4;
    if (filled + HEAD + (direct ? 0 : bytes.length) > BATCH) flush();
    if (filled === 0) process.nextTick(flush);
    batch.writeUInt32LE(bytes.length, filled);
    batch[filled + 4] = raw ? 1 : 0;
    filled += HEAD;
    if (direct) {
      flush();
      write(bytes);
    } else {
      batch.set(bytes, filled);
      filled += bytes.length;
    }
  }

  function flush(): void {
    if (filled === 0) return;
    write(batch.subarray(0, filled));
    batch = Buffer.allocUnsafe(BATCH);
    filled = 0;
  }

  function write(bytes: Uint8Array): void {
    if (!socket.write(bytes)) drained ??= Promise.withResolvers();
  }

  return {
    send(value) {
      const raw = value instanceof Uint8Array;
      put(raw ? value : serialize(value), raw);
      return drained?.promise;
    },
    listen(listener) {
      const frames = new Frames(listener);
      socket.on('data', (chunk: Buffer) => frames.take(chunk));
    },
  };
}

/** Puts frames together from what a socket gives. A byte array is good until the next one. */
class Frames {
  readonly #listener: (value: unknown) => void;
  /** What has come and is no whole head or small frame. */
  #rest: Buffer = Buffer.alloc(0);
  /** Memory for byte arrays, used again. */
  #large = Buffer.alloc(0);
  /** Bytes of a byte array that have come, and have to come; none is on its way when both are 0. */
  #come = 0;
  #whole = 0;

  constructor(listener: (value: unknown) => void) {
    this.#listener = listener;
  }

  take(chunk: Buffer): void {
    let at = 0;
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = Buffer.concat([this.#rest, chunk]);
      this.#rest = Buffer.alloc(0);
    }
    for (;;) {
      if (this.#whole > 0) {
        at = this.#fill(bytes, at);
        if (this.#whole > 0) return;
      }
      if (at + HEAD > bytes.length) break;
      const length = bytes.readUInt32LE(at);
      if (bytes[at + 4] === 1) {
        this.#whole = length;
        this.#come = 0;
        if (this.#large.length !== length) this.#large = Buffer.alloc(length);
        at += HEAD;
      } else {
        if (at + HEAD + length > bytes.length) break;
        this.#listener(deserialize(bytes.subarray(at + HEAD, at + HEAD + length)));
        at += HEAD + length;
      }
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at);
  }

  #fill(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#whole - this.#come);
    this.#large.set(bytes.subarray(at, end), this.#come);
    this.#come += end - at;
    if (this.#come === this.#whole) {
      this.#whole = 0;
      this.#listener(this.#large);
    }
    return end;
  }
}
