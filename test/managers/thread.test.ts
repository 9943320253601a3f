/** The contract of managers that are threads. @module */
import { managerLocksContract } from '../contract/manager-locks.ts';
import { managersContract } from '../contract/managers.ts';

managersContract('thread');
managerLocksContract('thread');
