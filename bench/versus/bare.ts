/**
 * `node:worker_threads` and nothing else: what a careful programmer writes in half an hour.
 *
 * Tasks go to the workers in turn, at once; a message is an array, a call a number. No queue, no limit, no recovery: it shows
 * what a message costs.
 * @module
 */
import { Worker } from 'node:worker_threads';
import type { Contestant, Person, Team, TeamKind } from './contestant.ts';

async function start(_kind: TeamKind, count: number): Promise<Team> {
  const waiting = new Map<number, (value: unknown) => void>();
  const file = new URL('./entry/bare-worker.ts', import.meta.url);
  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(file);
    worker.on('message', ([id, value]: [number, unknown]) => {
      const resolve = waiting.get(id);
      waiting.delete(id);
      resolve?.(value);
    });
    return worker;
  });
  let next = 0;
  function call(name: string, args: readonly unknown[], transferList?: ArrayBuffer[]): Promise<unknown> {
    const id = next++;
    const worker = workers[id % count] as Worker;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      worker.postMessage([id, name, args], transferList);
    });
  }
  return {
    add: (a, b) => call('add', [a, b]) as Promise<number>,
    greet: (person) => call('greet', [person]) as Promise<Person>,
    text: (value) => call('text', [value]) as Promise<string>,
    bytes: (value) => call('bytes', [value]) as Promise<Uint8Array>,
    take: (value) => call('take', [value], [value.buffer]) as Promise<number>,
    burn: (rounds) => call('burn', [rounds]) as Promise<number>,
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** Threads without a library. */
export const bare: Contestant = { start };
