/** A million tasks at once, in a pool of threads. @module */
import { millionTasks } from './million.ts';

millionTasks('thread');
