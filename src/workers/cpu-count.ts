/**
 * How many cores there are to use.
 * @module
 */
import { availableParallelism } from 'node:os';

/**
 * Cores that this program may use at once: those that it is bound to, within the limits of its container. At least 1.
 *
 * **Python** `os.process_cpu_count`; `multiprocessing.cpu_count` counts the machine's.
 */
export const cpuCount = (): number => availableParallelism();
