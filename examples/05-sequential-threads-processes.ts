/**
 * One after another, by threads, by processes: what each does for a job that computes and for a job that waits.
 *
 * CPU-bound work gains until every core is busy; more workers than cores only add switching. I/O-bound work hardly needs a
 * core, so it gains with every worker. (In Node a single thread can wait for many things at once as well, as the last row
 * shows: for waiting alone no worker is needed. They are for what computes.)
 * @module
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool, type PoolKind } from '../src/index.ts';

const JOBS = 8;
const WORKERS = 4;

/** CPU-bound: counts the primes below a number, the slow way. */
function countPrimes(below: number): number {
  let count = 0;
  for (let n = 2; n < below; n += 1) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor += 1;
    if (divisor * divisor > n) count += 1;
  }
  return count;
}

/** I/O-bound: asks a server that takes its time. */
async function ask(url: string): Promise<number> {
  const response = await fetch(url);
  return (await response.text()).length;
}

let requests = 0;
let mostRequests = 0;
const server = createServer((_request, response) => {
  requests += 1;
  mostRequests = Math.max(mostRequests, requests);
  setTimeout(() => {
    requests -= 1;
    response.end('an answer');
  }, 250);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

/** Milliseconds that the jobs take the second time: the first time starts workers and compiles code. */
async function timeOf(jobs: () => Promise<unknown>): Promise<number> {
  await jobs();
  const start = performance.now();
  await jobs();
  return performance.now() - start;
}

async function timeInPool<T>(kind: PoolKind, job: (item: T) => unknown, items: readonly T[]): Promise<number> {
  const pool = new Pool({ kind, workers: WORKERS });
  try {
    return await timeOf(() => pool.map(job, items, { chunkSize: 1 }));
  } finally {
    await pool.close();
  }
}

async function compare<T>(title: string, job: (item: T) => unknown, item: T): Promise<void> {
  const items = Array.from({ length: JOBS }, () => item);
  console.log('%s, %d jobs', title, JOBS);
  const sequential = await timeOf(async () => {
    for (const each of items) await job(each);
  });
  const print = (way: string, time: number): void => {
    const atOnce = mostRequests === 0 ? '' : `  ${mostRequests} at once`;
    const speedUp = (sequential / time).toFixed(1).padStart(4);
    console.log('  %s %s ms %sx%s', way.padEnd(20), time.toFixed(0).padStart(5), speedUp, atOnce);
    mostRequests = 0;
  };
  print('one after another', sequential);
  print(`${WORKERS} threads`, await timeInPool('thread', job, items));
  print(`${WORKERS} processes`, await timeInPool('process', job, items));
  print('async, in one thread', await timeOf(() => Promise.all(items.map(job))));
}

await compare('CPU-bound', countPrimes, 400_000);
await compare('I/O-bound', ask, url);
server.close();
server.closeAllConnections();

// Output:
// CPU-bound, 8 jobs
//   one after another    {{ *\d+}} ms  1.0x
//   4 threads            {{ *\d+}} ms {{ *\d+\.\d}}x
//   4 processes          {{ *\d+}} ms {{ *\d+\.\d}}x
//   async, in one thread {{ *\d+}} ms {{ *\d+\.\d}}x
// I/O-bound, 8 jobs
//   one after another    {{ *\d+}} ms  1.0x  1 at once
//   4 threads            {{ *\d+}} ms {{ *\d+\.\d}}x  4 at once
//   4 processes          {{ *\d+}} ms {{ *\d+\.\d}}x  4 at once
//   async, in one thread {{ *\d+}} ms {{ *\d+\.\d}}x  8 at once
