/**
 * Who has one end of a pipe open: when nobody has any more, the other end is told.
 *
 * How it works  It is open as often as threads have opened it, and while it is on its way to somebody. Each travel has a ticket, which
 *               whoever opens it there hands in, or whoever sent it when it did not arrive: so a travel ends once, however often what was
 *               packed is unpacked.
 * Layout        0 times it is open · 1 travels under way · 2 tickets drawn · 3-15 tickets of travels under way. A travel for which there
 *               is no place has ticket 0: it is counted, and cannot be given back.
 * Invariants    1. A travel that ends by opening counts as open in the same commit. 2. Words 0 and 1 are two: whoever sees that both are
 *               nothing without the guard looks once more under it.
 * When it dies  What the dead had open is counted down by the next one who looks. Travels belong to nobody: whoever has sent something may
 *               end before it arrives. Those of a `Thread` or `Process` are given back when it has ended, and those of an item that was not
 *               put; one that is lost otherwise (an item that nobody gets, an argument of a task whose worker died) keeps the end open.
 * @module
 */
import type { Changes, Core } from '../sync/core.ts';
import { holdLess, holdMore } from '../sync/holdings.ts';
import { HOLDING } from '../sync/records.ts';
import { SyncObject } from '../sync/sync-object.ts';

const OPEN = 0;
const TRAVELS = 1;
const DRAWN = 2;
const FIRST_TICKET = 3;
const LAST_TICKET = 15;

/** Ticket of a travel that is only counted. */
const UNKNOWN = 0;

/** Counts who has something open. */
export class Presence extends SyncObject {
  override readonly ordered = false;
  /** Deaths that were told of when the dead were last looked for. */
  #deaths = 0;

  constructor(core: Core) {
    super(core);
  }

  /** This thread has it open once more. @param ticket of the travel that ends here */
  open(ticket?: number): void {
    const { core } = this;
    this.guarded(() =>
      core.commit([core.place(OPEN), core.own(OPEN) + 1, ...this.#arrived(ticket), ...holdMore(core)]),
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

  /** It is about to be opened somewhere else: until then, or until that is given back, it counts as open. @returns the ticket */
  travel(): number {
    const { core } = this;
    return this.guarded(() => {
      const more = [core.place(TRAVELS), core.own(TRAVELS) + 1];
      const place = this.#placeOf(UNKNOWN);
      const ticket = place === undefined ? UNKNOWN : (core.own(DRAWN) + 1) | 0 || 1;
      if (place !== undefined) more.push(core.place(DRAWN), ticket, core.place(place), ticket);
      core.commit(more);
      return ticket;
    });
  }

  /** What had this ticket will not be opened any more, if it has not been. */
  giveBack(ticket: number): void {
    if (ticket === UNKNOWN) return;
    this.guarded(() => {
      this.core.commit(this.#arrived(ticket));
      this.grant();
    });
  }

  /** The changes by which a travel ends. */
  #arrived(ticket: number | undefined): Changes {
    const { core } = this;
    if (ticket === undefined) return [];
    const travels = core.own(TRAVELS) - 1;
    if (ticket === UNKNOWN) return [core.place(TRAVELS), Math.max(travels, this.#known)];
    const place = this.#placeOf(ticket);
    return place === undefined ? [] : [core.place(TRAVELS), travels, core.place(place), UNKNOWN];
  }

  #placeOf(ticket: number): number | undefined {
    for (let place = FIRST_TICKET; place <= LAST_TICKET; place++) if (this.core.own(place) === ticket) return place;
    return undefined;
  }

  /** Travels under way that have a place. */
  get #known(): number {
    let known = 0;
    for (let place = FIRST_TICKET; place <= LAST_TICKET; place++) if (this.core.own(place) !== UNKNOWN) known += 1;
    return known;
  }

  /** Whether nobody has it open. The dead are looked for when somebody was told of a death since. */
  get gone(): boolean {
    const { lot } = this.core;
    const deaths = lot.region.words[lot.deaths] as number;
    if (deaths !== this.#deaths) {
      this.#deaths = deaths;
      return this.look();
    }
    return this.ready() && this.guarded(() => this.ready());
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
    return this.core.own(OPEN) <= 0 && this.core.own(TRAVELS) === 0;
  }

  override taking(): Changes {
    return [];
  }

  override undo(code: number, count: number): Changes {
    return code === HOLDING ? [this.core.place(OPEN), this.core.own(OPEN) - count] : [];
  }
}
