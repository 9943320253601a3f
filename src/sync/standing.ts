/**
 * A place in the line of one object, of a thread that blocks for several of them (`door.ts`).
 *
 * Invariants  1. It has a record exactly while it has been told nothing and has not left. 2. What was granted to it goes back to those who
 *             come next when it leaves: whoever waits for several things takes nothing.
 * When it dies  As any record that waits.
 * @module
 */
import { load } from '../memory/words.ts';
import { tellNowAndThen } from './deaths.ts';
import { ownLines } from './own-lines.ts';
import type { Place } from './readiness.ts';
import { WAITING } from './records.ts';
import type { SyncObject } from './sync-object.ts';
import { NOT_NOW } from './waitable.ts';

/** A place in a line. */
export class Standing implements Place {
  /** What came of it; `NOT_NOW` as long as nothing has. */
  result = NOT_NOW;
  readonly #object: SyncObject;
  #request: number;
  #record = NOT_NOW;
  #deaths: number | undefined;

  /** Stands in line, unless the request can be satisfied at once. @param door where whoever has news rings */
  constructor(object: SyncObject, wanted: number, door: number) {
    this.#object = object;
    this.#request = wanted;
    object.guarded(() => {
      this.#request = object.stamp(wanted);
      this.result = object.attempt(this.#request, NOT_NOW);
      if (this.result === NOT_NOW) this.#record = object.standInLine(this.#request, door);
    });
  }

  look(thorough: boolean): boolean {
    if (this.result !== NOT_NOW) return true;
    const { lot } = this.#object.core;
    const { words } = lot.region;
    const deaths = load(words, lot.deaths);
    const untold = deaths === this.#deaths && load(words, this.#record) === WAITING;
    if (thorough) tellNowAndThen(lot, performance.now());
    // What its own promises were granted, a blocked thread has to find by itself.
    if (untold && !thorough && ownLines(lot).size === 0) return false;
    this.#deaths = deaths;
    return this.#lookAgain(false);
  }

  leave(): boolean {
    return this.result !== NOT_NOW || this.#lookAgain(true);
  }

  #lookAgain(last: boolean): boolean {
    const object = this.#object;
    this.result = object.guarded(() => object.lookAgain(this.#record, this.#request, last));
    return this.result !== NOT_NOW;
  }
}
