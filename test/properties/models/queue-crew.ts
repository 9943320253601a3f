/**
 * Producers and consumers that use queues freely, in every form, until all has been put and got.
 * @module
 */
import type { Queue } from '../../../src/index.ts';
import { getSomehow, idOf, message, putSomehow } from '../../crash/queue-workers.ts';

/** Puts so many messages of its own into each queue, in order. */
export async function produce(queues: readonly Queue[], producer: number, count: number): Promise<void> {
  await Promise.all(
    queues.map(async (queue, at) => {
      for (let sequence = 0, n = producer + at; sequence < count; n++) {
        const id = (producer * queues.length + at) * count + sequence;
        if (await putSomehow(queue, message(id), n)) sequence += 1;
        if (n % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }),
  );
}

/** Gets from each queue until it is shut down. @returns for each queue what was got, in order */
export function consume(queues: readonly Queue[], consumer: number): Promise<number[][]> {
  return Promise.all(queues.map((queue, at) => consumeOne(queue, consumer + at)));
}

async function consumeOne(queue: Queue, first: number): Promise<number[]> {
  const ids: number[] = [];
  const got = (item: unknown): void => void ids.push(idOf(item));
  for (let n = first; ; n++) {
    const aborter = new AbortController();
    try {
      if (n % 9 < 7) await getSomehow(queue, n, aborter, got);
      else await getThree(queue, got);
    } catch (error) {
      const { code } = error as { readonly code?: string };
      if (code === 'ERR_QUEUE_SHUT_DOWN') return ids;
      if (code !== 'ERR_QUEUE_EMPTY' && code !== 'ERR_INVALID_VALUE' && !aborter.signal.aborted) throw error;
    }
  }
}

/** Several that wait at once are served in the order in which they came. */
async function getThree(queue: Queue, got: (item: unknown) => void, timeout = 5): Promise<void> {
  const ends = await Promise.allSettled([queue.get(), queue.get(), queue.get({ timeout })]);
  for (const end of ends) if (end.status === 'fulfilled') got(end.value);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Puts numbers, with pauses of every length in between, so that they come while getters are about to wait. */
export function putNumbers(queue: Queue<number>, count: number): void {
  for (let i = 0; i < count; i++) {
    queue.putSync(i);
    const turns = (i * 7919) % 4000;
    for (let turn = 0; turn < turns; turn++) Math.hypot(turn, i);
  }
}

/** Gets three at a time until the queue is shut down. @returns what was got, in the order of the calls */
export async function getThrees(queue: Queue): Promise<unknown[]> {
  const items: unknown[] = [];
  try {
    for (;;) await getThree(queue, (item) => void items.push(item), Infinity);
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'ERR_QUEUE_SHUT_DOWN') throw error;
    return items;
  }
}
