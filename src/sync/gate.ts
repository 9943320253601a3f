/**
 * A gate: something that is open or not, and for which everybody waits alike. What `Event` and `Latch` are made of.
 *
 * How it works  Nothing is taken, so nobody stands in anybody's way: when the gate opens all are woken, and each looks for itself.
 * When it dies  Nobody holds a gate. Whoever dies between opening it and waking leaves sleepers who look for themselves.
 * @module
 */
import type { Changes } from './core.ts';
import { SyncObject } from './sync-object.ts';
import { type Readiness, readinessSymbol } from './readiness.ts';
import { Standing } from './standing.ts';
import { timeoutOf, type WaitOptions } from './wait-options.ts';
import { NOT_NOW } from './waitable.ts';

/** Something to pass when it is open. */
export abstract class Gate extends SyncObject {
  override readonly ordered = false;

  /** Whether whoever comes now passes. @internal */
  protected abstract readonly open: boolean;

  /** Waits until it is open; the event loop goes on. @returns `true`; `false` when `timeout` milliseconds were over */
  async wait(options?: WaitOptions): Promise<boolean> {
    timeoutOf(options);
    return this.open || (await this.take(0, options)) !== NOT_NOW;
  }

  /** Blocks this thread until it is open. @returns `true`; `false` when `timeout` milliseconds were over */
  waitSync(options?: WaitOptions): boolean {
    const timeout = timeoutOf(options);
    return this.open || this.takeSync(0, timeout) !== NOT_NOW;
  }

  /** @internal */
  [readinessSymbol](): Readiness {
    const stand = (door: number): Standing => new Standing(this, 0, door);
    return {
      isReady: () => this.open,
      whenReady: (signal) => this.wait({ signal }),
      line: { lot: this.core.lot, stand },
    };
  }

  override ready(_request: number): boolean {
    return this.open;
  }

  override grant(): void {}

  override mend(): void {
    super.mend();
    this.wakeAll();
  }

  override taking(): Changes {
    return [];
  }

  override undo(): Changes {
    return [];
  }
}
