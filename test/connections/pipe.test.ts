/**
 * Pipes among threads, and among processes.
 * @module
 */
import { pipeContract } from '../contract/pipes.ts';

pipeContract('thread');
pipeContract('process');
