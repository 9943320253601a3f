/**
 * Subclasses of Thread and Process that the contract runs.
 * @module
 */
import { Process, Thread } from '../../src/index.ts';

/** A thread with a field, its own `run` and its own constructor. */
export class SumThread extends Thread<number> {
  readonly numbers: readonly number[];
  note = 'set in the class';

  constructor(numbers: readonly number[], options?: { name?: string; daemon?: boolean }) {
    super(undefined, [], options);
    this.numbers = numbers;
  }

  override run(): number {
    return this.numbers.reduce((sum, n) => sum + n, 0) + this.note.length;
  }
}

/** The same as a process. */
export class SumProcess extends Process<number> {
  readonly numbers: readonly number[];
  note = 'set in the class';

  constructor(numbers: readonly number[], options?: { name?: string; daemon?: boolean }) {
    super(undefined, [], options);
    this.numbers = numbers;
  }

  override run(): number {
    return this.numbers.reduce((sum, n) => sum + n, 0) + this.note.length;
  }
}

/** Tells what `run` sees of itself. */
export class SelfThread extends Thread<string> {
  override async run(): Promise<string> {
    await null;
    return `${this.name}, daemon: ${this.daemon}, ${this.constructor.name}`;
  }
}

/** The same as a process. */
export class SelfProcess extends Process<string> {
  override async run(): Promise<string> {
    await null;
    return `${this.name}, daemon: ${this.daemon}, ${this.constructor.name}`;
  }
}
