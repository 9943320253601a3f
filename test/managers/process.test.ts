/** The contract of managers that are processes. @module */
import { managerLocksContract } from '../contract/manager-locks.ts';
import { managersContract } from '../contract/managers.ts';

managersContract('process');
managerLocksContract('process');
