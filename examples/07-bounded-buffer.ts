/**
 * A bounded buffer: two producers, two consumers, four places, and a Condition by which they wait for each other.
 *
 * Whoever finds the buffer full, or empty, gives the lock up and sleeps until somebody says that this has changed.
 * @module
 */
import { array, Condition, field, int32, Lock, sharedStruct, Thread } from '../src/index.ts';

const PLACES = 4;
const EACH = 1000;
/** Put there by a producer that is done. */
const END = -1;

class Buffer extends sharedStruct({
  items: array(int32, PLACES),
  first: int32,
  count: int32,
  most: int32,
  lock: Lock,
  notFull: field(Condition, 'lock'),
  notEmpty: field(Condition, 'lock'),
}) {
  put(item: number): void {
    this.lock.runSync(() => {
      this.notFull.waitForSync(() => this.count < PLACES);
      this.items[(this.first + this.count) % PLACES] = item;
      this.count += 1;
      this.most = Math.max(this.most, this.count);
      this.notEmpty.notify();
    });
  }

  take(): number {
    return this.lock.runSync(() => {
      this.notEmpty.waitForSync(() => this.count > 0);
      const item = this.items[this.first] as number;
      this.first = (this.first + 1) % PLACES;
      this.count -= 1;
      this.notFull.notify();
      return item;
    });
  }
}

const buffer = new Buffer();

const producers = [1, 2].map(
  () =>
    new Thread(() => {
      for (let item = 1; item <= EACH; item++) buffer.put(item);
      buffer.put(END);
    }),
);
const consumers = [1, 2].map(
  () =>
    new Thread(() => {
      let sum = 0;
      for (let item = buffer.take(); item !== END; item = buffer.take()) sum += item;
      return sum;
    }),
);
for (const thread of [...producers, ...consumers]) thread.start();
for (const producer of producers) await producer.join();
const [one, other] = await Promise.all(consumers.map((consumer) => consumer.join()));

console.log('Taken by the two consumers together: %d', (one as number) + (other as number));
console.log('Most items at one time: %d of %d', buffer.most, PLACES);

// Output:
// Taken by the two consumers together: 1001000
// Most items at one time: {{[1-4]}} of 4
