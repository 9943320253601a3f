/**
 * From what was measured to an answer.
 *
 * How it works  The best throughput wins, but what costs less is preferred when it is as good as that within the noise: no pool before a pool,
 *               fewer workers before more, threads before processes.
 * @module
 */
import type { Advice, ScalingModel, Trial } from './advice.ts';
import { sizeText } from '../pool/insights/size-text.ts';
import { classify, type Crowd, type WorkClass } from './classify.ts';
import { estimate, ratio } from './estimate.ts';
import { fitScalability, throughput } from './scalability.ts';
import { alone, isOne, nameOf, placesOf, type Setting } from './setting.ts';
import { ownTime, type TaskProfile } from './task-figures.ts';
import type { Measured, TrialResult } from './trial.ts';

/** As good as the best. */
const AS_GOOD = 0.96;
/** A pool has to bring so much more than none. */
const WORTH_A_POOL = 1.08;
/** Slices that say what a setting does. */
const ENOUGH = 3;
/** Milliseconds that a chunk should take. */
const CHUNK_MS = 2;
const MOST_IN_CHUNK = 16_384;
/** Milliseconds below which inputs had better travel together. */
const SHORT = 1;

/** Bytes of captured variables that are worth a word. */
const MUCH_CAPTURED = 10_000;
/** Share of a call's time without a core that shows that there were others. */
const BUSY = 0.2;

const NOTHING_TRIED =
  'The time, or the calls, were used up before it could be tried on workers: one after another is all that is known. A longer budget, or more calls, would say more.';

/** Points of the law's curve. */
const STEPS = 60;

/** What the answer is about. */
export interface Subject {
  readonly cores: number;
  /** How the function is named in code, and in the shell. */
  readonly fn: string;
  readonly module: string;
}

/** Makes the answer. */
export function recommend(result: TrialResult, calls: number, subject: Subject): Advice {
  const { look, memory } = result;
  const { profile } = look;
  const trials = trialsOf(result);
  const none = trials.find(({ kind }) => kind === 'none') as Trial;
  const chosen = choose(trials, none);
  const model = modelOf(result.measured);
  const crowd = crowdOf(result.measured, subject.cores);
  const work = classify(profile, crowd);
  const { kind, workers, tasksPerWorker, threadsPerProcess, latency } = chosen;
  const speedUp = ratio(chosen.throughput, none.throughput);
  const each = kind === 'none' ? undefined : memory[kind];
  return {
    work,
    kind,
    workers,
    tasksPerWorker,
    threadsPerProcess,
    chunkSize: kind === 'none' || profile.ran >= SHORT || tasksPerWorker > 1 ? 1 : chunkSize(profile),
    speedUp: chosen === none ? { value: 1, low: 1, high: 1 } : speedUp,
    throughput: chosen.throughput,
    latency,
    memory: each === undefined ? undefined : each * workers,
    sentence:
      trials.length === 1 ? NOTHING_TRIED : sentence(work, profile, crowd, chosen, speedUp.value, subject.cores),
    notes: notesOf(work, result, subject, model),
    code: codeFor(chosen, subject.fn),
    command: commandFor(chosen, subject.module),
    task: profile,
    trials,
    model,
    cores: subject.cores,
    calls,
    took: result.took,
  };
}

/** What becomes of a call when others run at the same time. */
function crowdOf(measured: readonly Measured[], cores: number): Crowd {
  const threads = measured.filter(({ setting }) => setting.kind === 'thread' && setting.tasksPerWorker === 1);
  const of = (workers: number): Measured | undefined => threads.find(({ setting }) => setting.workers === workers);
  const [single, together] = [of(1), of(cores)];
  const inflation = cores > 1 && single && together && estimate(together.cpu).value / estimate(single.cpu).value;
  const locks = threads.map((each) => estimate(each.locks).value).filter((share) => !Number.isNaN(share));
  return { inflation: inflation || undefined, locks: Math.max(0, ...locks) };
}

