/** The contracts of locks and their kin, kept in process scope. @module */
import { barriersContract } from '../contract/barriers.ts';
import { conditionsContract } from '../contract/conditions.ts';
import { locksContract } from '../contract/locks.ts';
import { waitingContract } from '../contract/waiting.ts';

locksContract('process');
waitingContract('process');
conditionsContract('process');
barriersContract('process');
