/** The contract of pools that order, bound and repeat tasks, kept by threads in processes. @module */
import { poolRetryContract } from '../contract/pool-retry.ts';
import { poolScheduleContract } from '../contract/pool-schedule.ts';

poolScheduleContract('hybrid');
poolRetryContract('hybrid');