function trialsOf({ look, measured }: TrialResult): Trial[] {
  // Measured in turns with the others, if often enough: the engine may have made the function faster since the first look.
  const inTurns = measured.find(({ setting }) => isOne(setting))?.alone ?? [];
  const none = { setting: alone, rates: inTurns.length < ENOUGH ? look.rates : inTurns, latency: undefined };
  return [none, ...measured]
    .map(({ setting, rates, latency }) => ({
      ...setting,
      name: nameOf(setting),
      throughput: estimate(rates),
      latency,
      slices: rates.length,
    }))
    .toSorted((a, b) => b.throughput.value - a.throughput.value);
}

/** Less is cheaper: what a process costs more than a thread is shared by its threads. */
const cost = ({ kind, workers, tasksPerWorker, threadsPerProcess = 1 }: Setting): number =>
  kind === 'none' ? 0 : workers * (kind === 'thread' ? 1 : 1 + 9 / threadsPerProcess) + tasksPerWorker / 10_000;

function choose(trials: readonly Trial[], none: Trial): Trial {
  const [best] = trials as [Trial];
  if (best.throughput.value < none.throughput.value * WORTH_A_POOL) return none;
  const asGood = trials.filter(
    (trial) => trial.kind !== 'none' && trial.throughput.value >= best.throughput.value * AS_GOOD,
  );
  return asGood.toSorted((a, b) => cost(a) - cost(b))[0] as Trial;
}

function chunkSize({ ran }: TaskProfile): number {
  return Math.max(1, Math.min(MOST_IN_CHUNK, Math.round(CHUNK_MS / ran)));
}

/** The law for what was varied: threads with one task each, or the tasks of one thread. */
function modelOf(measured: readonly Measured[]): ScalingModel | undefined {
  const threads = measured.filter(({ setting }) => setting.kind === 'thread');
  const byThreads = threads.filter(({ setting }) => setting.tasksPerWorker === 1);
  const byTasks = threads.filter(({ setting }) => setting.workers === 1);
  const [of, points] =
    byTasks.length > byThreads.length ? (['tasks', byTasks] as const) : (['threads', byThreads] as const);
  const law = fitScalability(points.map(({ setting, rates }) => ({ workers: placesOf(setting), rates })));
  if (law === undefined) return undefined;
  const most = Math.max(...points.map(({ setting }) => placesOf(setting)));
  const plain = { single: law.single, contention: law.contention.value, coherence: law.coherence.value };
  return {
    ...law,
    of,
    points: points
      .map(({ setting, rates }) => ({ count: placesOf(setting), throughput: estimate(rates) }))
      .toSorted((a, b) => a.count - b.count),
    curve: Array.from({ length: STEPS }, (_, step) => {
      const count = 1 + (step * (2 * most - 1)) / (STEPS - 1);
      return { count, throughput: throughput(plain, count) };
    }),
    beyond: [2, 4, 8].map((times) => ({ count: most * times, throughput: throughput(plain, most * times) })),
  };
}

function sentence(
  work: WorkClass,
  profile: TaskProfile,
  { locks: contended = 0 }: Crowd,
  chosen: Trial,
  speedUp: number,
  cores: number,
): string {
  const { ran, cpu, awaiting, blocked, locks, shipping } = profile;
  const percent = (part: number): string => `${Math.min(100, Math.round((100 * part) / ownTime(profile)))} %`;
  const why: Readonly<Record<WorkClass, string>> = {
    cpu: `${percent(cpu)} of a call is computing, for which it needs cores`,
    'memory-bandwidth': 'it computes, and more cores bring less than they should: they share the memory',
    'async-io': `${percent(awaiting)} of a call is awaiting, for which it needs no core`,
    'blocking-io': `for ${percent(blocked)} of a call its thread is blocked, so more threads than cores pay`,
    payload: `a call runs for ${ms(ran)} and travels for ${ms(shipping)}`,
    locks: `for ${percent(Math.max(locks, contended * ownTime(profile)))} of a call it waits for locks and queues, which more workers do not make faster`,
    tiny: `a call takes ${ms(ran)}, less than the way to a worker`,
    mixed: `a call computes for ${percent(cpu)}, awaits for ${percent(awaiting)} and is blocked for ${percent(blocked)} of its time`,
  };
  if (chosen.kind === 'none') {
    const none = cores === 1 && work === 'cpu' ? 'there is one core' : why[work];
    return `Run it where you are, one after another: ${none}, and nothing that was tried was faster.`;
  }
  return `Run it on ${chosen.name}: ${why[work]}. That is ${speedUp.toFixed(1)} times as much as one after another.`;
}

