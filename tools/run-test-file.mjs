/**
 * Runs one test file in a process of its own, to its end or to its limit, and cleans up behind it.
 *
 * How it works  The file is the main module of a Node that reports its tests to a file (tools/test-reporter.mjs). On POSIX the
 *               process leads a group of its own, so that everything it starts can be found again: when it has ended, its group
 *               must be empty after a while (GRACE); what is left is named, killed, and fails the file.
 * Why           `node --test` waits for a file that hangs for as long as the file likes, and does not notice what a file leaves
 *               behind. Its time limit is for single tests: it is used as well, so that one that hangs does not take the others
 *               along.
 * @module
 */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './project.mjs';

/** @typedef {import('./test-reporter.mjs').Counts} Counts */

/**
 * @typedef {object} TestRun
 * @property {string} node        binary
 * @property {string} file        relative to the repository
 * @property {string} reportFile  where the reporter may write
 * @property {NodeJS.ProcessEnv} env
 * @property {number} limit       milliseconds for the file
 * @property {string | undefined} pattern  of names of tests
 * @property {boolean} verbose    whether its output is passed on as it comes
 */

/**
 * @typedef {object} TestResult
 * @property {string[]} failures  each told in full
 * @property {string} output      what it wrote
 * @property {Counts} counts      of the tests that ended
 * @property {number} seconds
 */

/** Most that one test may take, as part of what its file may take. */
const TEST_SHARE = 0.5;
/** Milliseconds in which what a file has started must be gone after its end. */
const GRACE = 20_000;

const reporter = pathToFileURL(join(root, 'tools', 'test-reporter.mjs')).href;
const hasGroups = process.platform !== 'win32';

/** Groups that run now. @type {Set<number>} */
const running = new Set();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => {
    for (const group of running) killGroup(group);
    process.exit(128 + (signal === 'SIGINT' ? 2 : signal === 'SIGTERM' ? 15 : 1));
  });
}

/**
 * @param {TestRun} test
 * @returns {Promise<TestResult>}
 */
export async function runTestFile(test) {
  const { node, file, reportFile, env, limit, pattern, verbose } = test;
  rmSync(reportFile, { force: true });
  const started = performance.now();
  const args = [
    `--test-timeout=${Math.ceil(limit * TEST_SHARE)}`,
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${reportFile}`,
    ...(verbose ? ['--test-reporter=spec', '--test-reporter-destination=stdout'] : []),
    ...(pattern === undefined ? [] : [`--test-name-pattern=${pattern}`]),
    join(root, file),
  ];
  const child = spawn(node, args, { cwd: root, env, detached: hasGroups, stdio: ['ignore', 'pipe', 'pipe'] });
  const group = child.pid ?? 0;
  running.add(group);
  let output = '';
  const take = (/** @type {Buffer} */ chunk) => {
    if (verbose) process.stdout.write(chunk);
    else output += chunk;
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const closed = new Promise((resolve) => child.once('close', resolve));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(group);
  }, limit);
  /** @type {{ code: number | null, signal: NodeJS.Signals | null, error?: Error }} */
  const end = await new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => resolve({ code: 1, signal: null, error }));
  });
  clearTimeout(timer);
  const left = timedOut || end.error !== undefined ? [] : await leftBehind(group);
  if (left.length > 0) killGroup(group);
  if (end.error === undefined) await closed;
  running.delete(group);

  const { failures, notes, counts, ended, atWork } = readReport(reportFile);
  if (end.error !== undefined) failures.push(`✖ ${node} cannot be started: ${end.error.message}`);
  else if (timedOut) {
    const where = atWork.length === 0 ? 'no test was running' : `it was at: ${atWork.join(', ')}`;
    failures.push(`✖ the file had not ended after ${limit / 1000} s and was killed; ${where}`);
  } else if (end.signal !== null) failures.push(`✖ the process of this file was ended by ${end.signal}`);
  else if (failures.length === 0 && end.code !== 0) {
    failures.push([`✖ the process of this file ended with exit code ${end.code}`, ...notes].join('\n'));
  } else if (!ended && failures.length === 0) failures.push('✖ holds no test, or ended before its tests did');
  else if (counts.tests === 0 && pattern === undefined) failures.push('✖ holds no test');
  if (left.length > 0) failures.push(`✖ left running after its end:\n${left.map((line) => `    ${line}`).join('\n')}`);
  return { failures, output, counts, seconds: (performance.now() - started) / 1000 };
}

/** @param {number} group */
function killGroup(group) {
  try {
    process.kill(hasGroups ? -group : group, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

/**
 * Waits until a group is empty, for a while; the processes that are in it then, a line each.
 * @param {number} group
 */
async function leftBehind(group) {
  if (!hasGroups) return [];
  for (const deadline = performance.now() + GRACE; ; ) {
    try {
      process.kill(-group, 0);
    } catch {
      return [];
    }
    if (performance.now() > deadline) return membersOf(group);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * @param {number} group
 * @returns {string[]}
 */
function membersOf(group) {
  const list = execFileSync('ps', ['-A', '-o', 'pgid=,pid=,stat=,args='], { encoding: 'utf8' });
  const members = list.split('\n').filter((line) => Number(line.trim().split(/\s+/)[0]) === group);
  // a zombie has ended, whoever should have noticed
  return members.filter((line) => !/^\s*\d+\s+\d+\s+Z/.test(line)).map((line) => line.trim().slice(0, 200));
}

/**
 * @param {string} file
 * @returns {{ failures: string[], notes: string[], counts: Counts, ended: boolean, atWork: string[] }}
 */
function readReport(file) {
  const counts = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };
  const report = {
    failures: /** @type {string[]} */ ([]),
    notes: /** @type {string[]} */ ([]),
    counts,
    ended: false,
    atWork: /** @type {string[]} */ ([]),
  };
  let passed = 0;
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // it ended before its first test did
  }
  for (const line of text.split('\n')) {
    if (!line.endsWith('}')) continue;
    /** @type {import('./test-reporter.mjs').ReportLine} */
    const value = JSON.parse(line);
    if (value.type === 'failure') report.failures.push(value.text);
    else if (value.type === 'pass') passed += 1;
    else if (value.type === 'begun') report.atWork.push(value.name);
    else if (value.type === 'done') report.atWork = without(report.atWork, value.name);
    else if (value.type === 'note') report.notes.push(value.text);
    else if (value.type === 'end') {
      report.counts = value.counts;
      report.ended = true;
    }
  }
  // A file that was cut off has not said how many there were: count those that are known to have ended
  if (!report.ended) {
    const failed = report.failures.length;
    report.counts = { ...counts, tests: passed + failed, passed, failed };
  }
  return report;
}

/**
 * @param {readonly string[]} names
 * @param {string} name  one of them, which may be there more than once
 */
function without(names, name) {
  const at = names.lastIndexOf(name);
  return names.filter((_, index) => index !== at);
}
