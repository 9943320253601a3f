/**
 * What can go wrong around locks and shared memory.
 * @module
 */
import { ManyhandsError, nameError } from './manyhands-error.ts';

/** This system lacks what the call needs; the message says what, and what works instead. `ERR_UNSUPPORTED_PLATFORM`. */
export class UnsupportedPlatformError extends ManyhandsError {
  static {
    nameError(this, 'UnsupportedPlatformError');
  }

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'ERR_UNSUPPORTED_PLATFORM', ...options });
  }
}

/**
 * Something was released that is not held, or not by whoever releases it. `ERR_NOT_HELD`.
 *
 * **Python** `RuntimeError: release unlocked lock`, `ValueError: Semaphore released too many times`.
 */
export class NotHeldError extends ManyhandsError {
  static {
    nameError(this, 'NotHeldError');
  }

  constructor(message: string) {
    super(message, { code: 'ERR_NOT_HELD' });
  }
}

/**
 * The thread or process that held a lock died; what the lock guards may be half changed. `ERR_OWNER_DIED`.
 *
 * Each acquire fails with it until one asks for `{ recover: true }`, mends what is guarded and releases.
 *
 * **Python** has none: the next acquire hangs. POSIX has `EOWNERDEAD`.
 */
export class OwnerDiedError extends ManyhandsError {
  static {
    nameError(this, 'OwnerDiedError');
  }

  constructor(message: string) {
    super(message, { code: 'ERR_OWNER_DIED' });
  }
}

/** One of the waits of a deadlock. */
export interface DeadlockedWait {
  /** Which thread, or async function, waits. */
  readonly waiter: string;
  /** What it waits for, which the next one holds. */
  readonly object: string;
  /** Where it waits. */
  readonly stack: string;
}

/** How a `DeadlockError` is made. */
export interface DeadlockErrorOptions extends ErrorOptions {
  readonly waits?: readonly DeadlockedWait[];
}

/**
 * Waiting here can never end: the message names all waits that are part of it, each with its stack. `ERR_DEADLOCK`.
 *
 * One of them gets the error; the others go on once that one has released what it holds.
 *
 * **Python** has none, save for `_DeadlockError` inside the import system.
 */
export class DeadlockError extends ManyhandsError {
  static {
    nameError(this, 'DeadlockError');
  }

  /** The waits, beginning with the one that got this error; each is for what the next one holds. */
  readonly waits: readonly DeadlockedWait[];

  constructor(message: string, { waits = [], ...options }: DeadlockErrorOptions = {}) {
    super(message, { code: 'ERR_DEADLOCK', ...options });
    this.waits = waits;
  }
}

/**
 * The barrier was broken (`abort`, `reset`, a timeout, a party that died) while or before this party waited. `ERR_BROKEN_BARRIER`.
 *
 * **Python** `threading.BrokenBarrierError`.
 */
export class BrokenBarrierError extends ManyhandsError {
  static {
    nameError(this, 'BrokenBarrierError');
  }

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'ERR_BROKEN_BARRIER', ...options });
  }
}

/** A stretch of shared memory that is not there, is there already, is too small, or is of another kind: `code` tells. */
export class SharedMemoryError extends ManyhandsError {
  static {
    nameError(this, 'SharedMemoryError');
  }
}

/**
 * A value that its place in shared memory cannot hold: of another type, out of range, too long. `ERR_INVALID_VALUE`.
 *
 * **Python** `TypeError`, `OverflowError`, `ValueError` of `ctypes`, `array` and `ShareableList`.
 */
export class InvalidValueError extends ManyhandsError {
  static {
    nameError(this, 'InvalidValueError');
  }

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'ERR_INVALID_VALUE', ...options });
  }
}

/** There is no shared heap: the program was started without `--harmony-struct`. `ERR_NO_SHARED_HEAP`. */
export class SharedHeapError extends ManyhandsError {
  static {
    nameError(this, 'SharedHeapError');
  }

  constructor(message: string) {
    super(message, { code: 'ERR_NO_SHARED_HEAP' });
  }
}
