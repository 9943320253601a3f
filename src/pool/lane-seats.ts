/**
 * Which worker a lane has.
 *
 * How it works  A lane keeps its worker for as long as that takes tasks. Then, and at first, it gets the one with the fewest lanes; another
 *               one is started for it when all have one already and there may be more.
 * @module
 */
import type { Seat } from './dispatcher.ts';
import type { Roster } from './roster.ts';

/** Gives lanes their workers. */
export class LaneSeats {
  readonly #roster: Roster;
  readonly #seats = new Map<number, Seat>();

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  /** The lane's worker; undefined when none can be started. */
  seatOf(lane: number): Seat | undefined {
    const before = this.#seats.get(lane);
    if (before?.retiring === false) return before;
    this.#seats.delete(lane);
    const lanes = this.#counts();
    const least = (): number => Math.min(...lanes.values());
    if (lanes.size < this.#roster.limit && (lanes.size === 0 || least() > 0)) {
      this.#roster.ensure(lanes.size + 1);
      for (const seat of this.#roster.staying()) if (!lanes.has(seat)) lanes.set(seat, 0);
    }
    if (lanes.size === 0) return undefined;
    const fewest = least();
    const [seat] = [...lanes.keys()].filter((each) => lanes.get(each) === fewest) as [Seat];
    this.#seats.set(lane, seat);
    return seat;
  }

  /** The worker is gone. */
  leave(seat: Seat): void {
    for (const [lane, its] of this.#seats) if (its === seat) this.#seats.delete(lane);
  }

  /** How many lanes each worker has that stays. */
  #counts(): Map<Seat, number> {
    const counts = new Map<Seat, number>();
    for (const seat of this.#roster.staying()) counts.set(seat, 0);
    for (const seat of this.#seats.values()) {
      const count = counts.get(seat);
      if (count !== undefined) counts.set(seat, count + 1);
    }
    return counts;
  }
}
