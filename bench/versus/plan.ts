/**
 * The measurements of the short form and of the full one.
 * @module
 */
import { type ContestantName, contestants, type RunnerName } from './contestants.ts';
import type { TeamKind } from './contestant.ts';
import type { PoolMeasurement, Shape, Test, Work } from './measurement.ts';

/** What goes into a plan. */
export interface PlanOptions {
  readonly full: boolean;
  /** Rounds of the arithmetic that make a task of about 12 ms on this machine. */
  readonly burnRounds: number;
}

/** Names of the groups, and what each holds. */
export const groups = {
  numbers: 'two numbers there, one back: all at once, 64 in flight',
  object: 'an object with strings there and back',
  seq: 'one after another: the round trip',
  text: '1 KiB of text',
  bytes: '1 MiB of bytes, copied',
  moved: '16 MiB of bytes, moved',
  processes: 'pools of processes: all at once, 64 in flight, one after another',
  map: 'map over a million numbers',
  million: 'a million tasks at once: time and memory',
  cpu: 'tasks that compute: two workers against one',
  startup: 'time to the first result',
  idle: 'processor time at rest',
  tasks: 'cost against the number of tasks, 1e2 to 1e6 (full form)',
  sizes: 'cost against the size of a payload, 1 B to 64 MiB (full form)',
  workers: 'cost against the number of workers, 1 to 64 (full form)',
} as const;

const names = Object.keys(contestants) as ContestantName[];
const ofKind = (kind: TeamKind): ContestantName[] =>
  names.filter((name) => (contestants[name].kinds as readonly TeamKind[]).includes(kind));
const threads = ofKind('thread');
const processes: RunnerName[] = [...ofKind('process'), 'CPython'];
const floor: RunnerName = 'promises alone';

/** Every measurement of a form, those with one title next to each other. */
export function planOf({ full, burnRounds }: PlanOptions): PoolMeasurement[] {
  const plan: PoolMeasurement[] = [];
  const many = full ? 200_000 : 20_000;
  const atLeast = full ? 1000 : 250;
  const put = (
    group: keyof typeof groups,
    runners: readonly RunnerName[],
    of: Test,
    kind: TeamKind = 'thread',
    workers = 2,
  ) => {
    for (const runner of runners) plan.push({ group, runner, kind, workers, of, atLeast });
  };

  put('numbers', threads, tasks('add', 'all', many));
  if (full) put('numbers', threads, tasks('add', 'window', 50_000));
  put('object', threads, tasks('greet', 'all', full ? 100_000 : 10_000));
  if (full) put('object', threads, tasks('greet', 'window', 50_000));
  put('seq', threads, tasks('add', 'sequence', full ? 20_000 : 4000));
  if (full) put('seq', threads, tasks('greet', 'sequence', 20_000));

  for (const shape of full ? (['all', 'window', 'sequence'] as const) : (['all'] as const)) {
    put('text', full ? threads : ['manyhands', 'piscina'], tasks('text', shape, full ? 20_000 : 5000, 2 ** 10));
    put('bytes', full ? threads : ['manyhands', 'piscina'], tasks('bytes', shape, full ? 300 : 50, 2 ** 20));
    put('moved', full ? threads : ['manyhands', 'piscina'], tasks('take', shape, full ? 100 : 50, 2 ** 24));
  }

  put('processes', processes, tasks('add', 'all', full ? 50_000 : 10_000), 'process');
  if (full) {
    put('processes', processes, tasks('add', 'window', 20_000), 'process');
    put('processes', processes, tasks('add', 'sequence', 10_000), 'process');
    put('processes', processes, tasks('greet', 'all', 20_000), 'process');
    put('processes', processes, tasks('text', 'all', 20_000, 2 ** 10), 'process');
    put('processes', processes, tasks('bytes', 'all', 200, 2 ** 20), 'process');
  }

  put('map', ['manyhands'], { test: 'map', items: 1_000_000 });
  put('map', ['manyhands', 'CPython'], { test: 'map', items: 1_000_000 }, 'process');

  for (const count of [200_000, 1_000_000]) put('million', [floor, 'manyhands'], tasks('add', 'all', count));
  put('million', [floor, 'manyhands'], { test: 'memory', tasks: 1_000_000 });

  const speedup: Test = { test: 'speedup', rounds: burnRounds, tasks: full ? 80 : 24 };
  put('cpu', ['bare worker_threads', 'manyhands', ...(full ? (['piscina'] as const) : [])], speedup);
  if (full) put('cpu', ofKind('process'), speedup, 'process');

  put('startup', full ? threads : ['manyhands', 'bare worker_threads', 'piscina', 'multithreading'], {
    test: 'startup',
  });
  if (full) put('startup', processes, { test: 'startup' }, 'process');

  put('idle', full ? threads : ['manyhands'], { test: 'idle', ms: 2000 });
  if (full) put('idle', ofKind('process'), { test: 'idle', ms: 2000 }, 'process');

  if (full) {
    for (const count of [100, 1000, 10_000, 100_000]) put('tasks', [floor, ...threads], tasks('add', 'all', count));
    put('tasks', [floor, 'manyhands', 'bare worker_threads', 'poolifier', 'piscina'], tasks('add', 'all', 1_000_000));
    for (const power of [0, 6, 10, 14, 17, 20, 24, 26]) {
      put('sizes', threads, tasks('bytes', 'sequence', Math.min(2000, Math.max(5, 2 ** 27 / 2 ** power)), 2 ** power));
    }
    for (const workers of [1, 2, 4, 8, 16, 32, 64])
      put('workers', threads, tasks('add', 'all', 20_000), 'thread', workers);
  }
  return plan;
}

function tasks(work: Work, shape: Shape, count: number, size?: number): Test {
  return { test: 'tasks', work, shape, tasks: count, ...(size === undefined ? {} : { size }) };
}
