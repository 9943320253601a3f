/**
 * The list of contestants: what each is called, what kinds of worker it has, which package it is.
 *
 * Adapters load only when asked for, so that a measuring process holds one library and no other.
 * @module
 */
import type { Contestant, TeamKind } from './contestant.ts';

/** What is known of a contestant without loading it. */
export interface ContestantEntry {
  readonly kinds: readonly TeamKind[];
  /** The npm package that it needs; none for what Node or the project has. */
  readonly package?: string;
  readonly load: () => Promise<Contestant>;
}

/** Every contestant that runs in Node, in the order in which tables show them. */
export const contestants = {
  manyhands: {
    kinds: ['thread', 'process'],
    load: async () => (await import('./manyhands.ts')).manyhands,
  },
  'manyhands (ordered)': {
    kinds: ['thread', 'process'],
    load: async () => (await import('./manyhands.ts')).orderedManyhands,
  },
  'bare worker_threads': {
    kinds: ['thread'],
    load: async () => (await import('./bare.ts')).bare,
  },
  multithreading: {
    kinds: ['thread'],
    package: 'multithreading',
    load: async () => (await import('./multithreading.ts')).multithreading,
  },
  poolifier: {
    kinds: ['thread', 'process'],
    package: 'poolifier',
    load: async () => (await import('./poolifier.ts')).poolifier,
  },
  piscina: {
    kinds: ['thread'],
    package: 'piscina',
    load: async () => (await import('./piscina.ts')).piscina,
  },
  'piscina (tuned)': {
    kinds: ['thread'],
    package: 'piscina',
    load: async () => (await import('./piscina.ts')).tunedPiscina,
  },
  tinypool: {
    kinds: ['thread', 'process'],
    package: 'tinypool',
    load: async () => (await import('./tinypool.ts')).tinypool,
  },
  workerpool: {
    kinds: ['thread', 'process'],
    package: 'workerpool',
    load: async () => (await import('./workerpool.ts')).workerpool,
  },
} as const satisfies Record<string, ContestantEntry>;

/** A contestant that runs in Node. */
export type ContestantName = keyof typeof contestants;

/** Whoever can be measured: contestants, CPython, and the floor of promises that nobody carries anywhere. */
export type RunnerName = ContestantName | 'CPython' | 'promises alone';

/** Whether a name is that of a contestant in Node. */
export function isContestant(name: string): name is ContestantName {
  return Object.hasOwn(contestants, name);
}
