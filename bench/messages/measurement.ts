/**
 * What can be measured of queues and pipes.
 * @module
 */
import type { Measurement, TeamKind } from '../harness/measurement.ts';

/** Whether those who wait block their thread or await a promise. */
export type Calls = 'blocking' | 'awaited';

/** One kind of test. */
export type MessageTest =
  /** One producer and one consumer of small objects, both with such calls. */
  | { readonly test: 'stream'; readonly calls: Calls }
  /** So many producers and as many consumers of one queue; blocking calls. */
  | { readonly test: 'many'; readonly pairs: number }
  /** Buffers of so many bytes, one way. */
  | { readonly test: 'large'; readonly size: number }
  /** A number there and back; the one who asks uses such calls, the other one blocks. */
  | { readonly test: 'trip'; readonly calls: Calls };

/**
 * Whoever can be measured. `manyhands` is its `Queue` (of large ones `getIntoSync`), for round trips its `Pipe`; `CPython` is what `queue`
 * has among threads and `multiprocessing` among processes.
 */
export type MessageRunner =
  | 'manyhands'
  | 'manyhands leaseSync'
  | 'manyhands getSync'
  | 'manyhands Pipe'
  | 'CPython'
  | 'bare doorbell'
  | NodeRunner;

/** What Node itself has. */
export type NodeRunner = 'MessagePort' | 'MessagePort transfer' | 'Node IPC' | 'Unix socket';

/** One measurement of messages. */
export type MessageMeasurement = Measurement<MessageTest, MessageRunner>;

/** Names of the groups, and what each holds. */
export const messageGroups = {
  stream: 'small objects from one producer to one consumer',
  many: 'two and four producers, as many consumers, of one queue',
  large: 'buffers of 1 MiB, one way',
  trip: 'a number there and back, blocking and awaited',
} as const;

/** A group of measurements. */
export type MessageGroup = keyof typeof messageGroups;

/** A name for a measurement without who: the same for all that do the same. */
export function titleOf({ of, kind }: MessageMeasurement): string {
  const who = plural[kind];
  switch (of.test) {
    case 'stream':
      return `stream of small objects between two ${who}, ${of.calls} calls`;
    case 'many':
      return `one queue of small objects, ${of.pairs} producers and ${of.pairs} consumers, ${who}`;
    case 'large':
      return `buffers of ${of.size / 2 ** 20} MiB one way between two ${who}`;
    case 'trip':
      return `round trip of a number between two ${who}, ${of.calls} calls`;
  }
}

const plural: Readonly<Record<TeamKind, string>> = { thread: 'threads', process: 'processes' };
