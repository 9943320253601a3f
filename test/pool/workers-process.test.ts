/** The contract of a pool's workers, kept by pools of kind process. @module */
import { poolTerminateContract } from '../contract/pool-terminate.ts';
import { poolWorkersContract } from '../contract/pool-workers.ts';

poolWorkersContract('process');
poolTerminateContract('process');
