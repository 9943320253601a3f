/** The contracts of locks and their kin, kept in process scope. @module */
import { barriersContract } from '../contract/barriers.ts';
import { conditionsContract } from '../contract/conditions.ts';
import { locksContract } from '../contract/locks.ts';
import { rlocksContract } from '../contract/rlocks.ts';
import { rwlocksContract } from '../contract/rwlocks.ts';
import { waitingContract } from '../contract/waiting.ts';

locksContract('process');
rlocksContract('process');
rwlocksContract('process');
waitingContract('process');
conditionsContract('process');
barriersContract('process');
