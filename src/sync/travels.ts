/**
 * What is on its way to another thread or process, so that it can be given back when it does not arrive.
 *
 * How it works  Whatever counts as being somewhere while it travels says, when it is packed, how to take that back. Whoever packs for one
 *               receiver collects that, and does it once the receiver is gone or nothing was sent. To give back what has arrived changes
 *               nothing.
 * @module
 */

let collected: (() => void)[] | undefined;

/** Something is being packed: how to take back that it travels, if it has not arrived by then. */
export function noteTravel(giveBack: () => void): void {
  collected?.push(giveBack);
}

/** What was packed for one receiver. */
export class Travels {
  #giveBacks: (() => void)[] = [];

  /** Whether anything has to be given back at all. */
  get any(): boolean {
    return this.#giveBacks.length > 0;
  }

  /** Calls a function that packs, or sends what was packed; when it throws, nothing travels. */
  during<R>(fn: () => R): R {
    const outer = collected;
    collected = this.#giveBacks;
    try {
      return fn();
    } catch (error) {
      this.giveBack();
      throw error;
    } finally {
      collected = outer;
    }
  }

  /** Nothing that has not arrived yet will. */
  giveBack(): void {
    const giveBacks = this.#giveBacks;
    this.#giveBacks = [];
    for (const each of giveBacks) each();
  }
}
