/**
 * Round trips through a pipe, asked for in this thread.
 * @module
 */
import { manyhands } from '../harness/manyhands.ts';
import type { Figures, TeamKind } from '../harness/measurement.ts';
import { echo } from './echo.ts';
import type { Calls } from './measurement.ts';
import { timeAwaitedTrips, timeTrips } from './trips.ts';

const { Pipe, Process, Thread } = manyhands;

/** Microseconds there and back. */
export async function measurePipe(scope: TeamKind, calls: Calls, atLeast: number): Promise<Figures> {
  const { left, right } = new Pipe<number>({ scope });
  const Worker = scope === 'thread' ? Thread : Process;
  const other = new Worker(echo, [right]);
  other.start();
  // The first one awaited: the worker starts meanwhile.
  await left.send(0);
  await left.recv();
  const figures =
    calls === 'blocking'
      ? timeTrips((value) => {
          left.sendSync(value);
          return left.recvSync();
        }, atLeast)
      : await timeAwaitedTrips(async (value) => {
          await left.send(value);
          return left.recv();
        }, atLeast);
  await left.send(-1);
  await other.join();
  return figures;
}
