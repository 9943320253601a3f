/**
 * A report as text for a terminal.
 * @module
 */
import { pairedRatio } from './paired-ratio.ts';
import type { Report } from './report.ts';
import type { Row } from './row.ts';

/** Tables of all titles, then the targets, then the machine. */
export function printReport(report: Report): string {
  const titles = [...new Set(report.rows.map((row) => row.title))];
  const tables = titles.map((title) => {
    const rows = report.rows.filter((row) => row.title === title);
    return `${title}\n${aligned(rows.map((row) => cellsOf(row, rows)))}`;
  });
  const targets = report.targets.map(({ name, wanted, found, met }) => [
    met === null ? 'not measured' : met ? 'met' : 'NOT MET',
    name,
    wanted,
    found === null ? '' : `found ${found}`,
  ]);
  return [...tables, `Targets\n${aligned(targets)}`, machineText(report)].join('\n\n');
}

/** One line on where and when. */
export function machineText({ machine, date, form, manyhands, seconds, rows }: Report): string {
  const rounds = Math.max(0, ...rows.map(({ values }) => values.length));
  const rivals = Object.entries(machine.rivals).map(([name, version]) => `${name} ${version ?? 'not installed'}`);
  return (
    `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node}, ` +
    `${[`CPython ${machine.python ?? 'not installed'}`, ...rivals].join(', ')}; manyhands from ${manyhands}/; ` +
    `${form} form, up to ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${date.slice(0, 10)}, ${Math.round(seconds)} s, ` +
    `load before ${machine.load.toFixed(2)}`
  );
}

function cellsOf(row: Row, rows: readonly Row[]): string[] {
  const { figures, failure, values } = row;
  if (figures === undefined) return [row.runner, 'failed', failure ?? ''];
  const { us, p50Us, p99Us } = figures;
  if (us === undefined || row.of.test === 'memory') {
    return [row.runner, ...Object.entries(figures).map(([name, value]) => `${name} ${value}`)];
  }
  const ours = rows.find((other) => other.runner === 'manyhands');
  return [
    row.runner,
    `${rateText(1e6 / us)}/s`,
    timeText(us),
    values.length < 2 ? '' : `(${timeText(Math.min(...values))} to ${timeText(Math.max(...values))})`,
    p50Us === undefined || p99Us === undefined ? '' : `median ${short(p50Us)}, p99 ${short(p99Us)}`,
    ours === undefined || ours === row ? '' : `manyhands is ${short(pairedRatio(row, ours))} times as fast`,
    row.of.size !== undefined && row.of.size >= 2 ** 20 ? `${gigabytes(row.of.size, us)} GB/s` : '',
  ];
}

/** 1.23 G, 1.23 M, 45.6 k, 789. */
export function rateText(perSecond: number): string {
  if (perSecond >= 999.5e6) return `${(perSecond / 1e9).toPrecision(3)} G`;
  if (perSecond >= 999_500) return `${(perSecond / 1e6).toPrecision(3)} M`;
  return perSecond >= 999.5 ? `${(perSecond / 1e3).toPrecision(3)} k` : perSecond.toPrecision(3);
}

/** 1.23 us, 45.6 ns. */
function timeText(us: number): string {
  return us < 1 ? `${short(us * 1000)} ns` : `${short(us)} us`;
}

/** Three digits that count. */
function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function gigabytes(size: number, us: number): string {
  return (size / us / 1000).toPrecision(3);
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const cells of lines) for (const [i, cell] of cells.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return lines
    .map(
      (cells) =>
        `  ${cells
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}`,
    )
    .join('\n');
}
