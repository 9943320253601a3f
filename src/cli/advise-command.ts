/**
 * `manyhands advise`: measures a function on a sample of its inputs and prints the answer.
 * @module
 */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  adviceText,
  advise,
  BrokenExecutor,
  cpuCount,
  EncodeError,
  InvalidOptionError,
  NoAdviceError,
} from '../index.ts';
import type { AdviseRequest } from './command-line.ts';
import type { Inputs } from './inputs.ts';
import { onInterrupt } from './interrupt.ts';
import type { InputFunction } from './load-function.ts';
import { prepare } from './prepare.ts';
import { inThousands } from './quantities.ts';
import { UsageError } from './usage-error.ts';

/** Inputs that are used. */
const MOST_INPUTS = 10_000;
const NO_ADVICE_EXIT_CODE = 1;

/** Carries a request out; resolves to the exit code. */
export async function adviseCommand(request: AdviseRequest): Promise<number> {
  const { terminal, stdout, inputs, fn } = await prepare(request);
  if (request.html !== undefined) checkFolder(request.html);
  const sample = await sampleOf(inputs);
  const print = (text: string): Promise<void> => new Promise((done) => stdout.write(`${text}\n`, () => done()));
  if (request.dry) {
    await print(plan(request, sample.length));
    return 0;
  }
  const stop = new AbortController();
  const exitCode = Promise.withResolvers<number>();
  const end = (code: number): void => {
    exitCode.resolve(code);
    stop.abort();
  };
  onInterrupt({ onDrain: () => end(130), onEnd: end });
  const whole = measure(request, fn, sample, stop.signal).then(async (text) => {
    await print(text);
    return 0;
  });
  try {
    return await whole;
  } catch (error) {
    if (stop.signal.aborted) return exitCode.promise;
    if (!(error instanceof NoAdviceError || error instanceof EncodeError || error instanceof BrokenExecutor))
      throw error;
    terminal.line(`manyhands: ${error.message}`);
    return NO_ADVICE_EXIT_CODE;
  }
}

async function measure(
  request: AdviseRequest,
  fn: InputFunction,
  sample: readonly unknown[],
  signal: AbortSignal,
): Promise<string> {
  const { module, budget, limit, jobs, format, html } = request;
  try {
    const advice = await advise(fn, sample, { budget, limit, maxWorkers: jobs, module, signal });
    if (html !== undefined) {
      const { adviseReport } = await import('./advise-report.ts');
      writeFileSync(html, adviseReport(advice, module));
    }
    return format === 'json' ? JSON.stringify(advice, undefined, 2) : adviceText(advice);
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    throw new UsageError(error.message.replace(/^maxWorkers/, '--jobs').replace(/^(budget|limit)/, '--$1'), {
      cause: error,
    });
  }
}

/** Before anything is measured. */
function checkFolder(file: string): void {
  const folder = dirname(resolve(file));
  if (existsSync(folder)) return;
  throw new UsageError(`--html ${file}: there is no folder ${folder}.`);
}

/** The first inputs; what is no JSON is left out. */
async function sampleOf(inputs: Inputs): Promise<unknown[]> {
  const values: unknown[] = [];
  while (values.length < MOST_INPUTS) {
    const input = await inputs.next();
    if (input === undefined) break;
    if (input.error === undefined) values.push(input.value);
  }
  if (values.length === 0) throw new UsageError('there is no input to measure the function on.');
  return values;
}

function plan({ module, budget, limit, jobs }: AdviseRequest, inputs: number): string {
  const processes = Math.min(cpuCount(), jobs);
  return [
    `Would call the function of ${module} with ${inThousands(inputs)} different input${inputs === 1 ? '' : 's'}, in turn,`,
    `at most ${inThousands(limit)} times and for at most ${budget / 1000} s,`,
    `on up to ${jobs} threads and ${processes} process${processes === 1 ? '' : 'es'}. Nothing was called.`,
  ].join(' ');
}
