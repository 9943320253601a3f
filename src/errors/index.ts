/**
 * Every error of the library and its code, and errors as data.
 * @module
 */
export { NoAdviceError } from './advice-error.ts';
export {
  AddressError,
  AuthenticationError,
  BufferTooShort,
  ConnectionClosedError,
  EOFError,
  MessageTooLargeError,
  ProtocolError,
} from './connection-errors.ts';
export { EncodeError } from './encode-error.ts';
export { type ErrorData, errorFromData, errorToData, type ThrownData } from './error-data.ts';
export {
  BrokenExecutor,
  CancelledError,
  InvalidOptionError,
  InvalidStateError,
  PoolClosedError,
  PoolFullError,
  QuarantinedError,
  TimeoutError,
  type WorkerDeath,
  WorkerDiedError,
  WorkerStartError,
} from './executor-errors.ts';
export { ManagerError } from './manager-errors.ts';
export { ManyhandsError, type ManyhandsErrorOptions } from './manyhands-error.ts';
export { Empty, Full, ShutDown } from './queue-errors.ts';
export {
  BrokenBarrierError,
  type DeadlockedWait,
  DeadlockError,
  type DeadlockErrorOptions,
  InvalidValueError,
  NotHeldError,
  OwnerDiedError,
  SharedMemoryError,
  UnsupportedPlatformError,
} from './sync-errors.ts';
export { onUncaught, reportUncaught, type UncaughtError, type UncaughtHandler } from './uncaught.ts';
