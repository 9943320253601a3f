/**
 * Who sends large buffers through a queue or a pipe, and who gets them.
 *
 * It runs in threads and processes of its own.
 * @module
 */
import type { PipeConnection, Queue } from '../../src/index.ts';
import { BUFFERS, checkMark, mark } from './buffers.ts';
import { inRuns, type Run, type Start } from './runs.ts';

/** How buffers are got: into memory that is there, in place, or as new ones. */
export type Way = 'getIntoSync' | 'leaseSync' | 'getSync';

/** Puts one buffer again and again. */
export function putBuffers(queue: Queue<Uint8Array>, start: Start, size: number): Promise<readonly Run[]> {
  return sendAll(start, size, (bytes) => queue.putSync(bytes));
}

/** The same into a pipe. */
export function sendBuffers(end: PipeConnection<never, never>, start: Start, size: number): Promise<readonly Run[]> {
  return sendAll(start, size, (bytes) => end.sendBytesSync(bytes));
}

function sendAll(start: Start, size: number, send: (bytes: Uint8Array) => void): Promise<readonly Run[]> {
  const bytes = new Uint8Array(size).fill(7);
  return inRuns(start, true, () => {
    for (let i = 0; i < BUFFERS; i++) {
      mark(bytes, i);
      send(bytes);
    }
  });
}

/** Gets them out of a queue. */
export function getBuffers(queue: Queue<Uint8Array>, start: Start, size: number, way: Way): Promise<readonly Run[]> {
  const target = new Uint8Array(size);
  const get: Readonly<Record<Way, (number: number) => void>> = {
    getIntoSync(number) {
      queue.getIntoSync(target);
      checkMark(target, number, size);
    },
    leaseSync(number) {
      const lease = queue.leaseSync();
      checkMark(lease.bytes, number, size);
      lease.release();
    },
    getSync: (number) => checkMark(queue.getSync(), number, size),
  };
  return receiveAll(start, get[way]);
}

/** Receives them from a pipe, into memory that is there. */
export function receiveBuffers(end: PipeConnection<never, never>, start: Start, size: number): Promise<readonly Run[]> {
  const target = new Uint8Array(size);
  return receiveAll(start, (number) => {
    end.recvIntoSync(target);
    checkMark(target, number, size);
  });
}

function receiveAll(start: Start, receive: (number: number) => void): Promise<readonly Run[]> {
  return inRuns(start, false, () => {
    for (let i = 0; i < BUFFERS; i++) receive(i);
  });
}
