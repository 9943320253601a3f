/**
 * An advice as text for people, with a chart.
 * @module
 */
import type { Advice, ScalingModel } from './advice.ts';
import { sizeText } from '../pool/insights/size-text.ts';
import type { SpreadFigures } from '../pool/insights/spread.ts';
import { classWords } from './classify.ts';
import type { CallBytes } from './sizes.ts';
import { throughput } from './scalability.ts';

/** Letters of the longest bar. */
const BAR = 40;

/**
 * What `advise()` has found, as lines of text: the answer, what was measured, and how throughput grows.
 *
 * @example
 * console.log(adviceText(await advise(resize, images)));
 */
export function adviceText(advice: Advice): string {
  const { sentence, code, command, work, task, trials, notes, calls, took, speedUp, latency, memory, model } = advice;
  const best = Math.max(...trials.map((trial) => trial.throughput.high));
  const width = Math.max(...trials.map(({ name }) => name.length));
  const lines = [
    sentence,
    '',
    `  ${code}`,
    `  ${command}`,
    '',
    `Kind of work: ${work}: ${classWords[work]}. One call, in ms: ran ${figure(task.ran)}, computing ${figure(task.cpu)}, awaiting ${figure(task.awaiting)}, blocked ${figure(task.blocked)}, waiting for locks ${figure(task.locks)}, travelling ${figure(task.shipping)}${bytesText(task.bytes)}. It allocates ${sizeText(task.allocated)}.`,
    ...(advice.kind === 'none'
      ? []
      : [
          `Times one after another: ${speedUp.value.toFixed(2)}, between ${speedUp.low.toFixed(2)} and ${speedUp.high.toFixed(2)}.`,
        ]),
    ...(latency === undefined ? [] : [`${latencyText(latency)}.`]),
    ...(memory === undefined ? [] : [`Memory of the workers: about ${Math.ceil(memory / 2 ** 20)} MiB.`]),
    '',
    'Calls a second:',
    ...trials.map(({ name, throughput: rate }) => {
      const bar = '#'.repeat(Math.max(1, Math.round((BAR * rate.value) / best)));
      return `  ${name.padEnd(width)}  ${rateText(rate.value).padStart(9)}  ${bar}`;
    }),
    ...(model === undefined ? [] : ['', ...curve(model)]),
    ...notes.flatMap((note) => ['', note]),
    '',
    `Measured with ${calls} calls in ${(took / 1000).toFixed(1)} s.`,
  ];
  return lines.join('\n');
}

function bytesText({ captured = 0, arguments: there, result: back }: CallBytes): string {
  return there === undefined || back === undefined
    ? ''
    : ` (${sizeText(captured + there)} there, ${sizeText(back)} back)`;
}

/** How long a call takes where it is recommended to run. */
const latencyText = ({ p50, p99 }: SpreadFigures): string =>
  `From submitting a call there to its result, in ms: half of them ${figure(p50)}, 99 of 100 no more than ${figure(p99)}`;

/** Throughput by the law, with what was measured beside it. */
function curve(model: ScalingModel): string[] {
  const law = { single: model.single, contention: model.contention.value, coherence: model.coherence.value };
  const counts = [...model.points.map(({ count }) => count), ...model.beyond.slice(0, 2).map(({ count }) => count)];
  const top = Math.max(
    ...counts.map((count) => throughput(law, count)),
    ...model.points.map((point) => point.throughput.value),
  );
  const what = model.of === 'threads' ? 'threads' : 'tasks at once on a thread';
  const knee = model.knee === Infinity ? 'none in sight' : `${model.knee}`;
  return [
    `Universal Scalability Law, by ${what}: contention ${interval(model.contention)}, coherence ${interval(model.coherence)}; knee: ${knee}.`,
    ...counts.map((count) => {
      const expected = throughput(law, count);
      const found = model.points.find((point) => point.count === count);
      const bar = (found === undefined ? '.' : '#').repeat(
        Math.max(1, Math.round((BAR * (found?.throughput.value ?? expected)) / top)),
      );
      return `  ${String(count).padStart(5)}  ${rateText(expected).padStart(9)} ${found === undefined ? '(by the law)' : `(found ${rateText(found.throughput.value)})`.padEnd(12)}  ${bar}`;
    }),
  ];
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

function rateText(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(2)} M/s`;
  if (rate >= 1e4) return `${(rate / 1e3).toFixed(1)} k/s`;
  return rate >= 10 ? `${Math.round(rate)}/s` : `${rate.toPrecision(2)}/s`;
}

const figure = (value: number): string =>
  value >= 100 ? `${Math.round(value)}` : value >= 0.001 ? value.toPrecision(2) : '0';
