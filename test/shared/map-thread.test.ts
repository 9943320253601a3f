/** The contract of SharedMap, kept in thread scope. @module */
import { sharedMapContract } from '../contract/shared-map.ts';

sharedMapContract('thread');
