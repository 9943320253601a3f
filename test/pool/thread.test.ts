/** The contract of pools, kept by thread workers. @module */
import { poolContract } from '../contract/pool.ts';

poolContract('thread');
