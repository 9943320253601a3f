/**
 * Reports one test file to tools/run-test-file.mjs: a JSON object a line, for each test as it ends and for the whole at the
 * end. What a person reads is written there, when the file has ended.
 * @module
 */
import { inspect } from 'node:util';

/**
 * @typedef {object} Counts  as node:test has them
 * @property {number} tests
 * @property {number} suites
 * @property {number} passed
 * @property {number} failed
 * @property {number} cancelled
 * @property {number} skipped
 * @property {number} todo
 */

/**
 * @typedef {{ type: 'note', text: string } | { type: 'failure', text: string } | { type: 'pass' } |
 *   { type: 'begun' | 'done', name: string } | { type: 'end', counts: Counts }} ReportLine
 */

/**
 * @param {AsyncIterable<{ type: string, data: any }>} events  as node:test emits them
 * @returns {AsyncGenerator<string>}
 */
export default async function* report(events) {
  /** @type {string[]} names of the suites and the test that run */
  const path = [];
  /** @type {Map<string, number>} the runner's own closing lines: this is the only form in which it gives them away here */
  const totals = new Map();
  const line = (/** @type {ReportLine} */ value) => `${JSON.stringify(value)}\n`;
  for await (const { type, data } of events) {
    if (type === 'test:dequeue') {
      yield line({ type: 'begun', name: data.name });
    } else if (type === 'test:complete') {
      yield line({ type: 'done', name: data.name });
    } else if (type === 'test:start') {
      path.splice(data.nesting, path.length, data.name);
    } else if (type === 'test:fail' && data.todo === undefined) {
      const text = describe(data, path.slice(0, data.nesting));
      if (text !== undefined) yield line({ type: 'failure', text });
    } else if (type === 'test:pass' && data.details.type !== 'suite') {
      yield line({ type: 'pass' });
    } else if (type === 'test:diagnostic') {
      const total =
        data.nesting === 0 ? /^(tests|suites|pass|fail|cancelled|skipped|todo) (\d+)$/.exec(data.message) : null;
      if (total !== null) totals.set(String(total[1]), Number(total[2]));
      else if (/^(?:Error|Warning): /.test(data.message)) yield line({ type: 'note', text: data.message });
    }
  }
  const count = (/** @type {string} */ name) => totals.get(name) ?? 0;
  yield line({
    type: 'end',
    counts: {
      tests: count('tests'),
      suites: count('suites'),
      passed: count('pass'),
      failed: count('fail'),
      cancelled: count('cancelled'),
      skipped: count('skipped'),
      todo: count('todo'),
    },
  });
}

/**
 * @param {any} data
 * @param {readonly string[]} suites
 * @returns {string | undefined}
 */
function describe(data, suites) {
  const error = data.details.error;
  // A suite that fails only because of a test in it says nothing new
  if (error?.failureType === 'subtestsFailed') return undefined;
  const place = data.line === undefined ? '' : `  (line ${data.line})`;
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
  const text = lines.filter((each) => !/^\s+at .*(?:node:internal|node:async_hooks)/.test(each)).join('\n');
  return thrown.cause === undefined ? text : `${text}\ncaused by: ${tell(thrown.cause)}`;
}
