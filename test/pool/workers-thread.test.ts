/** The contract of a pool's workers, kept by pools of kind thread. @module */
import { poolTerminateContract } from '../contract/pool-terminate.ts';
import { poolWorkersContract } from '../contract/pool-workers.ts';

poolWorkersContract('thread');
poolTerminateContract('thread');
