/**
 * `manyhands map`: puts the parts together, and sees to it that each way to end is a clean one.
 *
 * How it works
 *     inputs -> OrderedRun -> pool -> OrderedRun -> ResultWriter -> standard output
 *                    |                     \-> Report -> standard error, at the end
 *                    \-> Progress -> Terminal -> standard error
 * Ends          All inputs are done; the first Ctrl-C has drained; the results' reader has gone; a second Ctrl-C or SIGTERM. In
 *               each case the workers are ended first: a process in the middle of a computation would not see that we are gone.
 * @module
 */
import { Pool } from '../index.ts';
import type { MapRequest } from './command-line.ts';
import { type Inputs, openInputs } from './inputs.ts';
import { INTERRUPTED_EXIT_CODE, onInterrupt } from './interrupt.ts';
import { type LoadedFunction, loadFunction } from './load-function.ts';
import { parseModuleReference } from './module-reference.ts';
import { OrderedRun, type Outcome } from './ordered-run.ts';
import { Progress } from './progress.ts';
import { duration, inThousands, rateText } from './quantities.ts';
import { Report } from './report.ts';
import { ResultWriter } from './result-writer.ts';
import { errorToJson, toJson } from './results.ts';
import { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** Exit code when the results' reader has gone: as if SIGPIPE had ended us. */
const READER_GONE_EXIT_CODE = 141;
/** Exit code when the work broke down for another reason than failing inputs. */
const BROKEN_EXIT_CODE = 101;

/** Inputs that may be read before the results of earlier ones are written, however many workers there are. */
const LEAST_AHEAD = 1024;

/** Carries the request out; resolves to the exit code. */
export async function mapCommand(request: MapRequest): Promise<number> {
  const { stdout, stderr, stdin } = process;
  const terminal = new Terminal(stderr);
  const aside = terminal.aside();
  Object.defineProperties(process, {
    stdout: { value: aside, configurable: true },
    stderr: { value: aside, configurable: true },
  });
  const reference = parseModuleReference(request.module, process.cwd());
  const inputs = openInputs({ listed: request.listed, file: request.argFile, json: request.json }, stdin);
  const fn = await loadFunction(reference);
  if (request.listed === undefined && (request.argFile ?? '-') === '-' && stdin.isTTY && !request.quiet) {
    terminal.line('manyhands: reading inputs from the terminal, one a line; end with Ctrl-D.');
  }
  const run = new MapRun(request, fn, inputs, terminal, stdout);
  return run.run();
}

/** One run, and what it counts. */
class MapRun {
  readonly #request: MapRequest;
  readonly #terminal: Terminal;
  readonly #inputs: Inputs;
  readonly #pool: Pool;
  readonly #writer: ResultWriter;
  readonly #report: Report;
  readonly #drain = new AbortController();
  readonly #ended = Promise.withResolvers<number>();
  readonly #run: OrderedRun;
  readonly #started = performance.now();
  #done = 0;
  #total: number | undefined;

  constructor(request: MapRequest, fn: LoadedFunction, inputs: Inputs, terminal: Terminal, stdout: NodeJS.WriteStream) {
    this.#request = request;
    this.#terminal = terminal;
    this.#inputs = inputs;
    this.#report = new Report(request.verbose);
    this.#pool = makePool(request);
    this.#writer = new ResultWriter(stdout, (error) => this.#onReaderGone(error));
    const { timeout, tasksPerWorker } = request;
    const tasks = timeout === undefined ? this.#pool : this.#pool.with({ timeout });
    const places = this.#pool.workers * tasksPerWorker;
    this.#run = new OrderedRun({
      inputs,
      send: (value) => tasks.submit(fn.call, value),
      places,
      ahead: Math.max(LEAST_AHEAD, places * 2),
      drain: this.#drain.signal,
    });
  }

  async run(): Promise<number> {
    onInterrupt({ onDrain: () => this.#onDrain(), onEnd: (exitCode) => this.#ended.resolve(exitCode) });
    const progress = await this.#startProgress();
    // An abrupt end does not wait for the work, nor for a reader that does not read
    const exitCode = await Promise.race([this.#work(), this.#ended.promise]);
    progress?.draw();
    progress?.end();
    await this.#pool.terminate();
    if (progress === undefined) this.#terminal.removeFooter();
    else this.#terminal.line('');
    return exitCode;
  }

  async #work(): Promise<number> {
    for await (const outcome of this.#run.outcomes()) {
      const line = this.#record(outcome);
      if (line !== undefined) await this.#writer.write(line);
    }
    await this.#writer.end();
    return 0;
  }

  #record(_outcome: Outcome): string | undefined {
    return undefined;
  }
}
