/**
 * The worker file of poolifier's threads.
 * @module
 */
import { loadRival } from '../../harness/rival-package.ts';
import { add, burn, bytes, greet, take, text } from './one-argument.ts';

interface PoolifierPackage {
  readonly ThreadWorker: new (functions: Record<string, unknown>) => unknown;
}

const { ThreadWorker } = await loadRival<PoolifierPackage>('poolifier');
export const worker = new ThreadWorker({ add, burn, bytes, greet, take, text });
