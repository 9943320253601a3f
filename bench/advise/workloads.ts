/**
 * Twelve functions of different kinds, each with its inputs.
 *
 * They are exports of this module, so that workers import them; what a function needs is made when it is first called there.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import type { Lock } from '../../src/index.ts';

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/** Computes for about 4 ms, in registers. */
export function compute(rounds: number): number {
  let x = 1;
  for (let n = 0; n < rounds; n++) x = (Math.imul(x, 1664525) + 1013904223 + n) | 0;
  return x;
}

/** Computes a little with much that is sent. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let n = 0; n < bytes.length; n += 4) sum = (sum + (bytes[n] as number)) | 0;
  return sum;
}

let field: Float64Array | undefined;

/** Goes through more memory than the caches hold. */
export function sweep(seed: number): number {
  field ??= new Float64Array((32 * MEBIBYTE) / Float64Array.BYTES_PER_ELEMENT).fill(1);
  let sum = 0;
  for (let n = seed % 8; n < field.length; n += 8) sum += field[n] as number;
  return sum;
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

/** Hashes in native code. */
export function hash(salt: number): string {
  document ??= new Uint8Array(MEBIBYTE).fill(7);
  return createHash('sha256').update(document).update(String(salt)).digest('hex');
}

// (func (export "spin") (param i32) (result i32) (local i32) loop ... end): the loop of `compute` in WebAssembly.
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
export function guarded([lock, rounds]: readonly [Lock, number]): number {
  const hold = lock.acquireSync();
  try {
    compute(rounds);
  } finally {
    hold.release();
  }
  return compute(rounds);
}

/** Almost nothing. */
export const tiny = (n: number): number => n * 2 + 1;

/** Computes, then waits. */
export async function mixed(ms: number): Promise<number> {
  const result = compute(1_500_000);
  await lookUp(ms);
  return result;
}

/** Now and then a long one. */
export function bursty(n: number): number {
  return compute(n % 20 === 0 ? 8_000_000 : 150_000);
}
