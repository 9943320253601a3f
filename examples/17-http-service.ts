/**
 * A web service that computes: the server's thread answers, a pool does the work.
 *
 * `/primes?below=n` counts primes, which would stop a server of one thread for everybody. Here it runs in a hybrid pool: processes, so that a crash
 * takes one of them, each with threads. Two requests may wait; one more is answered 503 at once, before it costs anything. A client that hangs
 * up has its work given up. A request that takes too long is answered 504. At the end the server takes nothing new, and what has been begun
 * is finished.
 * @module
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool, PoolFullError, shutdownOn, taskSignal, TimeoutError } from '../src/index.ts';

/** Counts the primes below a number; looks now and then whether anybody still wants to know. */
async function countPrimes(below: number): Promise<number> {
  const signal = taskSignal();
  let count = 0;
  for (let n = 2; n < below; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) count++;
    if (n % 20_000 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
  }
  return count;
}

const pool = new Pool({ kind: 'hybrid', workers: 2, threadsPerProcess: 2, backlog: 2, overflow: 'reject' });
/** Requests whose client has hung up. */
let abandoned = 0;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname !== '/primes') return void response.writeHead(404).end();
  const hungUp = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) hungUp.abort();
  });
  try {
    const limited = pool.with({ signal: hungUp.signal, timeout: 30_000 });
    response.end(String(await limited.submit(countPrimes, Number(searchParams.get('below')))));
  } catch (error) {
    if (hungUp.signal.aborted) abandoned += 1;
    else response.writeHead(error instanceof PoolFullError ? 503 : error instanceof TimeoutError ? 504 : 500).end();
  }
}

const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
await once(server, 'listening');
shutdownOn(['SIGINT', 'SIGTERM'], [server, pool]);

// A few clients. In a program of its own the rest would not be here.
const { port } = server.address() as AddressInfo;
const get = async (path: string, signal?: AbortSignal): Promise<string> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, signal === undefined ? {} : { signal });
  return `${response.status} ${await response.text()}`.trim();
};

console.log('one client: %s', await get('/primes?below=100000'));
console.log('nothing there: %s', await get('/'));

const hangUp = new AbortController();
const impatient = get('/primes?below=100000000', hangUp.signal).catch((error: Error) => error.name);
while (pool.pending === 0) await new Promise((resolve) => setImmediate(resolve));
hangUp.abort();
console.log('one hangs up: %s', await impatient);
while (pool.pending > 0) await new Promise((resolve) => setImmediate(resolve));
console.log('its work was given up: %s', abandoned === 1);

const crowd = await Promise.all(Array.from({ length: 12 }, () => get('/primes?below=1000000')));
const served = crowd.filter((text) => text === '200 78498').length;
console.log(
  'of twelve at once all are answered: %s',
  crowd.every((text) => /^(?:200 78498|503)$/.test(text)),
);
console.log('some are served, some are told to come back: %s', served > 0 && served < 12);

const last = get('/primes?below=300000');
while (pool.pending === 0) await new Promise((resolve) => setImmediate(resolve));
server.close();
await pool.close();
console.log('what had been begun is finished: %s', await last);

// Output:
// one client: 200 9592
// nothing there: 404
// one hangs up: AbortError
// its work was given up: true
// of twelve at once all are answered: true
// some are served, some are told to come back: true
// what had been begun is finished: 200 25997
