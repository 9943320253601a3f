/** A million tasks at once, in a pool of processes. @module */
import { millionTasks } from './million.ts';

millionTasks('process');
