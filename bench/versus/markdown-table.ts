/**
 * The tables of the project's README, from the report of a full run.
 * @module
 */
import { machineText, rateText } from '../harness/print-report.ts';
import type { Report } from '../harness/report.ts';
import type { Row } from '../harness/row.ts';
import type { Shape, Test, Work } from './measurement.ts';

/** What a line of the table shows of a row. */
type Show = (row: PoolRow) => string;

type PoolRow = Row<Test>;

interface Line {
  readonly text: string;
  readonly pick: (row: PoolRow) => boolean;
  readonly show: Show;
}

const rate: Show = ({ figures }) => (figures?.['us'] === undefined ? '' : `${rateText(1e6 / figures['us'])}/s`);
const trip: Show = ({ figures }) => (figures?.['p50Us'] === undefined ? '' : `${figures['p50Us'].toPrecision(3)} µs`);
const milliseconds = (name: string): Show => {
  return ({ figures }) => (figures?.[name] === undefined ? '' : `${Math.round(figures[name])} ms`);
};
const times: Show = ({ figures }) => (figures?.['speedup'] === undefined ? '' : `${figures['speedup'].toFixed(2)}×`);

const tasks = (text: string, group: string, work: Work, shape: Shape): Line => ({
  text,
  pick: ({ group: of, of: test }) =>
    of === group && test.test === 'tasks' && test.work === work && test.shape === shape,
  show: shape === 'sequence' ? trip : rate,
});
const other = (text: string, group: string, show: Show): Line => ({ text, pick: (row) => row.group === group, show });

const threadLines: readonly Line[] = [
  tasks('two numbers, all at once', 'numbers', 'add', 'all'),
  tasks('two numbers, 64 in flight', 'numbers', 'add', 'window'),
  tasks('two numbers, one after another (median)', 'seq', 'add', 'sequence'),
  tasks('object with strings, all at once', 'object', 'greet', 'all'),
  tasks('1 KiB of text there and back, all at once', 'text', 'text', 'all'),
  tasks('1 MiB copied there and back, all at once', 'bytes', 'bytes', 'all'),
  tasks('16 MiB moved there, all at once', 'moved', 'take', 'all'),
  other('computing tasks, two workers against one', 'cpu', times),
  other('pool created to first result', 'startup', milliseconds('poolMs')),
];

const processLines: readonly Line[] = [
  tasks('two numbers, all at once', 'processes', 'add', 'all'),
  tasks('two numbers, 64 in flight', 'processes', 'add', 'window'),
  tasks('two numbers, one after another (median)', 'processes', 'add', 'sequence'),
  tasks('object with strings, all at once', 'processes', 'greet', 'all'),
  tasks('1 KiB of text there and back, all at once', 'processes', 'text', 'all'),
  tasks('1 MiB copied there and back, all at once', 'processes', 'bytes', 'all'),
  other('map of 1,000,000 numbers', 'map', rate),
  other('computing tasks, two workers against one', 'cpu', times),
  other('pool created to first result', 'startup', milliseconds('poolMs')),
];

/** Both tables and a line on where and when. */
export function markdownTables(report: Report): string {
  const all = report.rows as readonly PoolRow[];
  const of = (kind: Row['kind']): readonly PoolRow[] => all.filter((row) => row.kind === kind && row.workers === 2);
  return [
    '**Two threads**',
    markdownTable(threadLines, of('thread')),
    '**Two processes**',
    markdownTable(processLines, of('process')),
    `_${machineText(report)}. Higher is better where it says /s. Medians; \`npm run bench -- --full\` makes this table._`,
  ].join('\n\n');
}

function markdownTable(lines: readonly Line[], rows: readonly PoolRow[]): string {
  const runners = [...new Set(rows.map((row) => row.runner))].filter((runner) =>
    lines.some(({ pick, show }) => rows.some((row) => row.runner === runner && pick(row) && show(row) !== '')),
  );
  const body = lines.flatMap(({ text, pick, show }) => {
    const cells = runners.map((runner) => {
      const row = rows.find((candidate) => candidate.runner === runner && pick(candidate));
      return row === undefined ? '' : row.figures === undefined ? 'failed' : show(row);
    });
    return cells.every((cell) => cell === '') ? [] : [[text, ...cells]];
  });
  const alignment = ['---', ...runners.map(() => '---:')];
  return [['', ...runners], alignment, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
