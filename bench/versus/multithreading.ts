/**
 * multithreading as a contestant: `spawn(move(...args), fn)`, which sends a function's text once for each worker.
 *
 * It answers with `{ ok, value }`; that is looked at here, as its user must. It moves the buffer of every byte array, so that
 * `bytes` makes the copy itself that other libraries make.
 * @module
 */
import type { Contestant, Person, Team, TeamKind } from './contestant.ts';
import { add, burn, bytes, greet, take, text } from './entry/tasks.ts';
import { loadRival } from '../harness/rival-package.ts';

type Result<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: Error };
interface Multithreading {
  readonly initRuntime: (options: { maxWorkers: number }) => void;
  readonly move: <A extends readonly unknown[]>(...args: A) => A;
  readonly spawn: <A extends readonly unknown[], R>(args: A, fn: (...args: A) => R) => { join(): Promise<Result<R>> };
  readonly shutdown: () => void;
}

const { initRuntime, move, spawn, shutdown } = await loadRival<Multithreading>('multithreading');

async function call<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<R> {
  const result = await spawn(move(...args), fn).join();
  if (!result.ok) throw result.error;
  return result.value;
}

async function start(_kind: TeamKind, workers: number): Promise<Team> {
  initRuntime({ maxWorkers: workers });
  return {
    add: (a, b) => call(add, a, b),
    greet: (person) => call<[Person], Person>(greet, person),
    text: (value) => call(text, value),
    bytes: (value) => call(bytes, value.slice()),
    take: (value) => call(take, value),
    burn: (rounds) => call(burn, rounds),
    stop: async () => shutdown(),
  };
}

/** multithreading. Its table of waiting calls has 65,536 places and overwrites what is in them, so it gets fewer at once. */
export const multithreading: Contestant = { start, mostInFlight: 50_000 };
