/** The contract of tasks that say more than their result, kept by pools of kind process. @module */
import { poolReportsContract } from '../contract/pool-reports.ts';

poolReportsContract('process');
