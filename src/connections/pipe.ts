/**
 * Pipes: two ends, and what goes in at one comes out at the other.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import type { ScopeOptions } from '../sync/place.ts';
import { wholeNumber } from '../sync/whole-number.ts';
import { otherKind, PipeConnection } from './pipe-connection.ts';
import { PipeLine } from './pipe-line.ts';

/** How a pipe is made. */
export interface PipeOptions extends ScopeOptions {
  /** Whether both ends can send and receive (default), or `left` can only receive and `right` only send. */
  readonly duplex?: boolean | undefined;
  /** Messages that may be on their way in one direction before `send` waits. Default: 1024. 0: no bound. */
  readonly maxSize?: number | undefined;
}

const MAX_SIZE = 1024;
const MOST_MESSAGES = 0x7fff_ffff;
/** Bytes to which each direction may grow. */
const MOST = 2 ** 30;

/**
 * Two ends of a line of messages, to be given to two threads or processes.
 *
 * **Python** `multiprocessing.Pipe`, which returns the two ends; with `duplex: false` the first one receives and the second one sends,
 * as there.
 *
 * @example
 * const [mine, theirs] = new Pipe<string>({ scope: 'process' });
 * const child = new Process(async (end) => end.send(`got ${await end.recv()}`), [theirs]);
 * child.start();
 * theirs.close();
 * await mine.send('hello');
 * console.log(await mine.recv());
 */
export class Pipe<Left = unknown, Right = Left> implements Iterable<PipeConnection<Left | Right, Left & Right>> {
  /** Receives `Left` and sends `Right`. */
  readonly left: PipeConnection<Left, Right>;
  /** Receives `Right` and sends `Left`. */
  readonly right: PipeConnection<Right, Left>;

  /** @throws InvalidOptionError `ERR_INVALID_OPTION`, UnsupportedPlatformError */
  constructor({ scope, duplex = true, maxSize = MAX_SIZE }: PipeOptions = {}) {
    if (typeof duplex !== 'boolean')
      throw new InvalidOptionError(`duplex must be true or false; it is ${String(duplex)}.`);
    wholeNumber('maxSize', maxSize, 0, MOST_MESSAGES);
    const line = (): PipeLine => PipeLine.create({ scope }, MOST, maxSize, otherKind);
    const toLeft = line();
    const toRight = duplex ? line() : undefined;
    this.left = new PipeConnection({ from: toLeft, to: toRight });
    this.right = new PipeConnection({ from: toRight, to: toLeft });
  }

  /** The two ends. */
  *[Symbol.iterator](): Generator<PipeConnection<Left | Right, Left & Right>, void> {
    yield this.left;
    yield this.right;
  }
}
