/**
 * An idle worker looks for a task for a moment: finding one is a hundred times cheaper than being woken for it.
 *
 * How it works  For as long as it has paid lately, and no more workers at once than there are cores to spare.
 * @module
 */
import { pause } from '../../memory/words.ts';
import { Patience } from '../../messaging/patience.ts';
import type { TaskReceiver } from '../../messaging/task-ring.ts';

/** Looks between two looks at the clock. */
const LOOKS = 32;

/** Looks into the ring. */
export class Seeker {
  readonly #ring: TaskReceiver;
  /** Workers that may look at once. */
  readonly #most: number;
  readonly #patience: Patience;

  constructor(ring: TaskReceiver, cores: number) {
    this.#ring = ring;
    this.#most = cores - 1;
    this.#patience = new Patience(cores);
  }

  /** Whether there is a task to take. */
  seek(): boolean {
    const ring = this.#ring;
    const { budget } = this.#patience;
    if (budget === 0) {
      this.#patience.wasInVain();
      return false;
    }
    if (!ring.seek(this.#most)) return false;
    const end = performance.now() + budget;
    let found = false;
    do {
      for (let i = 0; i < LOOKS && !found; i++) {
        pause();
        found = ring.peek();
      }
    } while (!found && performance.now() < end);
    ring.found();
    if (found) this.#patience.paid();
    else this.#patience.wasInVain();
    return found;
  }
}
