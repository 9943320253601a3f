/**
 * Where the time of account.mjs goes: the same program with a clock in it. `node bench/locks/account-marks.mjs`.
 *
 * Milliseconds count from the start of the process. Without `--rows` it prints the sums only.
 * @module
 */
import { parseArgs } from 'node:util';

const before = performance.now();
const { Lock, sleepSync, Thread } = await import('../../dist/index.js');
const imported = performance.now();

const { rows: showRows } = parseArgs({ options: { rows: { type: 'boolean', default: false } } }).values;
const THREADS = 100;
const MARKS = 4; // runs, has the lock, has slept, has released it

class AddMoneyThread extends Thread {
  constructor(number, lock, marks, origin) {
    super();
    this.number = number;
    this.lock = lock;
    this.marks = marks;
    this.origin = origin;
  }

  run() {
    const now = () => performance.timeOrigin + performance.now() - this.origin;
    const runs = now();
    const hold = this.lock.acquireSync();
    const has = now();
    sleepSync(10);
    const slept = now();
    hold.release();
    this.marks.set([runs, has, slept, now()], this.number * MARKS);
  }
}

const lock = new Lock();
const marks = new Float64Array(new SharedArrayBuffer(THREADS * MARKS * Float64Array.BYTES_PER_ELEMENT));
const threads = [];
for (let number = 0; number < THREADS; number += 1) {
  const thread = new AddMoneyThread(number, lock, marks, performance.timeOrigin);
  threads.push(thread);
  thread.start();
}
const started = performance.now();
for (const thread of threads) await thread.join();
const joined = performance.now();

const rows = Array.from({ length: THREADS }, (_, i) => [...marks.subarray(i * MARKS, (i + 1) * MARKS)]);
rows.sort((a, b) => a[1] - b[1]);
const sleeps = rows.map(([, has, slept]) => slept - has);
const releases = rows.map(([, , slept, released]) => released - slept);
const handOvers = rows.slice(1).map(([, has], i) => has - rows[i][2]);
const runs = rows.map(([at]) => at);

line('Node has started', before);
line('the library is imported', imported);
line('all threads are started', started);
line('first thread runs', Math.min(...runs));
line('last thread runs', Math.max(...runs));
line('first has the lock', rows[0][1]);
line('last has released it', rows.at(-1)[3]);
line('all are joined', joined);
spread('sleep of 10 ms', sleeps);
spread('release', releases);
spread('slept to next has the lock', handOvers);
const { user, system } = process.cpuUsage();
line('processor time', (user + system) / 1000);
if (showRows) for (const row of rows) console.log(row.map((at) => at.toFixed(1).padStart(9)).join(''));

function line(text, ms) {
  console.log(`${text.padEnd(28)}${ms.toFixed(1).padStart(9)} ms`);
}

function spread(text, values) {
  const sorted = values.toSorted((a, b) => a - b);
  const sum = values.reduce((total, value) => total + value, 0);
  const middle = sorted[sorted.length >> 1];
  line(text, sum);
  console.log(`${''.padEnd(28)}   median ${middle.toFixed(2)}, most ${sorted.at(-1).toFixed(2)}`);
}
