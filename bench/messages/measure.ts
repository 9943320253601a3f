/**
 * Makes one measurement in a process of its own, so that no test finds the compiled code or the garbage of another.
 * @module
 */
import { answer } from '../harness/answer.ts';
import type { Figures } from '../harness/measurement.ts';
import type { Way } from './buffer-ends.ts';
import { measureDoorbell } from './measure-doorbell.ts';
import { measureLineBuffers, measureLineItems, measureLineTrips } from './measure-line.ts';
import { measurePipe } from './measure-pipe.ts';
import { measureBuffers, measureItems, measurePipeBuffers } from './measure-queue.ts';
import type { MessageMeasurement, MessageRunner, NodeRunner } from './measurement.ts';

const ways: Readonly<Partial<Record<MessageRunner, Way>>> = {
  manyhands: 'getIntoSync',
  'manyhands leaseSync': 'leaseSync',
  'manyhands getSync': 'getSync',
};

async function measure({ runner, kind, of, atLeast }: MessageMeasurement): Promise<Figures> {
  const ours = runner.startsWith('manyhands');
  const node = runner as NodeRunner;
  switch (of.test) {
    case 'stream':
      return ours ? measureItems(kind, 1, of.calls, atLeast) : measureLineItems(node, atLeast);
    case 'many':
      return measureItems(kind, of.pairs, 'blocking', atLeast);
    case 'large': {
      if (!ours) return measureLineBuffers(node, of.size, atLeast);
      const way = ways[runner];
      return way === undefined
        ? measurePipeBuffers(kind, of.size, atLeast)
        : measureBuffers(kind, of.size, way, atLeast);
    }
    case 'trip':
      if (runner === 'bare doorbell') return measureDoorbell(atLeast);
      return ours ? measurePipe(kind, of.calls, atLeast) : measureLineTrips(node, atLeast);
  }
}

await answer(measure);
