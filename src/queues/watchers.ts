/**
 * Where those wait who want to know when there is something to get, or nothing more will come, and take nothing: `poll`, `waitAny`, `waitAnySync`.
 *
 * How it works  A gate beside the line of those who get. All are told, and each looks for itself; nothing is reserved for them. (Were they in
 *               that line, each would be granted the item, and hand it on to the next of them before anybody could take it.)
 * Invariants    1. They are in nobody's way. 2. Who finds nothing and lies down looks once more (`missed`): whoever puts does not take this
 *               guard.
 * When it dies  Whoever dies between putting and telling leaves sleepers, who look for themselves when they hear of it.
 * @module
 */
import type { Core } from '../sync/core.ts';
import { Gate } from '../sync/gate.ts';
import { type Readiness, readinessSymbol } from '../sync/readiness.ts';
import { Standing } from '../sync/standing.ts';

/** The request of a thread that blocks. */
const BLOCKS = 1;

/** What they look at. */
export interface Watched {
  /** Whether there is something to take, or nothing more will come. */
  readonly hasNews: boolean;
  /** Takes back what the dead were granted. True when that was anything. */
  takeBack(): boolean;
  /** Whether promises of this thread were granted something, which they cannot take while it is blocked. */
  readonly owes: boolean;
  /** Lets promises of this thread take that. */
  beforeLook(): void;
}

/** Those who wait for news. */
export class Watchers extends Gate {
  readonly #watched: Watched;

  constructor(core: Core, watched: Watched) {
    super(core);
    this.#watched = watched;
  }

  /** There may be news. */
  tell(): void {
    if (this.core.waiting === 0 || !this.open) return;
    this.guarded(() => {
      super.reap(); // or each who puts would wake the dead
      this.wakeAll();
    });
  }

  protected override get open(): boolean {
    return this.#watched.hasNews;
  }

  override ready(request: number): boolean {
    return this.open || (request === BLOCKS && this.#watched.owes);
  }

  /** What the dead have taken with them may be news. */
  override reap(): boolean {
    const found = super.reap();
    if (!this.#watched.takeBack()) return found;
    this.wakeAll();
    return true;
  }

  override beforeLook(): void {
    this.#watched.beforeLook();
  }

  override missed(record: number): void {
    if (this.open) this.core.nudge(record);
  }

  override [readinessSymbol](): Readiness {
    const stand = (door: number): Standing => new Standing(this, BLOCKS, door);
    return { ...super[readinessSymbol](), line: { lot: this.core.lot, stand } };
  }
}
