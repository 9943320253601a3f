/**
 * How many bytes a worker may use before it comes to an end.
 * @module
 */
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { LaunchOptions, WorkerBackend } from '../../workers/worker-backend.ts';

const MEBIBYTE = 2 ** 20;

/** Of a thread: its heap. Of a process: its share of what this program may use. */
export function memoryLimit(
  kind: WorkerBackend['kind'],
  limits: LaunchOptions['resourceLimits'],
  workers: number,
): number {
  const heap = limits?.maxOldGenerationSizeMb;
  if (kind !== 'process') return heap === undefined ? getHeapStatistics().heap_size_limit : heap * MEBIBYTE;
  const constrained = process.constrainedMemory();
  const all = constrained > 0 && constrained < totalmem() ? constrained : totalmem();
  return Math.min(all / workers, heap === undefined ? Infinity : heap * MEBIBYTE);
}
