/**
 * tinypool as a contestant: a worker file with named exports; threads or processes.
 * @module
 */
import type { Contestant, Person, Team, TeamKind } from './contestant.ts';
import { loadRival } from '../harness/rival-package.ts';

interface Tinypool {
  run(task: unknown, options: { name: string; transferList?: readonly ArrayBuffer[] }): Promise<unknown>;
  destroy(): Promise<void>;
}
interface TinypoolPackage {
  readonly Tinypool: new (options: Record<string, unknown>) => Tinypool;
}

const { Tinypool } = await loadRival<TinypoolPackage>('tinypool');

async function start(kind: TeamKind, workers: number, bytes = false): Promise<Team> {
  const filename = new URL('./entry/one-argument.ts', import.meta.url).href;
  const runtime = kind === 'thread' ? 'worker_threads' : 'child_process';
  const pool = new Tinypool({
    filename,
    runtime,
    serialization: bytes ? 'advanced' : 'json',
    minThreads: workers,
    maxThreads: workers,
  });
  return {
    add: (a, b) => pool.run([a, b], { name: 'add' }) as Promise<number>,
    greet: (person) => pool.run(person, { name: 'greet' }) as Promise<Person>,
    text: (value) => pool.run(value, { name: 'text' }) as Promise<string>,
    bytes: (value) => pool.run(value, { name: 'bytes' }) as Promise<Uint8Array>,
    take: (value) => pool.run(value, { name: 'take', transferList: [value.buffer] }) as Promise<number>,
    burn: (rounds) => pool.run(rounds, { name: 'burn' }) as Promise<number>,
    stop: () => pool.destroy(),
  };
}

/** tinypool. */
export const tinypool: Contestant = { start };
