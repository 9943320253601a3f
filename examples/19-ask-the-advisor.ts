/**
 * Process, thread, or neither? Three functions are measured, each is run as the advice says, and a pool finds out by itself.
 *
 * `manyhands advise ./work.ts#parse -a files.txt` asks the same from the shell, and `--html page.html` draws the answer.
 * @module
 */
import { type Advice, adviceText, advise, Pool } from '../src/index.ts';

/** Computes. */
function countPrimes(below: number): number {
  let count = 0;
  for (let n = 2; n < below; n += 1) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor += 1;
    if (divisor * divisor > n) count += 1;
  }
  return count;
}

/** Waits for somebody else. */
const lookUp = (name: string): Promise<string> => new Promise((resolve) => setTimeout(() => resolve(`${name}!`), 20));

/** Does almost nothing. */
const double = (x: number): number => x * 2;

// Each is really called while it is measured, for two seconds at most; the inputs are samples of the real ones.
const options = { budget: 2000 };
const answers: readonly Advice[] = [
  await advise(countPrimes, [20_000, 25_000, 30_000], options),
  await advise(lookUp, ['ann', 'bob'], options),
  await advise(double, [1, 2, 3], options),
];
for (const { work, sentence, code } of answers) console.error(`${work}: ${sentence}\n  ${code}`);
console.error(`\n${adviceText(answers[0] as Advice)}`);

const [primes, waits, tiny] = answers as [Advice, Advice, Advice];
console.log(['cpu', 'memory-bandwidth'].includes(primes.work), waits.work, tiny.work);
console.error(`Look-ups: ${waits.speedUp.value.toFixed(1)} times as many when they are under way together.`);

// Run as advised.
const inputs = [10_000, 20_000, 30_000];
const { kind, workers, tasksPerWorker } = primes;
if (kind === 'none') {
  console.log(inputs.map(countPrimes));
} else {
  const pool = new Pool({ kind, workers, tasksPerWorker });
  console.log(await pool.map(countPrimes, inputs));
  await pool.close();
}

// Or leave it to the pool: it learns while it works, and says why it did what it did.
const auto = new Pool({ kind: 'auto' });
const names = await auto.map(
  lookUp,
  Array.from({ length: 2000 }, (_, n) => `host ${n}`),
);
console.error(auto.tuning);
console.log(names.length, names.at(-1));
await auto.close();

// Output:
// true async-io tiny
// [ 1229, 2262, 3245 ]
// 2000 host 1999!
