/** The contract of tasks that say more than their result, kept by pools of kind inline. @module */
import { poolReportsContract } from '../contract/pool-reports.ts';

poolReportsContract('inline');
