/**
 * Two that write and two that read one map: how much they do together.
 * @module
 */
import { manyhands } from '../harness/manyhands.ts';
import type { Figures, TeamKind } from '../harness/measurement.ts';
import type { Values } from './measurement.ts';
import { type AnyMap, type Done, mix } from './mix.ts';
import { KEYS, type Stock, stockOf } from './stock.ts';

const { Barrier, Process, SharedMap, Thread } = manyhands;

/** Microseconds a step of all together, a write, a read; of a `Map` in this thread when there is no scope. */
export async function measureMix(scope: TeamKind | undefined, values: Values, ms: number): Promise<Figures> {
  const stock = stockOf(values, 1);
  if (scope === undefined) {
    const map = filled(new Map<string, unknown>(), stock);
    mix(map, undefined, 'both', values, 1, ms / 4);
    return figuresOf([mix(map, undefined, 'both', values, 2, ms)]);
  }
  const map = filled(new SharedMap<string, unknown>({ scope }), stock);
  const start = new Barrier(4, { scope });
  const Worker = scope === 'thread' ? Thread : Process;
  const workers = (['write', 'write', 'read', 'read'] as const).map(
    (part, i) => new Worker(mix, [map, start, part, values, i + 1, ms]),
  );
  for (const worker of workers) worker.start();
  return figuresOf((await Promise.all(workers.map((worker) => worker.join()))) as Done[]);
}

/** Sets all keys. */
export function filled<M extends AnyMap>(map: M, { keys, value }: Stock): M {
  for (let i = 0; i < KEYS; i++) map.set(keys[i] as string, value(i, 0));
  return map;
}

function figuresOf(all: readonly Done[]): Figures {
  const us = Math.max(...all.map(({ ms }) => ms)) * 1000;
  const writes = all.reduce((sum, done) => sum + done.writes, 0);
  const reads = all.reduce((sum, done) => sum + done.reads, 0);
  return { us: us / (writes + reads), writeUs: us / writes, readUs: us / reads };
}
