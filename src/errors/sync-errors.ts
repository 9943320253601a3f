/**
 * What can go wrong around locks and shared memory.
 * @module
 */
import { ManyhandsError, type ManyhandsErrorOptions, nameError } from './manyhands-error.ts';

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

/**
 * Waiting here can never end. `ERR_DEADLOCK`.
 *
 * **Python** has none, save for `_DeadlockError` inside the import system.
 */
export class DeadlockError extends ManyhandsError {
  static {
    nameError(this, 'DeadlockError');
  }

  constructor(message: string, options: ManyhandsErrorOptions = {}) {
    super(message, { code: 'ERR_DEADLOCK', ...options });
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
