/**
 * The failures of a run: kept while it lasts, told at its end, counted in its exit code.
 * @module
 */
import type { Input } from './inputs.ts';
import { inThousands } from './quantities.ts';
import { errorToJson } from './results.ts';

/** Failures that are told one by one; beyond that they are only counted, so that a long run's memory stays bounded. */
const MOST_TOLD = 1000;
/** Characters of an input that are told. */
const MOST_OF_INPUT = 500;
/** Largest exit code that counts failures, as GNU parallel has it: 102 to 125 stay free, 126 and up mean other things. */
const MOST_EXIT_CODE = 101;

interface Failure {
  readonly place: number;
  readonly text: string;
}

/** Failures of a run. */
export class Report {
  readonly #verbose: boolean;
  readonly #failures: Failure[] = [];
  #count = 0;

  /** @param verbose  with the first line of each error's stack */
  constructor(verbose: boolean) {
    this.#verbose = verbose;
  }

  get count(): number {
    return this.#count;
  }

  /** Takes a failure down; `place` counts inputs from 1. */
  add(place: number, input: Input, error: unknown): void {
    this.#count += 1;
    if (this.#failures.length >= MOST_TOLD) return;
    const { name, message, code } = errorToJson(error);
    const lines = [`${inShort(input.text)}: ${name}: ${message}`];
    if (this.#verbose) {
      const at = firstStackLine(error);
      if (code !== undefined) lines.push(`code ${code}`);
      if (at !== undefined) lines.push(at);
    }
    this.#failures.push({ place, text: lines.flatMap((line) => line.split('\n')).join('\n    ') });
  }

  /** What is to be said at the end, `done` inputs having been worked on. */
  text(done: number): string {
    const lines = [`manyhands: ${inThousands(this.#count)} of ${inThousands(done)} inputs failed:`];
    for (const { place, text } of this.#failures) lines.push(`  input ${place}: ${text}`);
    const untold = this.#count - this.#failures.length;
    if (untold > 0) lines.push(`  and ${inThousands(untold)} more; --results-with-input tells them all`);
    return lines.join('\n');
  }

  /** The number of failures, and so many more, 101 at most. */
  exitCodeWith(more: number): number {
    return Math.min(this.#count + more, MOST_EXIT_CODE);
  }
}

const inShort = (text: string): string =>
  text.length > MOST_OF_INPUT ? `${text.slice(0, MOST_OF_INPUT)}… (${inThousands(text.length)} characters)` : text;

/** Where an error was thrown. */
export function firstStackLine(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  return stack
    ?.split('\n')
    .find((line) => /^\s+at /.test(line))
    ?.trim();
}
