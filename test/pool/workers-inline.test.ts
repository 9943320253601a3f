/** The contract of a pool's workers, kept by pools of kind inline. @module */
import { poolTerminateContract } from '../contract/pool-terminate.ts';
import { poolWorkersContract } from '../contract/pool-workers.ts';

poolWorkersContract('inline');
poolTerminateContract('inline');
