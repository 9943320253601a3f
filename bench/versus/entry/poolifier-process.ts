/**
 * The worker file of poolifier's processes.
 * @module
 */
import { loadRival } from '../../harness/rival-package.ts';
import { add, burn, bytes, greet, take, text } from './one-argument.ts';

interface PoolifierPackage {
  readonly ClusterWorker: new (functions: Record<string, unknown>) => unknown;
}

const { ClusterWorker } = await loadRival<PoolifierPackage>('poolifier');
export const worker = new ClusterWorker({ add, burn, bytes, greet, take, text });
