/**
 * poolifier as a contestant: a fixed pool of threads or of cluster processes, without its events, which only cost.
 * @module
 */
import { fileURLToPath } from 'node:url';
import type { Contestant, Person, Team, TeamKind } from './contestant.ts';
import { loadRival } from '../harness/rival-package.ts';

interface PoolifierPool {
  execute(data: unknown, name: string, signal?: undefined, transferList?: readonly ArrayBuffer[]): Promise<unknown>;
  destroy(): Promise<void>;
}
type PoolConstructor = new (workers: number, file: string, options: Record<string, unknown>) => PoolifierPool;
interface PoolifierPackage {
  readonly FixedThreadPool: PoolConstructor;
  readonly FixedClusterPool: PoolConstructor;
}

const { FixedThreadPool, FixedClusterPool } = await loadRival<PoolifierPackage>('poolifier');

async function start(kind: TeamKind, workers: number, bytes = false): Promise<Team> {
  const threads = kind === 'thread';
  const entry = threads ? './entry/poolifier-thread.ts' : './entry/poolifier-process.ts';
  const file = fileURLToPath(new URL(entry, import.meta.url));
  const { promise: allGone, resolve: reportAllGone } = Promise.withResolvers<void>();
  let alive = workers;
  const exitHandler = (): void => {
    alive -= 1;
    if (alive === 0) reportAllGone();
  };
  const pool = threads
    ? new FixedThreadPool(workers, file, { enableEvents: false, exitHandler })
    : new FixedClusterPool(workers, file, {
        enableEvents: false,
        exitHandler,
        settings: { serialization: bytes ? 'advanced' : 'json' },
      });
  return {
    add: (a, b) => pool.execute([a, b], 'add') as Promise<number>,
    greet: (person) => pool.execute(person, 'greet') as Promise<Person>,
    text: (value) => pool.execute(value, 'text') as Promise<string>,
    bytes: (value) => pool.execute(value, 'bytes') as Promise<Uint8Array>,
    take: (value) => pool.execute(value, 'take', undefined, threads ? [value.buffer] : undefined) as Promise<number>,
    burn: (rounds) => pool.execute(rounds, 'burn') as Promise<number>,
    // Its `destroy` now and then never settles, although every worker has gone.
    stop: () => Promise.race([pool.destroy(), allGone]),
  };
}

/** poolifier. */
export const poolifier: Contestant = { start };
