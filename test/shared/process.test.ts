/** The contract of shared state, kept in process scope. @module */
import { sharedStateContract } from '../contract/shared-state.ts';

sharedStateContract('process');
