/**
 * An advice as one HTML file that needs nothing else: text, tables and charts.
 *
 * How it works  The charts are drawn by uPlot, whose script and style are put into the page, with the figures as JSON. Bars are boxes whose width
 *               is a share. Nothing is fetched, so the page may be kept, mailed, or opened without a network.
 * @module
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Advice, TaskProfile, Trial } from '../index.ts';
import { rateText } from './quantities.ts';

/** Parts of a call, in the order in which they are shown. */
const PARTS: readonly (readonly [keyof TaskProfile, string])[] = [
  ['cpu', 'computing'],
  ['awaiting', 'awaiting'],
  ['blocked', 'blocked'],
  ['locks', 'waiting for locks'],
  ['queued', 'waiting for a core'],
  ['shipping', 'travelling'],
];
/** Bars of the distribution, at most. */
const MOST_BARS = 24;

/** Makes the page. @param title what was measured */
export function adviseReport(advice: Advice, title: string): string {
  const { sentence, code, command, notes, task, trials, model, calls, took, cores, speedUp, latency, memory } = advice;
  const charts = { scaling: model === undefined ? undefined : scaling(model), calls: distribution(task.calls) };
  const unit = model?.of === 'tasks' ? 'tasks under way on one thread' : 'threads';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${inPage(import.meta.resolve('uplot/dist/uPlot.min.css'))}${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<p class="answer">${escape(sentence)}</p>
<pre>${escape(code)}\n${escape(command)}</pre>
${speedUp.value === 1 ? '' : `<p>Times one after another: <b>${speedUp.value.toFixed(2)}</b>, between ${speedUp.low.toFixed(2)} and ${speedUp.high.toFixed(2)}.</p>`}
${latency === undefined ? '' : `<p>From submitting a call there to its result: half of them ${ms(latency.p50)}, 99 of 100 no more than ${ms(latency.p99)}.</p>`}
<p>A call ${sent(task.bytes)}allocates ${bytes(task.allocated)}.${memory === undefined ? '' : ` The workers need about ${bytes(memory)} together.`}</p>
${notes.map((note) => `<p>${escape(note)}</p>`).join('\n')}
<h2>Where the time of a call goes</h2>
${parts(task)}
<h2>Calls a second</h2>
${bars(trials)}
${model === undefined ? '' : `<h2>Throughput against ${unit}</h2>\n<div id="scaling"></div>\n<p class="small">Points: measured, with their intervals. Line: the Universal Scalability Law, contention ${interval(model.contention)}, coherence ${interval(model.coherence)}; knee: ${model.knee === Infinity ? 'none in sight' : model.knee}.</p>`}
${charts.calls === undefined ? '' : '<h2>How long calls took</h2>\n<div id="calls"></div>\n<p class="small">Milliseconds from the call to its end, one by one.</p>'}
<p class="small">Measured with ${calls} calls in ${(took / 1000).toFixed(1)} s, on ${cores} core${cores === 1 ? '' : 's'}, Node ${process.versions.node}, ${process.platform} ${process.arch}.</p>
</main>
<script>${inPage(import.meta.resolve('uplot/dist/uPlot.iife.min.js'))}</script>
<script>
const charts = ${JSON.stringify(charts).replaceAll('<', '\\u003c')};
${SCRIPT}
</script>
</body>
</html>
`;
}

/** A file of the chart library, as part of a page. */
const inPage = (url: string): string => readFileSync(fileURLToPath(url), 'utf8').replaceAll('</script', '<\\/script');

function scaling({ points, curve }: NonNullable<Advice['model']>): object {
  const line = curve.map(({ count, throughput }) => ({ count, law: throughput, found: undefined }));
  const found = points.map(({ count, throughput }) => ({ count, law: undefined, found: throughput }));
  const all = [...line, ...found].toSorted((one, other) => one.count - other.count);
  const column = <T>(of: (each: (typeof all)[number]) => T | undefined): (T | null)[] =>
    all.map((each) => of(each) ?? null);
  return {
    data: [
      column(({ count }) => count),
      column(({ law }) => law),
      column((each) => each.found?.value),
      column((each) => each.found?.low),
      column((each) => each.found?.high),
    ],
  };
}

function distribution(calls: readonly number[]): object | undefined {
  if (calls.length < 2) return undefined;
  const least = Math.min(...calls);
  const width = (Math.max(...calls) - least) / Math.min(MOST_BARS, Math.ceil(Math.sqrt(calls.length)) * 2) || 1;
  const counts: number[] = [];
  for (const call of calls) {
    const bar = Math.floor((call - least) / width);
    counts[bar] = (counts[bar] ?? 0) + 1;
  }
  const all = Array.from({ length: counts.length }, (_, bar) => counts[bar] ?? 0);
  return { width, data: [all.map((_, bar) => least + (bar + 0.5) * width), all] };
}

function parts(task: TaskProfile): string {
  const values = PARTS.map(([key, name], at) => ({ name, at, value: task[key] as number })).filter(
    ({ value }) => value > 0,
  );
  const whole = values.reduce((sum, { value }) => sum + value, 0) || 1;
  const share = (value: number): number => (100 * value) / whole;
  const boxes = values.map(
    ({ name, at, value }) => `<span class="part p${at}" style="width:${share(value)}%" title="${name}"></span>`,
  );
  const rows = values.map(
    ({ name, at, value }) =>
      `<tr><td><span class="key p${at}"></span>${name}</td><td>${ms(value)}</td><td>${Math.round(share(value))} %</td></tr>`,
  );
  return `<div class="parts">${boxes.join('')}</div>\n<table>${rows.join('')}</table>`;
}

function bars(trials: readonly Trial[]): string {
  const best = Math.max(...trials.map(({ throughput }) => throughput.value));
  const isTimed = trials.some(({ latency }) => latency !== undefined);
  const rows = trials.map(({ name, throughput, latency }) => {
    const width = Math.max(0.5, (100 * throughput.value) / best);
    const cells = latency === undefined ? ['', ''] : [ms(latency.p50), ms(latency.p99)];
    const times = isTimed ? `<td>${cells.join('</td><td>')}</td>` : '';
    return `<tr><td>${name}</td><td>${rateText(throughput.value)}</td>${times}<td class="wide"><span class="bar" style="width:${width}%"></span></td></tr>`;
  });
  const head = '<tr><th></th><th></th><th>half within</th><th>99 % within</th><th></th></tr>';
  return `<table class="bars">${isTimed ? head : ''}${rows.join('')}</table>`;
}

const interval = ({
  value,
  low,
  high,
}: {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}): string => `${value.toPrecision(2)} (${low.toPrecision(2)} to ${high.toPrecision(2)})`;

const ms = (value: number): string =>
  value >= 10
    ? `${value.toFixed(1)} ms`
    : value >= 0.01
      ? `${value.toPrecision(2)} ms`
      : `${(value * 1000).toPrecision(2)} &micro;s`;

const MEBIBYTE = 2 ** 20;
function bytes(count: number): string {
  if (count < 1024) return `${Math.round(count)} bytes`;
  return count < MEBIBYTE ? `${(count / 1024).toFixed(1)} KiB` : `${(count / MEBIBYTE).toFixed(1)} MiB`;
}

const sent = ({ captured = 0, arguments: there, result: back }: TaskProfile['bytes']): string =>
  there === undefined || back === undefined
    ? ''
    : `sends ${bytes(captured + there)} there and ${bytes(back)} back, and `;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => ESCAPES[letter] as string);

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --soft: #f2f4f7; --line: #d5dae1; --main: #2563eb; --mark: #dc2626; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14181f; --soft: #1e242d; --line: #36404d; --main: #60a5fa; --mark: #f87171; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
.answer { font-size: 1.15rem; font-weight: 600; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.small { font-size: .85rem; opacity: .8; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } td { padding: .15rem 1rem .15rem 0; } th { font-weight: normal; font-size: .85rem; opacity: .8; text-align: right; padding-right: 1rem; } td + td { text-align: right; }
.bars { width: 100%; } .bars td { white-space: nowrap; } .wide { width: 60%; padding-right: 0; text-align: left !important; }
.bar { display: block; height: .8rem; border-radius: 2px; background: var(--main); }
.parts { display: flex; height: 1.4rem; border-radius: 4px; overflow: hidden; margin-bottom: .6rem; }
.part { display: block; } .key { display: inline-block; width: .75rem; height: .75rem; border-radius: 2px; margin-right: .5rem; }
.p0 { background: #2563eb; } .p1 { background: #16a34a; } .p2 { background: #d97706; } .p3 { background: #9333ea; } .p4 { background: #64748b; } .p5 { background: #dc2626; }
.u-legend { font-size: .85rem; }
`;

const SCRIPT = `
const style = getComputedStyle(document.documentElement);
const color = (name) => style.getPropertyValue(name).trim();
const axis = (label) => ({ label, stroke: color('--ink'), grid: { stroke: color('--line') }, ticks: { stroke: color('--line') }, size: 64 });
const draw = (id, options, data) => {
  const place = document.getElementById(id);
  if (place === null) return;
  new uPlot({ width: place.clientWidth, height: 300, ...options }, data, place);
};
if (charts.scaling !== undefined) {
  const law = { label: 'the law', spanGaps: true, stroke: color('--main'), width: 2, points: { show: false } };
  const found = { label: 'measured', stroke: color('--mark'), paths: () => null, points: { show: true, size: 9, fill: color('--mark') } };
  const edge = (label) => ({ label, stroke: color('--mark'), paths: () => null, points: { show: true, size: 4 } });
  draw('scaling', { scales: { x: { time: false }, y: { range: (u, low, high) => [0, high * 1.1] } }, axes: [{ ...axis(), incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] }, axis('calls a second')], series: [{ label: 'at once' }, law, found, edge('at least'), edge('at most')] }, charts.scaling.data);
}
if (charts.calls !== undefined) {
  const bars = { label: 'calls', stroke: color('--main'), fill: color('--main'), paths: uPlot.paths.bars({ size: [0.9, 60] }), points: { show: false } };
  draw('calls', { scales: { x: { time: false, range: (u, low, high) => [low - charts.calls.width, high + charts.calls.width] }, y: { range: (u, low, high) => [0, high * 1.1] } }, axes: [axis(), axis('calls')], series: [{ label: 'ms' }, bars] }, charts.calls.data);
}
`;
