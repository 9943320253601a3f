/** The contract of pools, kept by workers that are threads of other processes. @module */
import { poolContract } from '../contract/pool.ts';

poolContract('hybrid');
