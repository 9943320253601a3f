/**
 * The worker's side of a rehearsal: a runtime of its own goes through a task, and nobody hears its answer.
 * @module
 */
import type { ToWorker } from '../messages.ts';
import { WorkerRuntime } from './worker-runtime.ts';

/** Goes through it. */
export function rehearse(parts: readonly ToWorker[], destination: 'thread' | 'process'): void {
  const deaf = { post() {}, drainMessages() {}, onStopped() {}, onSignal() {}, destination, cores: 1 };
  const runtime = new WorkerRuntime(deaf, { mainModule: '', tasksPerWorker: 1 });
  runtime.start();
  for (const part of parts) runtime.receive(part);
}
