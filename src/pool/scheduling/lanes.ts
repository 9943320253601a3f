/**
 * Lanes: tasks that stick together go to one worker, by the lane that their key falls into.
 *
 * How it works  There are as many lanes as there may be workers. A key's lane is a hash of it, so that nothing has to be remembered of keys.
 *               Each lane has a gate of its own: what its worker cannot take yet waits before it and can be overtaken and given up there.
 * Source        FNV-1a, by Glenn Fowler, Landon Curt Noll and Phong Vo (draft-eastlake-fnv).
 * @module
 */
import { Gate, type OnOpen } from './gate.ts';
import type { Queued } from './job-heap.ts';

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** The same for the same text or number, and spread evenly; `1` and `'1'` are two keys. */
function hashOf(key: string | number): number {
  const text = typeof key === 'number' ? `#${key}` : key;
  let hash = OFFSET;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** So many lanes. */
export class Lanes<J extends Queued> {
  readonly count: number;
  readonly #gates: (Gate<J> | undefined)[] = [];
  readonly #width: number;
  readonly #onOpen: OnOpen<J>;

  /** @param width tasks at once in a lane */
  constructor(count: number, width: number, onOpen: OnOpen<J>) {
    this.count = count;
    this.#width = width;
    this.#onOpen = onOpen;
  }

  laneOf(key: string | number): number {
    return hashOf(key) % this.count;
  }

  gateOf(lane: number): Gate<J> {
    const gate = this.#gates[lane] ?? new Gate<J>(this.#width, undefined, this.#onOpen);
    this.#gates[lane] = gate;
    return gate;
  }
}
