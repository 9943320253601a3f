/**
 * What a contestant looks like: one adapter a rival, so that the same work can be asked of each.
 *
 * An adapter uses its library as its own documentation says is best (worker file where there is one, both sides warm), and
 * adds nothing to a call but the call. `measure` calls `start`, then the six kinds of work, then `stop`.
 * @module
 */
import type { TeamKind } from '../harness/measurement.ts';

export type { TeamKind };

/** The object of the "object with strings" work: about 60 bytes of it are text and numbers. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly city: string;
  readonly email: string;
}

/** Workers that are up, or come up with their first task. */
export interface Team {
  /** Two numbers there, one back. */
  add(a: number, b: number): Promise<number>;
  /** An object with strings there, and a changed one back. */
  greet(person: Person): Promise<Person>;
  /** A string there and back. */
  text(value: string): Promise<string>;
  /** A byte array there and back; the caller's own stays whole. */
  bytes(value: Uint8Array): Promise<Uint8Array>;
  /** A byte array given away (moved where the library can), its length back. */
  take(value: Uint8Array<ArrayBuffer>): Promise<number>;
  /** So many rounds of arithmetic, with no data to speak of. */
  burn(rounds: number): Promise<number>;
  /** `square` of each number, by the library's own map over an array; absent when it has none. */
  readonly map?: (numbers: readonly number[]) => Promise<readonly number[]>;
  /** Ends the workers. */
  stop(): Promise<void>;
}

/** One library. */
export interface Contestant {
  /** Most tasks that it may be given at once; more would lose some. */
  readonly mostInFlight?: number;
  /**
   * Makes a team.
   *
   * @param bytes whether byte arrays will travel: between processes some libraries then need a serialization other than JSON,
   * which is their default and is slower or faster for the rest
   */
  start(kind: TeamKind, workers: number, bytes?: boolean): Promise<Team>;
}
