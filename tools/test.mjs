/**
 * `npm test`: every test file on every supported Node, from src/ and from the packed package.
 *
 * How it works  A plan of runs, one after the other; within a run, a few files at once, a process each
 *               (tools/run-test-file.mjs). A file that passes prints one line, a file that fails prints all of every failure,
 *               which is said once more at the end. The closing lines are those of node:test, summed over all files.
 * Plan          On the first Node everything from src/ and all that can be run from the package; on the others each test once,
 *               from the package where that can be: what differs between the two forms differs on every Node. `--from src` runs
 *               everything from src/.
 * From package  `tools/use-package.cjs` sends every import of the front door to the copy of the package that was packed and
 *               installed in a temporary folder, in the tests and in every thread and process that they start. Tests that look
 *               inside, at a file that the package does not show, run from src/ only.
 * Use           npm test -- --help
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { packAndInstall } from './pack-and-install.mjs';
import { ensureInstalled, nodeBinary, nodeMajors, root, stop } from './project.mjs';
import { runTestFile } from './run-test-file.mjs';
import { looksInside, testFilesIn } from './test-files.mjs';

const HELP = `npm test -- [options] [files or folders…]     all of test/ when none is named

  --node 26|24|22      on this Node only; may be repeated
  --from src|package   from the sources, or from the packed package, only
  --name PATTERN       only tests whose names match
  --timeout MS         for each file; 240000 by default
  --jobs N             files at once; the number of cores by default, at most 4
  --verbose            pass on everything that the tests write`;

/** Folders whose tests look at the repository, not at the running library: once, on the first Node and from the sources, is enough. */
const repositoryOnly = ['architecture', 'docs', 'package', 'tools', 'types'];
/** Lines of a failure that are said once more at the end. */
const MOST_LINES = 60;
/** Folders whose tests read dist/. */
const needDist = ['docs', 'package'];

/** @typedef {import('./test-reporter.mjs').Counts} Counts */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', multiple: true },
    from: { type: 'string', multiple: true },
    name: { type: 'string' },
    timeout: { type: 'string', default: '240000' },
    jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const limit = wholeNumber('--timeout', values.timeout);
const jobs = wholeNumber('--jobs', values.jobs);
const majors = chosen('--node', values.node, nodeMajors);
const sources = chosen('--from', values.from, ['src', 'package']);

/**
 * @param {string} option
 * @param {string} text
 */
function wholeNumber(option, text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) stop(`${option} ${text}: wants a whole number of at least 1.`);
  return number;
}

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
const files = [...new Set(positionals.length > 0 ? positionals.flatMap(filesAt) : testFilesIn('test'))];
const started = performance.now();
const scratch = mkdtempSync(join(tmpdir(), 'manyhands-test-'));
// also when a signal ends this run
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
/** @type {Counts} */
const sum = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };
/** What failed, and how. @type {{ readonly what: string; readonly told?: string }[]} */
const broken = [];
let reports = 0;

/**
 * @param {string} major
 * @param {string} from
 * @param {readonly string[]} list
 * @param {NodeJS.ProcessEnv} [extra]
 */
async function runFiles(major, from, list, extra = {}) {
  const env = {
    ...process.env,
    NODE_OPTIONS: undefined,
    NODE_TEST_CONTEXT: undefined,
    // Each thread and process would strip the types of a hundred and fifty files: two thirds of what a small test costs.
    ...(from === 'src' ? { NODE_COMPILE_CACHE: join(scratch, 'compiled') } : {}),
    ...extra,
  };
  const waiting = [...list];
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      reports += 1;
      const reportFile = join(scratch, `report-${reports}.jsonl`);
      const test = {
        node: nodeBinary(major),
        file,
        reportFile,
        env,
        limit,
        pattern: values.name,
        verbose: values.verbose,
      };
      const result = await runTestFile(test);
      print(`node ${major} ${from.padEnd(7)}`, file, result);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
}

/** @param {string} text */
function firstLines(text) {
  const lines = text.split('\n');
  const left = lines.length - MOST_LINES;
  return left <= 0 ? text : [...lines.slice(0, MOST_LINES), `    … ${left} more lines above`].join('\n');
}

/**
 * @param {string} where
 * @param {string} file
 * @param {import('./run-test-file.mjs').TestResult} result
 */
function print(where, file, { counts, failures, output, seconds }) {
  if (failures.length > 0 && counts.failed + counts.cancelled === 0) {
    // as node:test has it: a file that fails by itself is a test that failed
    counts.tests += 1;
    counts.failed += 1;
  }
  for (const key of /** @type {(keyof Counts)[]} */ (Object.keys(sum))) sum[key] += counts[key];
  if (failures.length === 0 && counts.tests === 0) return;
  const notes = [`${counts.passed} passed`];
  if (counts.failed + counts.cancelled > 0) notes.push(`${counts.failed + counts.cancelled} FAILED`);
  if (counts.skipped > 0) notes.push(`${counts.skipped} skipped`);
  if (counts.todo > 0) notes.push(`${counts.todo} to do`);
  const mark = failures.length === 0 ? '✔' : '✖';
  console.log(`${mark} ${where} ${seconds.toFixed(1).padStart(6)} s  ${file}  ${notes.join(', ')}`);
  if (failures.length === 0) return;
  const written = output.trimEnd();
  const told = written === '' ? failures : [...failures, `It wrote:\n${written.replace(/^/gm, '    ')}`];
  const text = told.join('\n').replace(/^/gm, '    ');
  console.log(`${text}\n`);
  broken.push({ what: `${where}  ${file}`, told: text });
}

try {
  const packaged = files.filter((file) => !repositoryOnly.includes(folderOf(file)) && !looksInside(file));
  const fromPackage = sources.includes('package') && packaged.length > 0;
  const built = fromPackage || files.some((file) => needDist.includes(folderOf(file))) ? await build() : undefined;
  if (built !== undefined && built.code !== 0) {
    console.log(`✖ dist/ cannot be built, so nothing is tested from the package:\n${built.output}`);
    broken.push({ what: 'the build' });
  }
  if (sources.includes('src')) {
    for (const major of majors) {
      const everything = major === majors[0] || values.node !== undefined;
      const here = everything ? files : files.filter((file) => !repositoryOnly.includes(folderOf(file)));
      const twice = major === nodeMajors[0] || !fromPackage;
      await runFiles(major, 'src', twice ? here : here.filter((file) => !packaged.includes(file)));
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
  broken.push({ what: 'the run itself' });
}

if (sum.tests === 0 && broken.length === 0) broken.push({ what: 'no test ran' });
if (broken.length > 0 && sum.failed + sum.cancelled === 0) {
  sum.tests += 1;
  sum.failed += 1;
}
if (broken.length > 0) {
  console.log(`Failed:\n${broken.map(({ what }) => `  ${what}`).join('\n')}`);
  // Once more what may have scrolled away.
  for (const { what, told } of broken) if (told !== undefined) console.log(`\n${what}\n${firstLines(told)}`);
  console.log('');
}
const closing = [
  ['tests', sum.tests],
  ['suites', sum.suites],
  ['pass', sum.passed],
  ['fail', sum.failed],
  ['cancelled', sum.cancelled],
  ['skipped', sum.skipped],
  ['todo', sum.todo],
  ['duration_ms', Math.round(performance.now() - started)],
];
for (const [name, value] of closing) console.log(`ℹ ${name} ${value}`);
process.exitCode = broken.length > 0 ? 1 : 0;
