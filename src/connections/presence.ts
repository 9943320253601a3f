/**
 * Who has one end of a pipe open: when nobody has any more, the other end is told.
 *
 * Layout        0 times it is open · 1 whether it is on its way to another thread or process
 * When it dies  What the dead had open is counted down by the next one who looks.
 * @module
 */
import { store } from '../memory/words.ts';
import type { Changes, Core } from '../sync/core.ts';
import { holdLess, holdMore } from '../sync/holdings.ts';
import { HOLDING } from '../sync/records.ts';
import { SyncObject } from '../sync/sync-object.ts';

const OPEN = 0;
const ON_ITS_WAY = 1;

/** Counts who has something open. */
export class Presence extends SyncObject {
  override readonly ordered = false;
  /** Deaths that were told of when the dead were last looked for. */
  #deaths = 0;

  constructor(core: Core) {
    super(core);
  }

  /** This thread has it open once more. */
  open(): void {
    const { core } = this;
    this.guarded(() =>
      core.commit([core.place(OPEN), core.own(OPEN) + 1, core.place(ON_ITS_WAY), 0, ...holdMore(core)]),
    );
  }

  /** This thread has it open once less. */
  close(): void {
    const { core } = this;
    this.guarded(() => {
      holdLess(core, 1, [core.place(OPEN), core.own(OPEN) - 1]);
      this.grant();
    });
  }

  /** Resolves once nobody has it open; rejects when the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.gone) await this.take(0, { signal });
  }

  /** It is about to be opened somewhere else: until then it counts as open. */
  travel(): void {
    store(this.core.words, this.core.place(ON_ITS_WAY), 1);
  }

  /** Whether nobody has it open. The dead are looked for when somebody was told of a death since. */
  get gone(): boolean {
    const { lot } = this.core;
    const deaths = lot.region.words[lot.deaths] as number;
    if (deaths !== this.#deaths) {
      this.#deaths = deaths;
      return this.look();
    }
    return this.ready() && this.guarded(() => this.ready()); // two words, which somebody may be changing
  }

  /** As `gone`, and looks for the dead, also for those of whom nobody has told. */
  look(): boolean {
    return this.guarded(() => {
      this.reap();
      return this.ready();
    });
  }

  /** Tells those who wait. */
  override grant(): void {
    if (this.ready()) this.wakeAll();
  }

  override ready(): boolean {
    return this.core.own(OPEN) <= 0 && this.core.own(ON_ITS_WAY) === 0;
  }

  override taking(): Changes {
    return [];
  }

  override undo(code: number, count: number): Changes {
    return code === HOLDING ? [this.core.place(OPEN), this.core.own(OPEN) - count] : [];
  }
}
