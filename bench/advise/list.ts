/**
 * The twelve workloads with their inputs, and what these need: a file, a server, a lock.
 * @module
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { manyhands } from '../harness/manyhands.ts';
import * as work from './workloads.ts';

const { Lock } = manyhands;

/** A function and its inputs. */
export interface Workload {
  readonly name: string;
  /** What it does, in words. */
  readonly what: string;
  readonly fn: (input: never) => unknown;
  readonly inputs: readonly never[];
}

/** All there are. */
export const names = [
  'compute',
  'checksum',
  'copy',
  'readFile',
  'request',
  'lookUp',
  'hash',
  'wasm',
  'guarded',
  'tiny',
  'mixed',
  'bursty',
] as const;

/** The workloads, for as long as `end` has not been called. */
export interface Workloads {
  readonly list: readonly Workload[];
  end(): void;
}

const of = <I>(name: string, what: string, fn: (input: I) => unknown, inputs: readonly I[]): Workload => ({
  name,
  what,
  fn: fn as Workload['fn'],
  inputs: inputs as readonly never[],
});

/** Makes what they need. */
export async function workloads(): Promise<Workloads> {
  const server = spawn(process.execPath, [fileURLToPath(new URL('./entry/server.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve) => createInterface(server.stdout).once('line', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'manyhands-advise-'));
  const file = join(folder, 'data');
  writeFileSync(file, new Uint8Array(256 * 1024));
  const lock = new Lock({ scope: 'process' });
  const { guarded } = work;
  const numbers = Array.from({ length: 100 }, (_, n) => n);
  return {
    list: [
      of('compute', 'computes for some milliseconds', work.compute, [1_000_000, 1_030_000]),
      of('checksum', 'computes a little with a megabyte that it is sent', work.checksum, [new Uint8Array(1024 * 1024)]),
      of('copy', 'copies 16 MiB of its own', work.copy, [0, 1]),
      of('readFile', 'reads a file with blocking calls', work.readFile, [file]),
      of('request', 'asks a server that takes 5 ms to answer', work.request, [url]),
      of('lookUp', 'awaits for 15 to 40 ms', work.lookUp, [15, 20, 25, 40]),
      of('hash', 'hashes a megabyte in native code', work.hash, [1, 2, 3]),
      of('wasm', 'computes in WebAssembly', work.wasm, [3_000_000]),
      of('guarded', 'does half of its hashing under one lock', (bytes: number) => guarded(lock, bytes), [512 * 1024]),
      of('tiny', 'multiplies and adds', work.tiny, [1, 2, 3]),
      of('mixed', 'computes, then awaits for 10 ms', work.mixed, [10]),
      of('bursty', 'hashes, one call in twenty fifty times as much', work.bursty, numbers),
    ],
    end() {
      server.stdin.end();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Does something with one of them. */
export async function withWorkload(
  name: string | undefined,
  use: (workload: Workload) => Promise<void>,
): Promise<void> {
  const { list, end } = await workloads();
  try {
    const found = list.find((each) => each.name === name);
    if (found === undefined) throw new Error(`There is no workload ${name}; there are ${names.join(', ')}.`);
    await use(found);
  } finally {
    end();
  }
}
