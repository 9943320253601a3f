/**
 * Clients that have not authenticated themselves: how many, and how long.
 *
 * How it works  In order of arrival. One over the limit, and somebody has to go: first those who have been refused, and are still here
 *               to read that; then the oldest. An honest client is done in two round trips, so whoever has been here longest is the
 *               least likely to be one. Whoever takes too long goes as well.
 * Ordering      A socket is closed, or about to be, before anybody is told why.
 * Invariants    1. Never more than the limit, those who were refused included. 2. No timer is left behind, and none keeps the process alive.
 * @module
 */
import type { Socket } from 'node:net';
import { AddressError } from '../errors/connection-errors.ts';
import { TimeoutError } from '../errors/executor-errors.ts';
import { dismiss } from './linger.ts';

/** By what a stranger is found again: its socket, or under TLS its address, since TLS makes another socket of it. */
export type StrangerKey = Socket | string;

interface Stranger {
  readonly socket: Socket;
  readonly timer: NodeJS.Timeout | undefined;
}

/** Longest time that Node's timers know. */
const LONGEST = 2 ** 31 - 1;

/** The strangers of one listener. */
export class Strangers {
  readonly #most: number;
  readonly #timeout: number;
  readonly #onRefused: (error: Error) => void;
  readonly #strangers = new Map<StrangerKey, Stranger>();
  /** Those who were refused, and are told so. */
  readonly #dismissed = new Set<Socket>();

  /**
   * @param timeout milliseconds
   * @param onRefused must not throw
   */
  constructor(most: number, timeout: number, onRefused: (error: Error) => void) {
    this.#most = most;
    this.#timeout = timeout;
    this.#onRefused = onRefused;
  }

  add(key: StrangerKey, socket: Socket): void {
    if (this.#strangers.size + this.#dismissed.size >= this.#most) this.#makeRoom();
    let timer: NodeJS.Timeout | undefined;
    if (this.#timeout <= LONGEST) {
      const late = new TimeoutError(`A client did not authenticate itself within ${this.#timeout} ms.`);
      timer = setTimeout(() => this.expel(key, late), this.#timeout).unref();
    }
    this.#strangers.set(key, { socket, timer });
  }

  /** Takes one out; false when it is not (or no longer) here. */
  remove(key: StrangerKey): boolean {
    const stranger = this.#strangers.get(key);
    if (stranger === undefined) return false;
    clearTimeout(stranger.timer);
    return this.#strangers.delete(key);
  }

  /** Takes one out whose socket is closed, for a reason. */
  refuse(key: StrangerKey, error: Error): void {
    if (this.remove(key)) this.#onRefused(error);
  }

  /** Takes one out, for a reason, and ends its socket once it has what was written to it; it counts until then. */
  dismiss(key: StrangerKey, socket: Socket, error: Error): void {
    if (!socket.destroyed) {
      this.#dismissed.add(socket);
      socket.once('close', () => this.#dismissed.delete(socket));
    }
    dismiss(socket);
    this.refuse(key, error);
  }

  clear(): void {
    for (const [key, { socket }] of this.#strangers) {
      this.remove(key);
      socket.destroy();
    }
  }

  /** Takes one out, for a reason, and closes its socket. */
  expel(key: StrangerKey, error: Error): void {
    this.#strangers.get(key)?.socket.destroy();
    this.refuse(key, error);
  }

  #makeRoom(): void {
    const [dismissed] = this.#dismissed;
    if (dismissed !== undefined) {
      this.#dismissed.delete(dismissed);
      dismissed.destroy();
      return;
    }
    const [oldest] = this.#strangers.keys();
    if (oldest === undefined) return;
    const message = `A client was dropped during the handshake: more than ${this.#most} were at it.`;
    this.expel(oldest, new AddressError(message, { code: 'ERR_CONNECTION_REFUSED' }));
  }
}
