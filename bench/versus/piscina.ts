/**
 * piscina as a contestant: a worker file with named exports, as many threads as asked for from the start.
 *
 * Twice: as it comes, and with what its documentation offers for speed (no timing records, many tasks in flight on one worker).
 * @module
 */
import type { Contestant, Person, Team, TeamKind } from './contestant.ts';
import { loadRival } from '../harness/rival-package.ts';

interface Piscina {
  run(task: unknown, options: { name: string; transferList?: readonly ArrayBuffer[] }): Promise<unknown>;
  destroy(): Promise<void>;
}
interface PiscinaPackage {
  readonly Piscina: new (options: Record<string, unknown>) => Piscina;
}

const { Piscina } = await loadRival<PiscinaPackage>('piscina');

async function start(workers: number, more: Record<string, unknown>): Promise<Team> {
  const filename = new URL('./entry/one-argument.ts', import.meta.url).href;
  const pool = new Piscina({ filename, minThreads: workers, maxThreads: workers, ...more });
  const options = {
    add: { name: 'add' },
    greet: { name: 'greet' },
    text: { name: 'text' },
    bytes: { name: 'bytes' },
    burn: { name: 'burn' },
  };
  return {
    add: (a, b) => pool.run([a, b], options.add) as Promise<number>,
    greet: (person) => pool.run(person, options.greet) as Promise<Person>,
    text: (value) => pool.run(value, options.text) as Promise<string>,
    bytes: (value) => pool.run(value, options.bytes) as Promise<Uint8Array>,
    take: (value) => pool.run(value, { name: 'take', transferList: [value.buffer] }) as Promise<number>,
    burn: (rounds) => pool.run(rounds, options.burn) as Promise<number>,
    stop: () => pool.destroy(),
  };
}

/** piscina as it comes. */
export const piscina: Contestant = { start: (_kind: TeamKind, workers) => start(workers, {}) };

/** piscina with its own means of going faster. */
export const tunedPiscina: Contestant = {
  start: (_kind, workers) => start(workers, { recordTiming: false, concurrentTasksPerWorker: 64 }),
};
