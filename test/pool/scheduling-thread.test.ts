/** The contract of pools that order, bound and repeat tasks, and go on after failures, kept by threads. @module */
import { poolRetryContract } from '../contract/pool-retry.ts';
import { poolSettleContract } from '../contract/pool-settle.ts';
import { poolScheduleContract } from '../contract/pool-schedule.ts';

poolScheduleContract('thread');
poolRetryContract('thread');
poolSettleContract('thread');
