/**
 * The insights of a pool as text for people.
 * @module
 */
import type { PoolInsights, TaskTimes, WorkerTimes } from './pool-insights.ts';
import { sizeText } from './size-text.ts';
import type { SpreadFigures } from './spread.ts';

/** Words for the times of tasks, in the order in which they happen. */
const TIMES: readonly (readonly [keyof TaskTimes | 'blocked', string])[] = [
  ['waiting', 'waiting for a worker'],
  ['placing', 'writing arguments'],
  ['decoding', 'reading arguments'],
  ['running', 'running'],
  ['cpu', '  computing'],
  ['awaiting', '  awaiting, with nothing else to do'],
  ['locks', '  waiting for locks and queues'],
  ['queued', '  waiting for a core'],
  ['blocked', '  blocked'],
  ['encoding', 'writing results'],
];

/** Share of the time that clocks may disagree about. */
const TOLERANCE = 0.02;

/** Columns of the table of workers. */
const SHARES: readonly (readonly [keyof WorkerTimes, string])[] = [
  ['startUp', 'start-up'],
  ['init', 'init'],
  ['decoding', 'reading'],
  ['working', 'working'],
  ['encoding', 'writing'],
  ['idle', 'idle'],
];

/**
 * What `pool.insights()` gives, as lines of text for people: the times of tasks, the shares of each worker, the slowest tasks, and advice.
 *
 * @example
 * const pool = new Pool({ insights: true });
 * await pool.map(resize, images);
 * console.log(insightsText(pool.insights()));
 */
export function insightsText(insights: PoolInsights): string {
  const { tasks, span, times, allocated, ran, waited, workers, slowest, lints } = insights;
  const failed = tasks.failed === 0 ? '' : `, ${count(tasks.failed)} failed`;
  const gone = workers.filter((worker) => !worker.alive).length;
  const lines = [
    `${count(ran.count)} task${ran.count === 1 ? '' : 's'}${failed}, ${time(span)}, ${workers.length} worker${workers.length === 1 ? '' : 's'}${gone === 0 ? '' : `, ${gone} of them ended`}`,
    '',
    ...table([
      ['', 'mean', 'median', '90 %', '99 %', 'longest'],
      ['ran', ...spread(ran)],
      ['waited', ...spread(waited)],
    ]),
    '',
    'All tasks together:',
    ...timeRows(times),
    `  They have allocated ${sizeText(allocated)}.`,
    '',
    ...table([
      ['worker', 'tasks', 'life', ...SHARES.map(([, text]) => text), 'memory'],
      ...workers.map((worker) => [
        worker.alive ? worker.name : `${worker.name} (ended)`,
        count(worker.tasks),
        time(worker.life),
        ...SHARES.map(([key]) => percent((worker[key] as number) / worker.life)),
        worker.memory === undefined ? '' : `${Math.round(worker.memory / 2 ** 20)} MiB`,
      ]),
    ]),
  ];
  if (slowest.length > 0) {
    const width = Math.max(...slowest.map(({ worker }) => worker.length));
    lines.push('', 'Longest:');
    for (const { task, ran: took, worker } of slowest) {
      lines.push(`${time(took).padStart(10)}  ${worker.padEnd(width)}  ${task}`);
    }
  }
  for (const { text, advice } of lints) lines.push('', text, `  ${advice}`);
  return lines.join('\n');
}

function timeRows(times: TaskTimes): string[] {
  const blocked = times.running - times.cpu - times.awaiting - times.locks - times.queued;
  const all = { ...times, blocked: blocked < TOLERANCE * times.running ? 0 : blocked };
  return table(TIMES.filter(([key]) => all[key] > 0).map(([key, text]) => [text, time(all[key])]));
}

const spread = ({ mean, p50, p90, p99, max }: SpreadFigures): string[] => [mean, p50, p90, p99, max].map(time);

/** Rows in columns; the first column stands left, the others right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  return rows.map((row) =>
    `  ${row
      .map((cell, at) => {
        const width = widths[at] as number;
        return at === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')}`.trimEnd(),
  );
}

function time(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 10) return `${Math.round(ms)} ms`;
  if (ms >= 0.01) return `${ms.toPrecision(2)} ms`;
  return `${Math.round(ms * 1000)} us`;
}

const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
const percent = (share: number): string => (share > 0 ? `${Math.round(share * 100)} %` : '');
