/** The contract of pools, kept by inline workers. @module */
import { poolContract } from '../contract/pool.ts';

poolContract('inline');
