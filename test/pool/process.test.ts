/** The contract of pools, kept by process workers. @module */
import { poolContract } from '../contract/pool.ts';

poolContract('process');
