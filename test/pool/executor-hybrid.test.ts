/** What executors are counted on for, kept by pools of kind hybrid. @module */
import { poolExecutorContract } from '../contract/pool-executor.ts';

poolExecutorContract('hybrid');
