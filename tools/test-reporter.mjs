/**
 * How a test run looks: a line for each file, all of every failure, nothing else; and the totals for tools/test.mjs.
 *
 * How it works  What a file writes is kept until the file ends and shown only if it failed. The totals are those that the
 *               runner itself reports at its end (`test:summary`); they go to the file that MANYHANDS_TOTALS names, because
 *               one `npm test` is several runs and prints one set of closing lines.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { inspect } from 'node:util';

/**
 * @typedef {{ type: string, data: any }} TestEvent  as node:test emits them
 * @typedef {{ text: string, failures: string[], path: string[] }} FileReport  path: names of the suites and the test that run
 */

const label = process.env['MANYHANDS_RUN'] ?? 'tests';
const narrowed = process.env['MANYHANDS_NARROWED'] === '1';
const verbose = process.env['MANYHANDS_VERBOSE'] === '1';

/** @param {AsyncIterable<TestEvent>} events */
export default async function* report(events) {
  /** @type {Map<string, FileReport>} */
  const files = new Map();
  const reportOf = (/** @type {string} */ name) => {
    let found = files.get(name);
    if (found === undefined) {
      found = { text: '', failures: [], path: [] };
      files.set(name, found);
    }
    return found;
  };
  let empty = 0;
  for await (const { type, data } of events) {
    const name = data?.file === undefined ? '' : relative(process.cwd(), data.file);
    if (type === 'test:start') {
      const { path } = reportOf(name);
      path.splice(data.nesting, path.length, data.name);
    } else if (type === 'test:stdout' || type === 'test:stderr') {
      if (verbose) yield data.message;
      else reportOf(name).text += data.message;
    } else if (type === 'test:fail' && data.todo === undefined) {
      const failure = describe(data, reportOf(name).path.slice(0, data.nesting));
      if (failure !== undefined) reportOf(name).failures.push(failure);
    } else if (type === 'test:pass' && data.nesting === 0 && isFile(data)) {
      // The runner counts a file in which no test ran as a test that passed
      empty += 1;
      if (!narrowed) yield `✖ ${label}  ${name}  holds no test\n`;
    } else if (type === 'test:pass' && verbose) {
      yield `${'  '.repeat(data.nesting)}✔ ${data.name} (${data.details.duration_ms.toFixed(0)} ms)\n`;
    } else if (type === 'test:diagnostic' && data.file !== undefined) {
      reportOf(name).text += `${data.message}\n`;
    } else if (type === 'test:summary') {
      if (data.file === undefined) {
        writeTotals(data, empty);
      } else {
        if (data.counts.tests > 0) yield lineFor(name, data);
        const { text, failures } = reportOf(name);
        if (!data.success) yield details(text, failures);
        files.delete(name);
      }
    }
  }
  // A file that could not even start has no summary of its own
  for (const [name, { text, failures }] of files) {
    if (failures.length > 0) yield `✖ ${label}  ${name}\n${details(text, failures)}`;
  }
}

/**
 * Whether a test stands for its whole file.
 * @param {any} data
 */
function isFile(data) {
  return data.file !== undefined && resolve(data.name) === data.file;
}

/**
 * @param {any} data
 * @param {number} empty  files in which no test ran
 */
function writeTotals(data, empty) {
  const file = process.env['MANYHANDS_TOTALS'];
  if (file === undefined) return;
  const { tests, passed } = data.counts;
  const success = data.success && (narrowed || empty === 0);
  writeFileSync(
    file,
    JSON.stringify({ success, counts: { ...data.counts, tests: tests - empty, passed: passed - empty } }),
  );
}

/**
 * @param {string} name
 * @param {any} data
 */
function lineFor(name, data) {
  const { passed, skipped, todo } = data.counts;
  const failed = data.counts.tests - passed - skipped - todo;
  const notes = [`${passed} passed`];
  if (failed > 0) notes.push(`${failed} FAILED`);
  if (skipped > 0) notes.push(`${skipped} skipped`);
  if (todo > 0) notes.push(`${todo} to do`);
  const seconds = (data.duration_ms / 1000).toFixed(1).padStart(6);
  return `${data.success ? '✔' : '✖'} ${label} ${seconds} s  ${name}  ${notes.join(', ')}\n`;
}

/**
 * @param {any} data
 * @param {readonly string[]} suites
 */
function describe(data, suites) {
  const error = data.details.error;
  // A suite or file that fails only because of a test in it says nothing new
  if (error?.failureType === 'subtestsFailed') return undefined;
  const place = data.line === undefined ? '' : `  (line ${data.line})`;
  if (isFile(data) && error?.code === 'ERR_TEST_FAILURE' && (error.exitCode ?? error.signal ?? null) !== null) {
    return `✖ the process of this file ended with ${error.signal ?? `exit code ${error.exitCode}`}`;
  }
  return `✖ ${[...suites, data.name].join(' > ')}${place}\n${tell(error?.cause ?? error).replace(/^/gm, '    ')}`;
}

/**
 * An error as text, without the runner's own frames.
 * @param {unknown} thrown
 * @returns {string}
 */
function tell(thrown) {
  if (!(thrown instanceof Error)) return inspect(thrown, { depth: 4 });
  const lines = (thrown.stack ?? String(thrown)).split('\n');
  const text = lines.filter((line) => !/^\s+at .*(?:node:internal|node:async_hooks)/.test(line)).join('\n');
  return thrown.cause === undefined ? text : `${text}\ncaused by: ${tell(thrown.cause)}`;
}

/**
 * @param {string} text
 * @param {readonly string[]} failures
 */
function details(text, failures) {
  const written = text.trimEnd();
  const parts = [...failures];
  if (written !== '') parts.push(`It wrote:\n${written.replace(/^/gm, '    ')}`);
  return `${parts.join('\n').replace(/^/gm, '    ')}\n\n`;
}
