/** The contracts of locks and of waiting, kept in process scope. @module */
import { locksContract } from '../contract/locks.ts';
import { waitingContract } from '../contract/waiting.ts';

locksContract('process');
waitingContract('process');
