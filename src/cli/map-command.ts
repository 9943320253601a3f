/**
 * `manyhands map`: puts the parts together, and sees to it that each way to end is a clean one.
 *
 * How it works
 *     inputs ──> OrderedRun <──> pool        OrderedRun ──> ResultWriter ──> standard output
 *                                                      ├──> Report ────────> standard error, at the end
 *                                                      └──> Progress ──────> Terminal ──> standard error
 * Ends          All inputs are done; the first Ctrl-C has drained; the results' reader has gone; a second Ctrl-C or SIGTERM. In
 *               each case the workers are ended first: a process in the middle of a computation would not see that we are gone.
 * @module
 */
import { InvalidOptionError, insightsText, Pool } from '../index.ts';
import type { MapRequest } from './command-line.ts';
import type { Inputs } from './inputs.ts';
import { INTERRUPTED_EXIT_CODE, onInterrupt } from './interrupt.ts';
import type { InputFunction } from './load-function.ts';
import { OrderedRun, type Outcome } from './ordered-run.ts';
import { prepare } from './prepare.ts';
import { Progress } from './progress.ts';
import { duration, inThousands, rateText } from './quantities.ts';
import { Report } from './report.ts';
import { ResultWriter } from './result-writer.ts';
import { errorToJson, toJson } from './results.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** Exit code when the results' reader has gone: what the shell shows for a command that SIGPIPE has ended. */
const READER_GONE_EXIT_CODE = 141;
/** Exit code when results cannot be written for another reason, as when the disk is full. */
const NOT_WRITTEN_EXIT_CODE = 101;
/** Inputs that may be read before the results of earlier ones are written; more with very many workers. */
const LEAST_AHEAD = 1024;
/** Inputs that a pool may find best to have under way. */
const MOST_AUTO = 16_384;

/** Carries a request out; resolves to the exit code. */
export async function mapCommand(request: MapRequest): Promise<number> {
  const { terminal, stdout, inputs, fn } = await prepare(request);
  const pool = makePool(request);
  const { listed, argFile = '-' } = request;
  if (listed === undefined && argFile === '-' && process.stdin.isTTY && !request.quiet) {
    terminal.line('manyhands: reading inputs from the terminal, one a line; end with Ctrl-D.');
  }
  return new MapRun(request, { fn, pool, inputs, terminal, stdout }).run();
}

function makePool({ kind, jobs, tasksPerWorker, threadsPerProcess, insights }: MapRequest): Pool {
  try {
    return new Pool({
      kind,
      insights,
      ...(tasksPerWorker === undefined ? {} : { tasksPerWorker }),
      ...(threadsPerProcess === undefined ? {} : { threadsPerProcess }),
      ...(jobs === undefined ? {} : { workers: jobs }),
    });
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    const message = error.message.replace(/^workers/, '--jobs').replace(/^tasksPerWorker/, '--tasks-per-worker');
    throw new UsageError(message, { cause: error });
  }
}

/** Inputs that can be under way at once; of a pool that finds out how many are best, a few more, or it would never see whether more are better. */
function placesOf({ tuning, workers }: Pool, tasksPerWorker = 1): number {
  return tuning === undefined ? workers * tasksPerWorker : (tuning.tasksPerWorker + 1) * workers;
}

interface Parts {
  readonly fn: InputFunction;
  readonly pool: Pool;
  readonly inputs: Inputs;
  readonly terminal: Terminal;
  readonly stdout: NodeJS.WriteStream;
}

/** One run. */
class MapRun {
  readonly #request: MapRequest;
  readonly #parts: Parts;
  readonly #run: OrderedRun;
  readonly #writer: ResultWriter;
  readonly #report: Report;
  readonly #drain = new AbortController();
  /** Exit code of an end that waits for nothing. */
  readonly #abrupt = Promise.withResolvers<number>();
  readonly #started = performance.now();
  #total: number | undefined;
  #written = 0;

