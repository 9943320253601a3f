/**
 * The worker file of workerpool.
 * @module
 */
import { loadRival } from '../../harness/rival-package.ts';
import { add, burn, bytes, greet, take, text } from './tasks.ts';

interface WorkerpoolPackage {
  worker(methods: Record<string, (...args: never[]) => unknown>): void;
}

const workerpool = await loadRival<WorkerpoolPackage>('workerpool');
workerpool.worker({ add, burn, bytes, greet, take, text });
