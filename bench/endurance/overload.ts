/**
 * Overload: ten times as many tasks as a pool can do, for a minute, of which some are given up while they wait.
 *
 * What has to hold: memory stays flat, what is accepted is answered within the time that a full backlog takes, and what was given up while
 * it waited never starts. `node bench/endurance/overload.ts [--seconds 60]` writes bench/results/overload.json, and ends with exit code 1
 * when something does not hold.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { manyhands } from '../harness/manyhands.ts';
import { machineNow } from '../harness/report.ts';
import { quarters } from './quarters.ts';
import { vitals } from './vitals.ts';

const { CancelledError, Pool, PoolFullError, SharedArray, uint8 } = manyhands;
type Overflow = 'reject' | 'drop-oldest';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const SECONDS = Number(values.seconds);
const WORKERS = 2;
const BACKLOG = 200;
const TIMES = 10;
/** Looks at the memory. */
const LOOKS = 20;
/** Milliseconds between two bursts of submissions. */
const TICK = 10;
/** One in so many is given up right after it was submitted. */
const GIVEN_UP = 20;
const MOST_TASKS = 2_000_000;

const burn = (milliseconds: number): void => {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
};
const startThenBurn = (starts: { [index: number]: number }, id: number, milliseconds: number): void => {
  starts[id] = 1;
  for (const end = performance.now() + milliseconds; performance.now() < end; );
};

/** Tasks a second that a pool can do. */
async function capacity(): Promise<number> {
  const pool = new Pool({ workers: WORKERS });
  await Promise.all(Array.from({ length: 100 }, () => pool.submit(burn, 5)));
  const began = performance.now();
  await Promise.all(Array.from({ length: 400 }, () => pool.submit(burn, 5)));
  const rate = 400_000 / (performance.now() - began);
  await pool.close();
  return rate;
}

interface Outcome {
  readonly overflow: Overflow;
  readonly submitted: number;
  readonly done: number;
  readonly refused: number;
  readonly givenUp: number;
  /** Of those that were given up while they waited. */
  readonly startedAllTheSame: number;
  readonly milliseconds: {
    readonly median: number;
    readonly p99: number;
    readonly most: number;
    readonly bound: number;
  };
  readonly memoryMiB: readonly number[];
}

async function overload(overflow: Overflow, rate: number): Promise<Outcome> {
  const pool = new Pool({ workers: WORKERS, backlog: BACKLOG, overflow });
  const starts = new SharedArray(uint8, MOST_TASKS);
  const took: number[] = [];
  const memoryMiB: number[] = [];
  const waited: number[] = [];
  let [submitted, refused] = [0, 0];
  const one = (id: number): void => {
    const began = performance.now();
    const future = pool.submit(startThenBurn, starts, id, 5);
    future.then(
      () => took.push(performance.now() - began),
      (error: unknown) => {
        if (error instanceof PoolFullError) refused += 1;
        else if (!(error instanceof CancelledError)) throw error;
      },
    );
    if (id % GIVEN_UP === 0 && !future.done && !future.running && future.cancel()) waited.push(id);
  };
  const began = performance.now();
  for (let now = began, look = began; now < began + SECONDS * 1000; now = performance.now()) {
    const wanted = Math.min(MOST_TASKS, ((now - began) / 1000) * rate * TIMES);
    for (; submitted < wanted; submitted++) one(submitted);
    if (now >= look) {
      memoryMiB.push((await vitals()).memoryMiB);
      look = performance.now() + (SECONDS * 1000) / LOOKS;
    }
    await new Promise((resolve) => setTimeout(resolve, TICK));
  }
  await pool.close();
  took.sort((a, b) => a - b);
  const at = (part: number): number => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? 0;
  return {
    overflow,
    submitted,
    done: took.length,
    refused,
    givenUp: waited.length,
    startedAllTheSame: waited.filter((id) => starts[id] === 1).length,
    milliseconds: { median: at(0.5), p99: at(0.99), most: at(1), bound: ((BACKLOG + WORKERS) / rate) * 1000 },
    memoryMiB,
  };
}

const rate = await capacity();
console.log(
  `${WORKERS} threads do ${rate.toFixed(0)} tasks of 5 ms a second; ${TIMES} times as many come, for ${SECONDS} s`,
);
const outcomes: Outcome[] = [];
let holds = true;
for (const overflow of ['reject', 'drop-oldest'] as const) {
  const outcome = await overload(overflow, rate);
  outcomes.push(outcome);
  const { milliseconds, memoryMiB, startedAllTheSame } = outcome;
  const { before, after } = quarters(memoryMiB);
  const checks: readonly (readonly [string, boolean])[] = [
    [
      `memory ${before.toFixed(0)} → ${after.toFixed(0)} MiB, from the second quarter to the last`,
      after <= before * 1.1 + 8,
    ],
    [
      `answers after ${milliseconds.median.toFixed(0)} ms (p99 ${milliseconds.p99.toFixed(0)}, a full backlog takes ${milliseconds.bound.toFixed(0)})`,
      milliseconds.p99 <= milliseconds.bound * 2,
    ],
    [`${outcome.givenUp} given up while they waited, ${startedAllTheSame} of them started`, startedAllTheSame === 0],
  ];
  console.log(`\n${overflow}: ${outcome.submitted} submitted, ${outcome.done} done, ${outcome.refused} refused`);
  for (const [what, met] of checks) {
    console.log(`  ${met ? '✔' : '✖'} ${what}`);
    holds &&= met;
  }
}
const report = { date: new Date().toISOString(), machine: machineNow({}), rate, outcomes };
writeFileSync(new URL('../results/overload.json', import.meta.url), `${JSON.stringify(report, undefined, 2)}\n`);
process.exitCode = holds ? 0 : 1;
