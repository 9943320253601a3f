/**
 * `npm test`: every test file on every supported Node, from src/ and from the packed package.
 *
 * How it works  A plan of runs, one after the other, because on a small machine two at once would disturb each other's
 *               timing. Each run is node:test itself, a process a file. The closing lines at the end are the sums of what
 *               the runs reported.
 * From package  `tools/use-package.cjs` sends every import of src/ to the copy of the package that was packed and installed
 *               in a temporary folder, in the tests and in every thread and process that they start.
 * Use           npm test -- [--node 26|24|22]… [--from src|package]… [--name PATTERN] [--timeout MS] [--verbose] [files or folders…]
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { packAndInstall } from './pack-and-install.mjs';
import { ensureInstalled, nodeBinary, nodeMajors, root, run, stop } from './project.mjs';
import { testFilesIn } from './test-files.mjs';

/** Milliseconds that one run may take; the last resort. */
const RUN_LIMIT = 1_200_000;

/** Folders whose tests look at the repository, not at the running library: once, on the first Node, is enough. */
const repositoryOnly = ['architecture', 'docs', 'package', 'tools', 'types'];
/** Folders that take no part in the runs against the packed package. */
const sourceOnly = [...repositoryOnly, 'examples'];

/** @typedef {{ tests: number, suites: number, passed: number, failed: number, cancelled: number, skipped: number, todo: number }} Totals */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', multiple: true },
    from: { type: 'string', multiple: true },
    name: { type: 'string' },
    timeout: { type: 'string', default: '240000' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(
    'npm test -- [--node 26|24|22]… [--from src|package]… [--name PATTERN] [--timeout MS] [--verbose] [files or folders…]',
  );
  process.exit(0);
}
/** Milliseconds that one file, or one test in it, may take. */
const fileLimit = Number(values.timeout);
if (!Number.isInteger(fileLimit) || fileLimit < 1)
  stop(`--timeout ${values.timeout}: wants whole milliseconds, at least 1.`);
const majors = chosen('--node', values.node, nodeMajors);
const sources = chosen('--from', values.from, ['src', 'package']);

/**
 * @param {string} option
 * @param {readonly string[] | undefined} asked
 * @param {readonly string[]} known
 */
function chosen(option, asked, known) {
  const unknown = asked?.find((value) => !known.includes(value));
  if (unknown !== undefined) stop(`${option} ${unknown}: there are ${known.join(', ')}.`);
  return asked ?? known;
}

/** @param {string} path */
function filesAt(path) {
  const found = testFilesIn(path);
  if (found.length === 0) stop(`${path}: there is no test file (*.test.ts) there.`);
  return found;
}

const folderOf = (/** @type {string} */ file) => file.split(/[\\/]/)[1] ?? '';

await ensureInstalled();
const asked = positionals.length > 0;
const files = [...new Set(asked ? positionals.flatMap(filesAt) : testFilesIn('test'))];
const started = performance.now();
const scratch = mkdtempSync(join(tmpdir(), 'manyhands-test-'));
/** @type {Totals} */
const sum = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };
let broken = false;
let runs = 0;

/**
 * @param {string} major
 * @param {string} from
 * @param {readonly string[]} list
 * @param {NodeJS.ProcessEnv} [extra]
 */
async function runFiles(major, from, list, extra = {}) {
  if (list.length === 0) return;
  const totalsFile = join(scratch, `totals-${runs}.json`);
  runs += 1;
  const args = [
    '--test',
    `--test-concurrency=${Math.min(4, availableParallelism())}`,
    `--test-timeout=${fileLimit}`,
    `--test-reporter=${pathToFileURL(join(root, 'tools', 'test-reporter.mjs')).href}`,
    '--test-reporter-destination=stdout',
    ...(values.name === undefined ? [] : [`--test-name-pattern=${values.name}`]),
    ...list,
  ];
  const env = {
    ...process.env,
    NODE_OPTIONS: undefined,
    NODE_TEST_CONTEXT: undefined,
    MANYHANDS_TOTALS: totalsFile,
    MANYHANDS_RUN: `node ${major} ${from}`,
    MANYHANDS_NARROWED: values.name === undefined ? undefined : '1',
    MANYHANDS_VERBOSE: values.verbose ? '1' : undefined,
    ...extra,
  };
  const { code } = await run(nodeBinary(major), args, { env, timeout: RUN_LIMIT });
  const result = readResult(totalsFile);
  if (result === undefined) console.log(`✖ node ${major} ${from}: the run ended without a result (exit code ${code}).`);
  if (code !== 0 || result?.success !== true) broken = true;
  for (const key of /** @type {(keyof Totals)[]} */ (Object.keys(sum))) sum[key] += result?.counts[key] ?? 0;
}

/**
 * What tools/test-reporter.mjs wrote.
 * @param {string} file
 * @returns {{ success: boolean, counts: Totals } | undefined}
 */
function readResult(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

try {
  const packaged = files.filter((file) => !sourceOnly.includes(folderOf(file)));
  const fromPackage = sources.includes('package') && packaged.length > 0;
  const built = fromPackage || files.some((file) => folderOf(file) === 'package') ? await build() : undefined;
  if (built !== undefined && built.code !== 0) {
    console.log(`✖ dist/ cannot be built, so nothing is tested from the package:\n${built.output}`);
    broken = true;
  }
  if (sources.includes('src')) {
    for (const major of majors) {
      const first = major === majors[0];
      const list = files.filter(
        (file) => first || values.node !== undefined || !repositoryOnly.includes(folderOf(file)),
      );
      await runFiles(major, 'src', list);
    }
  }
  if (fromPackage && built?.code === 0) {
    const installed = await packAndInstall(join(scratch, 'package'));
    // quoted: the path may hold spaces
    const hooks = JSON.stringify(join(root, 'tools', 'use-package.cjs'));
    const env = { NODE_OPTIONS: `--require=${hooks}`, MANYHANDS_PACKAGE: installed };
    for (const major of majors) await runFiles(major, 'package', packaged, env);
  }
} catch (error) {
  console.log(`✖ ${error instanceof Error ? error.stack : String(error)}`);
  broken = true;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

if (sum.tests === 0) console.log('✖ No test ran.');
const lines = [
  ['tests', sum.tests],
  ['suites', sum.suites],
  ['pass', sum.passed],
  ['fail', sum.failed],
  ['cancelled', sum.cancelled],
  ['skipped', sum.skipped],
  ['todo', sum.todo],
  ['duration_ms', Math.round(performance.now() - started)],
];
for (const [name, value] of lines) console.log(`ℹ ${name} ${value}`);
process.exitCode = broken || sum.tests === 0 || sum.failed + sum.cancelled > 0 ? 1 : 0;
