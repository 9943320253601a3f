/**
 * The least that an awaited round trip between processes can be: a word in shared memory and a futex there, a pipe as doorbell back.
 *
 * The asker changes a word and wakes the other process, which sleeps on it; that one answers in another word and writes a byte to a pipe,
 * which the asker's event loop reads.
 * @module
 */
import { fork } from 'node:child_process';
import { Socket } from 'node:net';
import type { Figures } from '../harness/measurement.ts';
import { Segment } from '../../src/memory/segment.ts';
import { linux } from '../../src/memory/system/linux.ts';
import { load, store } from '../../src/memory/words.ts';
import { ANSWER, PIPE, QUESTION } from './doorbell-words.ts';
import { timeAwaitedTrips } from './trips.ts';

/** Microseconds there and back. */
export async function measureDoorbell(atLeast: number): Promise<Figures> {
  const segment = Segment.create(64);
  const { region } = segment;
  const { words } = region;
  linux().pipeInto(linux().addressOf(region.buffer) + PIPE * 4);
  let rung = (): void => {};
  const bell = new Socket({
    fd: load(words, PIPE),
    readable: true,
    writable: false,
    onread: {
      buffer: Buffer.alloc(4096),
      callback() {
        rung();
        return true;
      },
    },
  });
  bell.resume();
  fork(new URL('./entry/doorbell-peer.ts', import.meta.url), [JSON.stringify(segment.give())]);
  let asked = 0;
  const trip = (value: number): Promise<number> => {
    const { promise, resolve } = Promise.withResolvers<number>();
    asked += 1;
    rung = () => resolve(load(words, ANSWER) === asked ? value : Number.NaN);
    store(words, QUESTION, asked);
    region.unpark(QUESTION, 1);
    return promise;
  };
  await trip(0);
  return timeAwaitedTrips(trip, atLeast);
}
