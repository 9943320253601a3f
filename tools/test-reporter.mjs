/**
 * How a test run looks: a line for each file, all of every failure, nothing else; and the totals for tools/test.mjs.
 *
 * How it works  What a file writes is kept until the file ends and shown only if it failed. The totals are those that the
 *               runner itself reports at its end (`test:summary`); they go to the file that MANYHANDS_TOTALS names, because
 *               one `npm test` is several runs and prints one set of closing lines.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { inspect } from 'node:util';

/**
 * @typedef {{ type: string, data: any }} TestEvent  as node:test emits them
 * @typedef {{ text: string, failures: string[] }} FileReport
 */

const label = process.env['MANYHANDS_RUN'] ?? 'tests';
const verbose = process.env['MANYHANDS_VERBOSE'] === '1';

/** @param {AsyncIterable<TestEvent>} events */
export default async function* report(events) {
  /** @type {Map<string, FileReport>} */
  const files = new Map();
  const reportOf = (/** @type {string} */ name) => {
    let found = files.get(name);
    if (found === undefined) {
      found = { text: '', failures: [] };
      files.set(name, found);
    }
    return found;
  };
  for await (const { type, data } of events) {
    const name = data?.file === undefined ? '' : relative(process.cwd(), data.file);
    if (type === 'test:stdout' || type === 'test:stderr') {
      if (verbose) yield data.message;
      else reportOf(name).text += data.message;
    } else if (type === 'test:fail') {
      const failure = describe(data);
      if (failure !== undefined) reportOf(name).failures.push(failure);
    } else if (type === 'test:pass' && verbose) {
      yield `${'  '.repeat(data.nesting)}✔ ${data.name} (${data.details.duration_ms.toFixed(0)} ms)\n`;
    } else if (type === 'test:summary') {
      if (data.file === undefined) {
        writeTotals(data);
      } else {
        yield lineFor(name, data);
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

/** @param {any} data */
function writeTotals(data) {
  const file = process.env['MANYHANDS_TOTALS'];
  if (file !== undefined) writeFileSync(file, JSON.stringify({ ...data.counts, success: data.success }));
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

/** @param {any} data */
function describe(data) {
  const error = data.details.error;
  // A suite or file that fails only because of a test in it says nothing new
  if (error?.failureType === 'subtestsFailed') return undefined;
  const cause = error?.cause ?? error;
  const place = data.line === undefined ? '' : `  (line ${data.line})`;
  const text = cause instanceof Error ? inspect(cause, { depth: 4 }) : String(cause);
  return `✖ ${data.name}${place}\n${text.replace(/^/gm, '    ')}`;
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
