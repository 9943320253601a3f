/**
 * One run over the inputs: reads, sends, and hands the outcomes out in the order of the inputs.
 *
 * How it works  A queue holds each input from when it is read until its outcome has been handed out. Its head is handed out as
 *               soon as it is settled; the consumer writes it, and while the consumer waits nothing more is read.
 * Invariants    1. At most `ahead` inputs are in the queue, whatever the order in which they settle.
 *               2. At most `InFlightLimit` of them are at the workers; nothing is sent that could not start soon.
 *               3. Results that wait for an earlier one are lines of text already, and no more is read while they and the inputs
 *                  hold more than 32 Mi characters. The head is always at a worker, so this cannot stop for good.
 * A failure     Is an outcome like any other. Only what no other input could survive ends the run: the input itself failing
 *               (`inputError`), or a pool that can start no workers.
 * @module
 */
import { type Future, WorkerStartError } from '../index.ts';
import { InFlightLimit } from './in-flight-limit.ts';
import type { Input, Inputs } from './inputs.ts';
import { toJson } from './results.ts';

/** Characters of inputs and results that may wait for an earlier one before reading pauses. */
const MOST_HELD = 32 * 2 ** 20;

/** What became of an input: a line of JSON, or why there is none. */
export type Outcome =
  | { readonly input: Input; readonly line: string }
  | { readonly input: Input; readonly error: unknown };

/** What a run needs. */
export interface RunOptions {
  readonly inputs: Inputs;
  /** Sends one input to a worker. */
  readonly send: (value: unknown) => Future<unknown>;
  /** Tasks that the workers can run at once. */
  readonly places: () => number;
  /** Most inputs read whose outcomes have not been handed out. */
  readonly ahead: number;
  /** Aborted: read no more, finish what is at the workers. */
  readonly drain: AbortSignal;
}

interface Slot {
  readonly input: Input;
  outcome: Outcome | undefined;
}

/** A run over inputs, in order. */
export class OrderedRun {
  readonly #options: RunOptions;
  readonly #limit: InFlightLimit;
  readonly #queue: Slot[] = [];
  #inFlight = 0;
  #held = 0;
  #reading = false;
  #ended = false;
  #wake: (() => void) | undefined;
  #read = 0;
  #settled = 0;
  #stopped = false;
  #failed = 0;
  /** Why the inputs could not be read to their end. */
  inputError: unknown;
  /** Why no input can be worked on any more. */
  fatal: WorkerStartError | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#limit = new InFlightLimit(options.places);
  }

  /** Inputs read so far. */
  get read(): number {
    return this.#read;
  }

  /** Inputs whose outcome is known. */
  get settled(): number {
    return this.#settled;
  }

  /** Those of them that failed. */
  get failed(): number {
    return this.#failed;
  }

  /** Whether the last input has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Reads no more, sends no more, and hands out no more. */
  stop(): void {
    this.#stopped = true;
    this.#notify();
  }

  /** The outcomes, in the order of the inputs. */
  async *outcomes(): AsyncGenerator<Outcome, void, void> {
    const { drain } = this.#options;
    const onDrain = (): void => this.#notify();
    drain.addEventListener('abort', onDrain, { once: true });
    try {
      for (;;) {
        if (this.#stopped) return;
        this.#supply();
        const head = this.#queue[0];
        if (head?.outcome !== undefined) {
          this.#queue.shift();
          this.#held -= sizeOf(head.outcome);
          yield head.outcome;
        } else if (head === undefined && (this.#mayNotRead || (this.#ended && !this.#reading))) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      drain.removeEventListener('abort', onDrain);
    }
  }

  get #mayNotRead(): boolean {
    return this.#stopped || this.#options.drain.aborted || this.fatal !== undefined || this.inputError !== undefined;
  }

  #supply(): void {
    const { ahead, inputs } = this.#options;
    while (
      !this.#ended &&
      !this.#reading &&
      !this.#mayNotRead &&
      this.#inFlight < this.#limit.value &&
      this.#queue.length < ahead &&
      this.#held <= MOST_HELD
    ) {
      const input = inputs.next();
      if (input instanceof Promise) this.#readLater(input);
      else this.#accept(input);
    }
  }

  #readLater(input: Promise<Input | undefined>): void {
    this.#reading = true;
    const done = (): void => {
      this.#reading = false;
      this.#notify();
    };
    input.then(
      (value) => {
        // One that comes after Ctrl-C is not begun
        if (!this.#mayNotRead) this.#accept(value);
        done();
      },
      (error: unknown) => {
        this.inputError = error ?? new Error('The input ended with an error.');
        done();
      },
    );
  }

  #accept(input: Input | undefined): void {
    if (input === undefined) {
      this.#ended = true;
      return;
    }
    this.#read += 1;
    const slot: Slot = { input, outcome: undefined };
    this.#queue.push(slot);
    this.#held += input.text.length;
    if (input.error === undefined) this.#send(slot);
    else this.#settle(slot, { input, error: input.error });
  }

  #send(slot: Slot): void {
    const { input } = slot;
    const sent = performance.now();
    this.#inFlight += 1;
    const answer = (outcome: Outcome): void => {
      this.#inFlight -= 1;
      this.#limit.answered(performance.now() - sent);
      this.#settle(slot, outcome);
      this.#notify();
    };
    this.#options.send(input.value).then(
      (value) => answer(asLine(input, value)),
      (error: unknown) => answer({ input, error }),
    );
  }

  #settle(slot: Slot, outcome: Outcome): void {
    slot.outcome = outcome;
    this.#settled += 1;
    if ('line' in outcome) {
      this.#held += outcome.line.length;
      return;
    }
    this.#failed += 1;
    if (outcome.error instanceof WorkerStartError) this.fatal = outcome.error;
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

function asLine(input: Input, value: unknown): Outcome {
  try {
    return { input, line: toJson(value) };
  } catch (error) {
    return { input, error };
  }
}

const sizeOf = (outcome: Outcome): number => outcome.input.text.length + ('line' in outcome ? outcome.line.length : 0);