function notesOf(work: WorkClass, result: TrialResult, { cores }: Subject, model: ScalingModel | undefined): string[] {
  const { look, noProcesses } = result;
  const { profile } = look;
  const notes: string[] = [];
  if (profile.failed > 0) {
    notes.push(
      `${profile.failed} of ${profile.measured} calls of the first look failed: ${messageOf(look.error?.thrown)}`,
    );
  }
  if (work === 'payload') {
    notes.push(
      'Share what is large instead of sending it: a SharedArray, SharedMemory, or transfer(); or let workers load it themselves.',
    );
  }
  const { captured = 0 } = profile.bytes;
  if (captured > MUCH_CAPTURED) {
    notes.push(
      `The function takes the variables that it captures along with each call, ${sizeText(captured)}: export it from a module, which workers import once, or share them.`,
    );
  }
  if (work === 'tiny') notes.push('Use pool.map, which sends many inputs at a time, or do more in one call.');
  if (work === 'locks') notes.push('Hold locks for less long, or use one for each part of the data.');
  if (work === 'blocking-io') notes.push('The asynchronous form of what blocks would do the same on one thread.');
  if (noProcesses !== undefined) notes.push(`Processes were not tried: ${messageOf(noProcesses)}`);
  if (model?.of === 'threads' && (work === 'cpu' || work === 'memory-bandwidth') && cores > 1) {
    const [twice] = model.beyond.filter(({ count }) => count >= 2 * cores);
    if (twice !== undefined) {
      notes.push(
        `On ${twice.count} cores it would do about ${(twice.throughput / model.single).toFixed(1)} times as much as one thread, if they are like these.`,
      );
    }
  }
  const { container, took } = result;
  if (container !== undefined && container.cores < cores) {
    notes.push(`The container allows ${container.cores.toFixed(2)} of a core: more workers do not make that more.`);
  }
  if (container !== undefined && container.stopped > BUSY * took) {
    notes.push(
      `The container stopped the program for ${Math.round(container.stopped)} ms of the trial, because it had used up what it may compute (${container.cores.toFixed(2)} cores). The figures are those of that container.`,
    );
  } else if (profile.queued > BUSY * profile.ran) {
    notes.push('Other programs kept the cores busy during the trial: the figures are those of a busy machine.');
  }
  if (profile.measured < 5) notes.push('Few calls could be measured: a longer budget would make the answer surer.');
  return notes;
}

function codeFor({ kind, workers, tasksPerWorker, threadsPerProcess }: Setting, fn: string): string {
  if (kind === 'none') return `for (const input of inputs) results.push(await ${fn}(input));`;
  const options = [
    ...(kind === 'thread' ? [] : [`kind: '${kind}'`]),
    `workers: ${workers}`,
    ...(threadsPerProcess === undefined ? [] : [`threadsPerProcess: ${threadsPerProcess}`]),
    ...(tasksPerWorker === 1 ? [] : [`tasksPerWorker: ${tasksPerWorker}`]),
  ];
  return `const results = await new Pool({ ${options.join(', ')} }).map(${fn}, inputs);`;
}

function commandFor({ kind, workers, tasksPerWorker, threadsPerProcess }: Setting, module: string): string {
  const options = [
    ...(kind === 'process' || kind === 'hybrid' ? ['--processes'] : []),
    ...(threadsPerProcess === undefined ? [] : [`--threads-per-process ${threadsPerProcess}`]),
    `-j ${workers}`,
    ...(tasksPerWorker === 1 ? [] : [`--tasks-per-worker ${tasksPerWorker}`]),
  ];
  return `manyhands map ${module} ${options.join(' ')}`;
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

function ms(value: number): string {
  if (value >= 10) return `${Math.round(value)} ms`;
  return value >= 0.01 ? `${value.toPrecision(2)} ms` : `${(value * 1000).toPrecision(2)} us`;
}
