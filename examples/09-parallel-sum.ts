/**
 * A sum over ten million numbers in shared memory, by all cores.
 *
 * A SharedArray is a typed array: what travels to a worker is where it lies, so each sums its part in place. With `kind: 'process'`
 * and `scope: 'process'` the same program runs on processes.
 * @module
 */
import { availableParallelism } from 'node:os';
import { float64, Pool, SharedArray } from '../src/index.ts';

const LENGTH = 10_000_000;
const numbers = new SharedArray(float64, LENGTH);
for (let i = 0; i < LENGTH; i++) numbers[i] = i + 1;

const pool = new Pool();
const workers = availableParallelism();
const part = Math.ceil(LENGTH / workers);
const sums = await pool.map(
  (from: number) => {
    let sum = 0;
    for (const number of numbers.subarray(from, from + part)) sum += number;
    return sum;
  },
  Array.from({ length: workers }, (_, i) => i * part),
  { chunkSize: 1 },
);
await pool.close();

console.log('Numbers: %d', LENGTH);
console.log(
  'Sum:     %d',
  sums.reduce((sum, each) => sum + each, 0),
);

// Output:
// Numbers: 10000000
// Sum:     50000005000000
