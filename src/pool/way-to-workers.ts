/**
 * The way between a crew and its workers: by what they share with it, and measured if that is asked for.
 * @module
 */
import type { WorkerBackend } from '../workers/worker-backend.ts';
import type { Dispatcher, DispatchOwner } from './dispatcher.ts';
import type { Collector } from './insights/collector.ts';
import { MeasuringDispatcher, MeasuringOwner } from './insights/measuring.ts';
import type { Notices } from './notices.ts';
import { RingDispatcher } from './ring-dispatcher.ts';
import { WindowDispatcher } from './window-dispatcher.ts';

/** What the way depends on. */
export interface WayOptions {
  readonly backend: WorkerBackend;
  readonly notices: Notices;
  readonly tasksPerWorker: number;
  /** Tasks after which a worker is replaced. */
  readonly mostTasks: number;
  readonly collector: Collector | undefined;
}

/** Both ends of it, as the other side sees them. */
export interface Way {
  readonly owner: DispatchOwner;
  readonly dispatcher: Dispatcher;
}

/** Makes it. */
export function wayToWorkers(crew: DispatchOwner, options: WayOptions): Way {
  const { backend, notices, tasksPerWorker, mostTasks, collector } = options;
  const owner = collector === undefined ? crew : new MeasuringOwner(crew, collector);
  const dispatcher = backend.sharesMemory
    ? new RingDispatcher(owner, notices, tasksPerWorker)
    : new WindowDispatcher(owner, tasksPerWorker, backend.kind === 'process', mostTasks);
  return { owner, dispatcher: collector === undefined ? dispatcher : new MeasuringDispatcher(dispatcher, collector) };
}
