/** The contracts of locks and their kin, kept in thread scope. @module */
import { barriersContract } from '../contract/barriers.ts';
import { conditionsContract } from '../contract/conditions.ts';
import { locksContract } from '../contract/locks.ts';
import { rlocksContract } from '../contract/rlocks.ts';
import { rwlocksContract } from '../contract/rwlocks.ts';
import { waitingContract } from '../contract/waiting.ts';

locksContract('thread');
rlocksContract('thread');
rwlocksContract('thread');
waitingContract('thread');
conditionsContract('thread');
barriersContract('thread');
