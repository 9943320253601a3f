/**
 * Pipes among threads, and among processes.
 * @module
 */
import { pipeEndsContract } from '../contract/pipe-ends.ts';
import { pipeContract } from '../contract/pipes.ts';

for (const scope of ['thread', 'process'] as const) {
  pipeContract(scope);
  pipeEndsContract(scope);
}
