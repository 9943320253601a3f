/**
 * Makes one measurement: a server in a process of its own, its clients in this one.
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { answer } from '../harness/answer.ts';
import type { Figures } from '../harness/measurement.ts';
import { median, quantile } from '../harness/statistics.ts';
import { client, glance, leaver, type Seen, Service } from './clients.ts';
import { countPrimes } from './entry/primes.ts';
import type { ServiceMeasurement } from './measurement.ts';

/** Milliseconds before the clock counts. */
const WARM = 1500;
/** How many times as far those who hang up want to have primes counted: some thirty times the work. */
const TOO_MUCH = 10;

await answer(async ({ runner, workers, of, atLeast }: ServiceMeasurement): Promise<Figures> => {
  const service = await startService({ runner, workers, room: of.test === 'crowd' ? of.room : 2 ** 30 });
  const primes = countPrimes(of.below);

  let over = false;
  const goOn = (): boolean => !over;
  const seen: Seen = { took: [], refused: 0 };
  const clients = Array.from({ length: of.clients }, () => client(service, of.below, primes, seen, goOn));
  if (of.test === 'leave') {
    for (let n = 0; n < of.leaving; n++) void leaver(service, of.below * TOO_MUCH, of.patience, goOn);
  }
  const failure = Promise.all(clients) as Promise<unknown>; // none of them ends by itself
  await Promise.race([failure, sleep(WARM)]);
  seen.took.length = seen.refused = 0;
  const from = performance.now();
  const light = glance(service, goOn);
  await Promise.race([failure, sleep(atLeast)]);
  const ms = performance.now() - from;
  over = true;

  const answers = seen.took.length;
  if (answers === 0) throw new Error(`Nobody had an error, and nobody an answer, in ${Math.round(ms)} ms.`);
  return {
    us: (ms * 1000) / answers,
    p50Us: median(seen.took) * 1000,
    p99Us: quantile(seen.took, 0.99) * 1000,
    lightUs: quantile(await light, 0.99) * 1000,
    refused: seen.refused / (seen.refused + answers),
  };
});

async function startService(options: object): Promise<Service> {
  const file = fileURLToPath(new URL('./entry/server.ts', import.meta.url));
  const server = spawn(process.execPath, [file, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  server.stdout.setEncoding('utf8');
  const [line] = (await Promise.race([once(server.stdout, 'data'), failed(server)])) as [string];
  return new Service(Number(line.slice('port:'.length)));
}

async function failed(server: ReturnType<typeof spawn>): Promise<never> {
  const [code] = await once(server, 'exit');
  throw new Error(`The server ended with code ${code}.`);
}

function sleep(ms: number): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
