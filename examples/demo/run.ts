/**
 * The demo: compresses real files with the command `manyhands map`, on one worker and on all, on threads and on processes.
 *
 * How it works  The files are TypeScript's and Node's type declarations, which every clone has under node_modules. The command
 *               is run as anyone would run it, its results go to a file each. Each run is made twice, turn and turn about, and
 *               the quicker one counts, as other programs only ever make one slower. Then all results are compared with each other
 *               and, uncompressed, with the files.
 *
 *     npm run demo
 *     npm run demo -- --jobs 4 --rounds 5
 *
 * @module
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, globSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliDecompressSync } from 'node:zlib';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const command = 'src/cli/entry/manyhands.ts';
const work = 'examples/demo/compress.ts';
const folder = join(tmpdir(), 'manyhands-demo');

/** One line of the command's output. */
interface Result {
  readonly file: string;
  readonly before: number;
  readonly after: number;
  readonly brotli: string;
}

/** One run of the command. */
interface Run {
  readonly kind: 'threads' | 'processes';
  readonly jobs: number;
  readonly seconds: number;
  readonly output: string;
}

const { values } = parseArgs({ options: { jobs: { type: 'string', short: 'j' }, rounds: { type: 'string' } } });
const all = wholeNumber('--jobs', values.jobs ?? String(availableParallelism()));
const rounds = wholeNumber('--rounds', values.rounds ?? '2');

const size = (file: string): number => statSync(join(root, file)).size;
// The largest first, so that none of them is left to the end, when the other workers have nothing more to do
const files = ['node_modules/@types/node/**/*.d.ts', 'node_modules/typescript/dist/**/*.{js,d.ts}']
  .flatMap((pattern) => globSync(pattern, { cwd: root }))
  .filter((file) => size(file) > 0)
  .sort((a, b) => size(b) - size(a) || (a < b ? -1 : 1));
const bytes = files.reduce((sum, file) => sum + size(file), 0);

mkdirSync(folder, { recursive: true });
const listFile = join(folder, 'files.txt');
writeFileSync(listFile, `${files.join('\n')}\n`);

console.log(
  `${files.length} files, ${megabytes(bytes)} MB: type declarations and sources under node_modules, to brotli quality 11.`,
);
console.log(`Node ${process.versions.node}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? process.arch}\n`);

const runs: Run[] = [];
for (let round = 0; round < rounds; round += 1) {
  for (const kind of ['threads', 'processes'] as const) {
    for (const jobs of new Set([1, all])) keepQuicker(await run(kind, jobs));
  }
}
console.log(`\n${table(runs)}\n`);
console.log(`${check(runs)}\n`);

function keepQuicker(next: Run): void {
  const at = runs.findIndex(({ kind, jobs }) => kind === next.kind && jobs === next.jobs);
  const before = runs[at];
  if (before === undefined) runs.push(next);
  else if (next.seconds < before.seconds) runs[at] = next;
}

/** Runs the command, with its results in a file. */
async function run(kind: Run['kind'], jobs: number): Promise<Run> {
  const output = join(folder, `${kind}-${jobs}.jsonl`);
  const args = [command, 'map', `${work}#compress`, `--${kind}`, '-j', String(jobs), '-a', listFile];
  if (!runs.some((each) => each.output === output)) console.log(`$ npx node ${args.join(' ')} > ${output}`);
  const fd = openSync(output, 'w');
  const started = performance.now();
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', fd, 'inherit'] });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seconds = (performance.now() - started) / 1000;
  closeSync(fd);
  if (exitCode !== 0) stop(`The command ended with exit code ${exitCode}.`);
  return { kind, jobs, seconds, output };
}

/** The runs side by side; each kind is compared with one worker of its own. */
function table(list: readonly Run[]): string {
  const head = ['', 'workers', 'time', 'files/s', 'MB/s', 'speed-up'];
  const rows = list.map(({ kind, jobs, seconds }) => {
    const one = list.find((each) => each.kind === kind && each.jobs === 1);
    const speedUp = one === undefined || jobs === 1 ? '' : `${(one.seconds / seconds).toFixed(2)} x`;
    return [
      kind,
      String(jobs),
      `${seconds.toFixed(2)} s`,
      (files.length / seconds).toFixed(1),
      (bytes / 1e6 / seconds).toFixed(2),
      speedUp,
    ];
  });
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('   ');
  const rule = widths.map((width) => '─'.repeat(width)).join('───');
  return [line(head), rule, ...rows.map(line)].map((text) => `  ${text.trimEnd()}`).join('\n');
}

/** Checks that all runs have the same results, in the files' order, and that these are the files. */
function check(list: readonly Run[]): string {
  const [first, ...others] = list.map(({ output }) => readFileSync(output, 'utf8'));
  for (const other of others) assert.ok(other === first, 'two runs have different results');
  const results = (first ?? '')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Result);
  assert.deepEqual(
    results.map(({ file }) => file),
    files,
    'the results are not in the order of the inputs',
  );
  let after = 0;
  for (const result of results) {
    const brotli = Buffer.from(result.brotli, 'base64');
    assert.ok(
      brotliDecompressSync(brotli).equals(readFileSync(join(root, result.file))),
      `${result.file} does not come back`,
    );
    after += brotli.length;
  }
  const share = `${((after / bytes) * 100).toFixed(1)} %`;
  return [
    `${bytes.toLocaleString('en')} bytes in, ${after.toLocaleString('en')} out (${share}).`,
    `All runs gave the same ${results.length} results, in the order of the inputs, and each gives its file back.`,
    `Results: ${relative(process.cwd(), folder).startsWith('..') ? folder : relative(process.cwd(), folder)}`,
  ].join('\n');
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 1 ? value : stop(`${name} must be a whole number of at least 1.`);
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}

function megabytes(count: number): string {
  return (count / 1e6).toFixed(1);
}
