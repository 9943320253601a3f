/** The contract of shared state, kept in thread scope. @module */
import { sharedStateContract } from '../contract/shared-state.ts';

sharedStateContract('thread');
