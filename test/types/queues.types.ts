/**
 * What the types of queues promise. The compiler checks this file; nothing runs it.
 * @module
 */
import { expectTypeOf } from 'expect-type';
import { type BytesLease, LifoQueue, PriorityQueue, Queue, SimpleQueue } from '../../src/index.ts';

// queuefamily-05: a queue says what is in it
const queue = new Queue<{ readonly id: number }>({ maxSize: 3, scope: 'process' });
expectTypeOf(queue.getSync()).toEqualTypeOf<{ readonly id: number }>();
expectTypeOf(queue.get({ timeout: 5 })).toEqualTypeOf<Promise<{ readonly id: number }>>();
expectTypeOf(queue.tryGet()).toEqualTypeOf<{ readonly id: number } | undefined>();
expectTypeOf(queue.tryPut({ id: 1 })).toEqualTypeOf<boolean>();
expectTypeOf(queue.lease()).toEqualTypeOf<Promise<BytesLease>>();
expectTypeOf(queue.getIntoSync(Buffer.alloc(1))).toEqualTypeOf<number>();
expectTypeOf([...queue]).toEqualTypeOf<{ readonly id: number }[]>();
expectTypeOf(queue[Symbol.asyncIterator]().next()).toEqualTypeOf<
  Promise<IteratorResult<{ readonly id: number }, undefined>>
>();
expectTypeOf(LifoQueue.open<string>('name').getSync()).toEqualTypeOf<string>();
expectTypeOf(new SimpleQueue().getSync()).toEqualTypeOf<unknown>();
// @ts-expect-error another item
queue.putSync({ id: 'text' });
// @ts-expect-error another item
void queue.put('text');

// the function for the priority is given the item
new PriorityQueue<string>({ priority: (text) => text.length });
// @ts-expect-error a priority is a number
new PriorityQueue<string>({ priority: (text) => text });
// @ts-expect-error a simple queue has no bound
new SimpleQueue({ maxSize: 3 });
// @ts-expect-error and no tasks
new SimpleQueue().taskDone();
// @ts-expect-error a misspelled option
new Queue({ maxsize: 3 });
