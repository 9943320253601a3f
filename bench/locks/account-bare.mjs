/**
 * The program of account.mjs with `worker_threads` and `Atomics` alone: what the machine and Node allow.
 * @module
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const LOCK = 0;
const BALANCE = 1;
const NEVER = 2;

if (isMainThread) {
  const words = new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
  const ended = [];
  for (let count = 0; count < 100; count += 1) {
    const worker = new Worker(new URL(import.meta.url), { workerData: words });
    ended.push(new Promise((resolve) => worker.once('exit', resolve)));
  }
  await Promise.all(ended);
  console.log('Account balance: %d', words[BALANCE]);
} else {
  const words = workerData;
  while (Atomics.compareExchange(words, LOCK, 0, 1) !== 0) Atomics.wait(words, LOCK, 1);
  const newBalance = words[BALANCE] + 1;
  Atomics.wait(words, NEVER, 0, 10);
  words[BALANCE] = newBalance;
  Atomics.store(words, LOCK, 0);
  Atomics.notify(words, LOCK, 1);
}
