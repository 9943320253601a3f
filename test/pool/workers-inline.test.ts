/** The contract of a pool's workers, kept by pools of kind inline. @module */
import { poolWorkersContract } from '../contract/pool-workers.ts';

poolWorkersContract('inline');
