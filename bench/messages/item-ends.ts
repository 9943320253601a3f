/**
 * Those who put small objects into a queue, and those who get them.
 *
 * It runs in threads and processes of its own.
 * @module
 */
import type { Queue } from '../../src/index.ts';
import { type Item, Items, Tally } from './items.ts';
import type { Calls } from './measurement.ts';
import { inRuns, type Run, type Start } from './runs.ts';

/** What one consumer has done. */
export interface Got {
  readonly runs: readonly Run[];
  /** How often it got each. */
  readonly counts: Int32Array;
}

/** Puts `count` in each run, those from `number * count` on. */
export function putItems(
  queue: Queue<Item>,
  start: Start,
  number: number,
  count: number,
  calls: Calls,
): Promise<readonly Run[]> {
  const items = new Items();
  const first = number * count;
  const blocking = (): void => {
    for (let id = first; id < first + count; id++) queue.putSync(items.make(id));
  };
  const awaited = async (): Promise<void> => {
    for (let id = first; id < first + count; id++) await queue.put(items.make(id));
  };
  return inRuns(start, number === 0, calls === 'blocking' ? blocking : awaited);
}

/** Gets `count` in each run, which is what each producer puts. */
export async function getItems(queue: Queue<Item>, start: Start, count: number, calls: Calls): Promise<Got> {
  const items = new Items();
  const tally = new Tally(count, count);
  const blocking = (): void => {
    for (let i = 0; i < count; i++) {
      const item = queue.getSync();
      items.check(item);
      tally.note(i, item.id);
    }
  };
  const awaited = async (): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const item = await queue.get();
      items.check(item);
      tally.note(i, item.id);
    }
  };
  const runs = await inRuns(start, false, calls === 'blocking' ? blocking : awaited, () => tally.endRun());
  return { runs, counts: tally.counts };
}
