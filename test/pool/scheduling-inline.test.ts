/** The contract of pools that order, bound and repeat tasks, kept by inline workers. @module */
import { poolRetryContract } from '../contract/pool-retry.ts';
import { poolScheduleContract } from '../contract/pool-schedule.ts';

poolScheduleContract('inline');
poolRetryContract('inline');
