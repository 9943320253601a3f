/**
 * Twelve functions of different kinds, each with its inputs.
 *
 * They are exports of this module, so that workers import them; what a function needs is made when it is first called there. Most of them compute in
 * native code: how fast a loop in JavaScript is depends on how the engine comes to compile it, by a half from run to run.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { crc32 } from 'node:zlib';
import type { Lock } from '../../src/index.ts';

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/** Computes in registers, the logistic map: a million rounds take about 4 ms. Compiled code of it is equally fast however the engine comes to it. */
export function compute(rounds: number): number {
  let x = 0.5;
  for (let n = 0; n < rounds; n++) x = 3.9 * x * (1 - x);
  return x;
}

/** Computes a little with much that is sent. */
export const checksum = (bytes: Uint8Array): number => crc32(bytes);

let fields: readonly [Uint8Array, Uint8Array] | undefined;

/** Goes through more memory than the caches hold. */
export function copy(turn: number): number {
  fields ??= [new Uint8Array(16 * MEBIBYTE).fill(1), new Uint8Array(16 * MEBIBYTE)];
  const [from, to] = turn % 2 === 0 ? fields : fields.toReversed();
  (to as Uint8Array).set(from as Uint8Array);
  return 2 * 16 * MEBIBYTE;
}

/** Reads a file with blocking calls. */
export function readFile(path: string): number {
  return readFileSync(path).length;
}

/** Asks a server that answers after some milliseconds. */
export function request(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => (length += chunk.length));
      response.on('end', () => resolve(length));
    }).on('error', reject);
  });
}

/** Takes as long as a name server may. */
export function lookUp(ms: number): Promise<number> {
  return new Promise((resolve) => setTimeout(() => resolve(ms), ms));
}

let document: Uint8Array | undefined;

/** So many bytes, hashed in native code. */
function digest(bytes: number, salt: number): string {
  document ??= new Uint8Array(4 * MEBIBYTE).fill(7);
  return createHash('sha256').update(document.subarray(0, bytes)).update(String(salt)).digest('hex');
}

/** Hashes in native code. */
export const hash = (salt: number): string => digest(MEBIBYTE, salt);

// (func (export "spin") (param i32) (result i32) (local i32) loop ... end): a loop in WebAssembly.
// biome-ignore format: bytes
const module = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f,
  3, 2, 1, 0,
  7, 8, 1, 4, 0x73, 0x70, 0x69, 0x6e, 0, 0,
  10, 0x28, 1, 0x26, 1, 1, 0x7f,
  0x03, 0x40, 0x20, 1, 0x20, 0, 0x6a, 0x41, 0x8d, 0xcc, 0xe5, 0, 0x6c, 0x41, 0xdf, 0xe6, 0xbb, 0xe3, 3, 0x6a, 0x21, 1,
  0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x20, 1, 0x0b,
]);
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: { readonly spin: (rounds: number) => number } };
}
/** The language's library does not name it, and the browser's, which does, is not here. */
const { WebAssembly: engine } = globalThis as unknown as { readonly WebAssembly: Engine };
let spin: ((rounds: number) => number) | undefined;

/** Computes in WebAssembly. */
export function wasm(rounds: number): number {
  spin ??= new engine.Instance(new engine.Module(module)).exports.spin;
  return spin(rounds);
}

/** What is done under a lock takes as long as what is not. */
export function guarded(lock: Lock, bytes: number): string {
  const hold = lock.acquireSync();
  try {
    digest(bytes, 0);
  } finally {
    hold.release();
  }
  return digest(bytes, 1);
}

/** Almost nothing. */
export const tiny = (n: number): number => n * 2 + 1;

/** Computes, then waits. */
export async function mixed(ms: number): Promise<number> {
  const result = compute(1_000_000);
  await lookUp(ms);
  return result;
}

/** Now and then a long one. */
export const bursty = (n: number): string => digest(n % 20 === 0 ? 4 * MEBIBYTE : 80 * KIBIBYTE, n);
