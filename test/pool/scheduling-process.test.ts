/** The contract of pools that order, bound and repeat tasks, and go on after failures, kept by processes. @module */
import { poolRetryContract } from '../contract/pool-retry.ts';
import { poolSettleContract } from '../contract/pool-settle.ts';
import { poolScheduleContract } from '../contract/pool-schedule.ts';
import { poolStickyContract } from '../contract/pool-sticky.ts';

poolScheduleContract('process');
poolRetryContract('process');
poolSettleContract('process');
poolStickyContract('process');
