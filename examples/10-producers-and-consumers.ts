/**
 * Producers and consumers: two processes make jobs, two do them, and a queue of eight places is between them.
 *
 * Whoever is too fast waits. When the producers are done the queue is shut down, and the consumers end once it is empty.
 * @module
 */
import { Process, Queue } from '../src/index.ts';

interface Job {
  readonly producer: number;
  readonly number: number;
}

const EACH = 500;
const jobs = new Queue<Job>({ maxSize: 8, scope: 'process' });

const producers = [1, 2].map(
  (producer) =>
    new Process(() => {
      for (let number = 1; number <= EACH; number++) jobs.putSync({ producer, number });
    }),
);
const consumers = [1, 2].map(
  () =>
    new Process(async () => {
      const done = { jobs: 0, sum: 0, inOrder: true };
      const last = [0, 0, 0];
      for await (const { producer, number } of jobs) {
        done.jobs += 1;
        done.sum += number;
        done.inOrder &&= number > (last[producer] as number);
        last[producer] = number;
        jobs.taskDone();
      }
      return done;
    }),
);
for (const child of [...producers, ...consumers]) child.start();
for (const producer of producers) await producer.join();
jobs.shutdown();
await jobs.join();
const [one, other] = await Promise.all(consumers.map((consumer) => consumer.join()));

console.log('Jobs done by the two consumers together: %d', (one?.jobs ?? 0) + (other?.jobs ?? 0));
console.log('Sum of their numbers: %d', (one?.sum ?? 0) + (other?.sum ?? 0));
console.log("Each producer's jobs came in order: %s", one?.inOrder === true && other?.inOrder === true);

// Output:
// Jobs done by the two consumers together: 1000
// Sum of their numbers: 250500
// Each producer's jobs came in order: true
