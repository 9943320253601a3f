/**
 * workerpool as a contestant: a dedicated worker file (its way of sending a function's text with each call is slower), threads
 * or processes.
 * @module
 */
import { fileURLToPath } from 'node:url';
import type { Contestant, Person, Team, TeamKind } from './contestant.ts';
import { loadRival } from '../harness/rival-package.ts';

interface WorkerPool {
  exec(
    name: string,
    parameters: readonly unknown[],
    options?: { transfer: readonly ArrayBuffer[] },
  ): PromiseLike<unknown>;
  terminate(): PromiseLike<unknown>;
}
interface WorkerpoolPackage {
  pool(script: string, options: Record<string, unknown>): WorkerPool;
}

const library = await loadRival<WorkerpoolPackage>('workerpool');

async function start(kind: TeamKind, workers: number, bytes = false): Promise<Team> {
  const script = fileURLToPath(new URL('./entry/workerpool-worker.ts', import.meta.url));
  const pool = library.pool(script, {
    workerType: kind,
    minWorkers: workers,
    maxWorkers: workers,
    forkOpts: { serialization: bytes ? 'advanced' : 'json' },
  });
  return {
    add: (a, b) => pool.exec('add', [a, b]) as Promise<number>,
    greet: (person) => pool.exec('greet', [person]) as Promise<Person>,
    text: (value) => pool.exec('text', [value]) as Promise<string>,
    bytes: (value) => pool.exec('bytes', [value]) as Promise<Uint8Array>,
    take: (value) =>
      (kind === 'thread'
        ? pool.exec('take', [value], { transfer: [value.buffer] })
        : pool.exec('take', [value])) as Promise<number>,
    burn: (rounds) => pool.exec('burn', [rounds]) as Promise<number>,
    stop: async () => {
      await pool.terminate();
    },
  };
}

/** workerpool. */
export const workerpool: Contestant = { start };
