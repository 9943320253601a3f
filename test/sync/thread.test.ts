/** The contracts of locks and of waiting, kept in thread scope. @module */
import { locksContract } from '../contract/locks.ts';
import { waitingContract } from '../contract/waiting.ts';

locksContract('thread');
waitingContract('thread');