  constructor(request: MapRequest, parts: Parts) {
    const { fn, pool, inputs, stdout } = parts;
    this.#request = request;
    this.#parts = parts;
    this.#report = new Report(request.verbose);
    const { terminal } = parts;
    const onGone = (error: NodeJS.ErrnoException): void => this.#onNotWritable(error);
    this.#writer = new ResultWriter(stdout, onGone, stdout.isTTY ? (act) => terminal.beside(act) : undefined);
    const tasks = request.timeout === undefined ? pool : pool.with({ timeout: request.timeout });
    const { tasksPerWorker } = request;
    const most = pool.kind === 'auto' ? MOST_AUTO : pool.workers * (tasksPerWorker ?? 1);
    this.#run = new OrderedRun({
      inputs,
      send: (value) => tasks.submit(fn, value),
      places: () => placesOf(pool, tasksPerWorker),
      ahead: Math.max(LEAST_AHEAD, most * 2),
      drain: this.#drain.signal,
    });
  }

  async run(): Promise<number> {
    const { pool, terminal } = this.#parts;
    onInterrupt({ onDrain: () => this.#onDrain(), onEnd: (exitCode) => this.#endNow(exitCode) });
    const progress = await this.#startProgress();
    const whole = this.#work().then(() => pool.close());
    const exitCode = await Promise.race([whole.then(() => undefined), this.#abrupt.promise]);
    progress?.end();
    terminal.removeFooter();
    if (exitCode !== undefined) {
      await pool.terminate();
      return exitCode;
    }
    this.#tellTheEnd(progress !== undefined);
    await Promise.race([terminal.flushed(), this.#abrupt.promise]);
    return this.#exitCode();
  }

  async #work(): Promise<void> {
    for await (const outcome of this.#run.outcomes()) {
      this.#written += 1;
      if ('error' in outcome) this.#report.add(this.#written, outcome.input, outcome.error);
      const line = this.#request.withInput ? lineWithInput(outcome) : 'line' in outcome ? outcome.line : undefined;
      const room = line === undefined ? undefined : this.#writer.write(line);
      if (room !== undefined) await room;
    }
    await this.#writer.end();
  }

  async #startProgress(): Promise<Progress | undefined> {
    const { inputs, terminal } = this.#parts;
    if (!this.#request.progress || this.#request.quiet || !terminal.canDraw) return undefined;
    const { createLogUpdate } = await import('log-update');
    const canvas = createLogUpdate(terminal.stream, { showCursor: true });
    const run = this.#run;
    const state = () => ({ done: run.settled, failed: run.failed, total: run.ended ? run.read : this.#total });
    const progress = new Progress(canvas, state, () => terminal.stream.columns);
    terminal.setFooter(progress);
    void inputs.count().then((total) => {
      this.#total = total;
    });
    return progress;
  }

  #onDrain(): void {
    this.#drain.abort();
    if (this.#request.quiet) return;
    this.#parts.terminal.line('manyhands: interrupted; finishing what is running. Ctrl-C again ends it at once.');
  }

  #onNotWritable(error: NodeJS.ErrnoException): void {
    if (error.code === 'EPIPE') {
      this.#endNow(READER_GONE_EXIT_CODE);
      return;
    }
    this.#parts.terminal.line(`manyhands: the results cannot be written: ${error.message}.`);
    this.#endNow(NOT_WRITTEN_EXIT_CODE);
  }

  #endNow(exitCode: number): void {
    this.#run.stop();
    this.#abrupt.resolve(exitCode);
  }

  /** Says how it went: on a terminal always, elsewhere only what went wrong. */
  #tellTheEnd(withSummary: boolean): void {
    const { terminal } = this.#parts;
    const run = this.#run;
    if (this.#request.quiet) return;
    if (withSummary) {
      const elapsed = performance.now() - this.#started;
      const rate = rateText((run.settled * 1000) / elapsed);
      terminal.line(
        `${inThousands(run.settled)} done in ${duration(elapsed)}, ${rate}, ${inThousands(run.failed)} failed`,
      );
    }
    if (this.#report.count > 0) terminal.line(this.#report.text(run.settled));
    if (run.inputError !== undefined) {
      const { message } = errorToJson(run.inputError);
      terminal.line(`manyhands: the inputs could not be read to their end: ${message}`);
    }
    if (run.fatal !== undefined)
      terminal.line('manyhands: no worker can be started, so the other inputs were not read.');
    if (this.#request.kind === 'auto' && withSummary) terminal.line(found(this.#parts.pool));
    if (this.#request.insights) terminal.line(insightsText(this.#parts.pool.insights()));
    if (this.#drain.signal.aborted) {
      const what = run.ended ? 'all inputs had been read' : 'further inputs were not read';
      terminal.line(`manyhands: interrupted after ${inThousands(run.settled)} inputs; ${what}.`);
    }
  }

  #exitCode(): number {
    if (this.#drain.signal.aborted) return INTERRUPTED_EXIT_CODE;
    // Inputs that could not be read are one more failure
    return this.#report.exitCodeWith(this.#run.inputError === undefined ? 0 : 1);
  }
}

/** What a pool has found best. */
function found({ tuning, workers }: Pool): string {
  const { tasksPerWorker = 1, settled = false, steps = [] } = tuning ?? {};
  const each = tasksPerWorker === 1 ? '' : `, ${tasksPerWorker} inputs each`;
  const why = steps.at(-1)?.why ?? 'no other was worth trying';
  return `${workers} thread${workers === 1 ? '' : 's'}${each}${settled ? '' : ' so far'}: ${why}`;
}

function lineWithInput(outcome: Outcome): string {
  const { input } = outcome;
  const given = toJson(input.error === undefined ? input.value : input.text);
  if ('line' in outcome) return `{"input":${given},"result":${outcome.line}}`;
  return `{"input":${given},"error":${JSON.stringify(errorToJson(outcome.error))}}`;
}
