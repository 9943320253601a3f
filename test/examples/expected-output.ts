/**
 * The `// Output:` comment at the end of an example, and whether a run printed that.
 *
 * How it works  Each line of the comment is a line of standard output. `…` in a line stands for any text, `{{pattern}}` for
 *               text that a regular expression matches, a line that is only `…` for any number of lines. After
 *               `// Output (any order):` the lines may come in any order.
 * @module
 */

/** What an example says that it prints. */
export interface ExpectedOutput {
  readonly anyOrder: boolean;
  readonly lines: readonly string[];
}

const START = /^\/\/ Output(?<order> \(any order\))?:\s*$/;

/** Reads the comment; undefined when the source does not end with one. */
export function expectedOutput(source: string): ExpectedOutput | undefined {
  const lines = source.trimEnd().split('\n');
  const start = lines.findLastIndex((line) => START.test(line));
  if (start === -1) return undefined;
  const comment = lines.slice(start + 1);
  if (comment.length === 0 || comment.some((line) => !line.startsWith('//'))) return undefined;
  return {
    anyOrder: START.exec(lines[start] ?? '')?.groups?.['order'] !== undefined,
    lines: comment.map((line) => line.slice(line.startsWith('// ') ? 3 : 2).trimEnd()),
  };
}

/** Says how a run's output differs from what is expected; undefined when it does not. */
export function difference(expected: ExpectedOutput, stdout: string): string | undefined {
  const actual = stdout
    .replace(/\r\n/g, '\n')
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
  const patterns = expected.lines.map(patternOf);
  return expected.anyOrder
    ? differenceInSets(expected, patterns, actual)
    : differenceInOrder(expected, patterns, actual);
}

/** `undefined` stands for any number of lines. */
function patternOf(line: string): RegExp | undefined {
  if (line === '…') return undefined;
  const parts = line.split(/(…|\{\{.*?\}\})/);
  const source = parts.map((part) => {
    if (part === '…') return '.*';
    if (part.startsWith('{{') && part.endsWith('}}')) return `(?:${part.slice(2, -2)})`;
    return part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`, 'u');
}

function differenceInOrder(
  expected: ExpectedOutput,
  patterns: readonly (RegExp | undefined)[],
  actual: readonly string[],
): string | undefined {
  // furthest line of the output that the first n patterns can have reached
  let reached = new Set([0]);
  for (const [index, pattern] of patterns.entries()) {
    const next = new Set<number>();
    for (const at of reached) {
      if (pattern === undefined) for (let end = at; end <= actual.length; end += 1) next.add(end);
      else if (pattern.test(actual[at] ?? '') && at < actual.length) next.add(at + 1);
    }
    if (next.size === 0) {
      const at = Math.max(...reached);
      return `line ${at + 1} should be ${JSON.stringify(expected.lines[index])} and is ${JSON.stringify(actual[at])}`;
    }
    reached = next;
  }
  if (reached.has(actual.length)) return undefined;
  const at = Math.max(...reached);
  return `there should be no more after line ${at}, and there is ${JSON.stringify(actual[at])}`;
}

function differenceInSets(
  expected: ExpectedOutput,
  patterns: readonly (RegExp | undefined)[],
  actual: readonly string[],
): string | undefined {
  const left = [...actual];
  const missing: string[] = [];
  // literal lines first, so that a wide pattern does not take what a narrow one needs
  const order = [...patterns.keys()].sort((a, b) => width(expected.lines[a]) - width(expected.lines[b]));
  let open = false;
  for (const index of order) {
    const pattern = patterns[index];
    if (pattern === undefined) {
      open = true;
      continue;
    }
    const found = left.findIndex((line) => pattern.test(line));
    if (found === -1) missing.push(expected.lines[index] ?? '');
    else left.splice(found, 1);
  }
  if (missing.length > 0) return `missing: ${missing.map((line) => JSON.stringify(line)).join(', ')}`;
  if (!open && left.length > 0) return `more than expected: ${left.map((line) => JSON.stringify(line)).join(', ')}`;
  return undefined;
}

/** How much a line's placeholders can take. */
function width(line = ''): number {
  return line.split('…').length * 10 + line.split('{{').length;
}
