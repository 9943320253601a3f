/**
 * Has all workers of a pool up before something is measured, and what they are asked beside the function.
 * @module
 */
import { threadId } from 'node:worker_threads';
import type { Pool } from '../executors/pool.ts';

/** Milliseconds that a worker keeps its thread, so that the next task goes to another one. */
const NAP = 2;

/** Resolves once so many workers have answered, or the pool has ended. */
export async function warmUp(pool: Pool, workers: number): Promise<void> {
  const seen = new Set<string>();
  while (seen.size < workers && pool.state === 'open') {
    const naps = Array.from({ length: workers }, () => pool.submit(nap, NAP).catch(() => undefined));
    for (const who of await Promise.all(naps)) if (who !== undefined) seen.add(who);
  }
}

/** All real memory of its process. */
export const bytesInUse = (): number => process.memoryUsage.rss();

/** Keeps its worker busy; travels without anything of the library's. @returns which worker it is */
export function nap(milliseconds: number): string {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
  return `${process.pid} ${threadId}`;
}
