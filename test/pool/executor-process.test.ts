/** What executors are counted on for, kept by pools of kind process. @module */
import { poolExecutorContract } from '../contract/pool-executor.ts';

poolExecutorContract('process');
