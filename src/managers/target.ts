/**
 * Where managed objects live, as whoever uses them has to know it.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, addressText } from '../connections/address.ts';

/** A server of managed objects. */
export interface Target {
  readonly address: Address;
  /** Another one each time that it is started; empty where only the address is known. */
  readonly id: string;
  /** `null` lets in everybody who reaches the address; only where a user has said so. */
  readonly key: Uint8Array | null;
  /** Whether the key was made here and is known to this program's own threads and processes only. */
  readonly family: boolean;
  /** Longest message, bytes. */
  readonly maxMessage: number;
}

/** A managed object on its way to another thread or process. */
export interface Token {
  readonly target: Target;
  readonly object: string;
  /** Keeps the object until it arrives. */
  readonly ticket: string;
  readonly description: Description;
}

/** What an object shows. */
export interface Description {
  /** Name of its class. */
  readonly name: string;
  readonly methods: readonly string[];
  readonly properties: readonly string[];
  /** Whether it can be iterated over. */
  readonly iterable: boolean;
  /** Whether it is what iterating gives. */
  readonly iterator: boolean;
}

/** An address that nobody can guess. On Linux it is no file, so nothing is left behind, whoever is killed. */
export function privateAddress(platform: NodeJS.Platform = process.platform): Address {
  const name = `manyhands-${process.pid}-${randomBytes(12).toString('hex')}`;
  if (platform === 'linux') return { path: `\0${name}` };
  return { path: platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name) };
}

/** A key that nobody can guess. */
export const privateKey = (): Uint8Array => new Uint8Array(randomBytes(32));

/** Where it is, for people. */
export function placeOf({ address, family }: Target): string {
  const pid = /manyhands-(\d+)-/.exec(address.path ?? '')?.[1];
  return family && pid !== undefined ? `process ${pid}` : addressText(address);
}

/** What tells two servers apart. */
export const sameTarget = (one: Target, other: Target): boolean => nameOf(one) === nameOf(other);

/** A name for a table. */
export function nameOf({ address: { path, host, port }, id, key }: Target): string {
  const text = key === null ? '' : Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
  return JSON.stringify([path, host, port, id, key === null, text]);
}
