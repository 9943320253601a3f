/**
 * manyhands: processes, threads, pools and shared memory for TypeScript on Node.js.
 * @module
 */
export { task } from './closures/index.ts';
export {
  type Address,
  type Allow,
  connect,
  type Connection,
  type ConnectionOptions,
  type ConnectOptions,
  type Handle,
  Listener,
  type ListenOptions,
  type PathAddress,
  Pipe,
  PipeConnection,
  type PipeOptions,
  type PortAddress,
  type SendHandleOptions,
  type SocketConnection,
  type Waitable,
  waitAny,
  waitAnySync,
} from './connections/index.ts';
export * from './errors/index.ts';
export { Pool, type PoolKind, type PoolOptions } from './executors/pool.ts';
export { toThread } from './executors/to-thread.ts';
export { asCompleted } from './futures/as-completed.ts';
export { Future, type FutureState } from './futures/future.ts';
export {
  type Child,
  type ChildOptions,
  type Startable,
  TaskGroup,
  type TaskGroupOptions,
} from './futures/task-group.ts';
export { Deadline, type TimedWork, timeout, timeoutAt, type TimeoutOptions } from './futures/timeout.ts';
export { type ReturnWhen, wait, type WaitForFuturesOptions, type WaitResult } from './futures/wait.ts';
export {
  type AcquireOptions,
  type Cell,
  connectManager,
  type ConnectManagerOptions,
  type Dict,
  type FixedArray,
  type Frozen,
  type List,
  manage,
  Managed,
  type ManagedBarrier,
  type ManagedBoundedSemaphore,
  type ManagedCondition,
  type ManagedEvent,
  type ManagedLock,
  type ManagedNamespace,
  type ManagedPool,
  type ManagedQueue,
  type ManagedRLock,
  type ManagedSemaphore,
  type ManagedSemaphoreOptions,
  type ManagedSet,
  type ManageOptions,
  Manager,
  type ManagerOptions,
  type ManageRules,
  type RemoteIterator,
} from './managers/index.ts';
export { sleep, sleepSync } from './memory/sleep.ts';
export {
  type Advice,
  adviceText,
  advise,
  type AdviseOptions,
  type Estimate,
  type Scalability,
  type ScalingModel,
  type TaskProfile,
  type Trial,
  type WorkClass,
} from './advise/index.ts';
export {
  type Backoff,
  type ErrorPolicy,
  type ImapOptions,
  type Input,
  insightsText,
  type Lint,
  type LintCode,
  type MapOptions,
  type Overflow,
  type PerKeyOptions,
  type PoolInsights,
  type PoolTuning,
  type RateOptions,
  type SlowTask,
  type SpreadFigures,
  type TaskOptions,
  type TaskTimes,
  type Tuning,
  type TuningStep,
  type WorkerTimes,
} from './pool/index.ts';
export { currentProcess, parentProcess, ProcessInfo } from './processes/current-process.ts';
export { activeChildren, Process, type ProcessOptions } from './processes/process.ts';
export { type Shutdown, shutdownOn, type ShutdownOptions, type ShutdownPart } from './processes/shutdown-on.ts';
export {
  BytesLease,
  LifoQueue,
  PriorityQueue,
  type PriorityQueueOptions,
  Queue,
  type QueueOptions,
  type QueueShutdownOptions,
  SimpleQueue,
  type SimpleQueueOptions,
} from './queues/index.ts';
export {
  anything,
  type AnythingType,
  array,
  bigint64,
  biguint64,
  boolean,
  field,
  type FieldArray,
  type Fields,
  type FieldType,
  float32,
  float64,
  type HeapKey,
  HeapList,
  HeapMap,
  type HeapValue,
  int16,
  int32,
  int8,
  type ItemType,
  listOf,
  type ListType,
  mapOf,
  type MapType,
  type MemoryOptions,
  padded,
  reference,
  type ReferenceType,
  self,
  type SelfType,
  ShareableList,
  type ShareableItem,
  SharedArray,
  type SharedArrayMembers,
  SharedMap,
  type SharedMapOptions,
  SharedMemory,
  type SharedMemoryOptions,
  sharedStruct,
  type SharedStructClass,
  string,
  type StructOptions,
  text,
  type TextType,
  uint16,
  uint32,
  uint8,
  Value,
  type Values,
  type ValueType,
} from './shared/index.ts';
export {
  Barrier,
  type BarrierOptions,
  BoundedSemaphore,
  Condition,
  type EndlessLockOptions,
  type EndlessWaitOptions,
  Event,
  Hold,
  Latch,
  Lock,
  type LockOptions,
  RLock,
  RwLock,
  type ScopeOptions,
  Semaphore,
  type SemaphoreOptions,
  type WaitOptions,
} from './sync/index.ts';
export { activeCount, currentThread, enumerateThreads, mainThread, ThreadInfo } from './threads/current-thread.ts';
export { Thread } from './threads/thread.ts';
export { ThreadLocal } from './threads/thread-local.ts';
export { Timer } from './threads/timer.ts';
export { type CompiledModule, Wasm, wasm, type WasmImports, type WasmMemory, type WasmOptions } from './wasm/index.ts';
export type { TerminateOptions } from './workers/activity.ts';
export { atExit } from './workers/at-exit.ts';
export { carryContext } from './workers/context.ts';
export { cpuCount } from './workers/cpu-count.ts';
export { exit } from './workers/exit.ts';
export { getStartMethod, setStartMethod, startMethods } from './workers/launch-options.ts';
export { onSignal, type SignalHandler, type SignalRegistration } from './workers/on-signal.ts';
export { type CurrentTask, currentTask, taskSignal } from './workers/runtime/current-task.ts';
export { workerState } from './workers/runtime/worker-state.ts';
export { transfer } from './workers/transfer.ts';
export type { StartMethod } from './workers/worker-backend.ts';
