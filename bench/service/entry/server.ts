/**
 * The service: `/primes?below=n` computes, everything else is answered at once. Who computes comes as JSON in the first argument; the port
 * goes to standard output. It ends with its standard input.
 * @module
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServiceRunner } from '../measurement.ts';
import { type Means, NoRoomError, solvers } from '../solvers.ts';

const { runner, ...means } = JSON.parse(process.argv[2] ?? '') as Means & { readonly runner: ServiceRunner };
const solve = await solvers[runner](means);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname !== '/primes') return void response.end('here');
  const hungUp = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) hungUp.abort();
  });
  try {
    response.end(String(await solve(Number(searchParams.get('below')), hungUp.signal)));
  } catch (error) {
    if (!hungUp.signal.aborted) response.writeHead(error instanceof NoRoomError ? 503 : 500).end();
  }
}

const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`port:${(server.address() as AddressInfo).port}`);
process.stdin.resume().once('end', () => process.exit());
