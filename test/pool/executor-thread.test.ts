/** What executors are counted on for, kept by pools of kind thread. @module */
import { poolExecutorContract } from '../contract/pool-executor.ts';

poolExecutorContract('thread');
