/**
 * Whether a function and its inputs could go to another process.
 * @module
 */
import { CodeBook } from '../closures/code-book.ts';
import { pack } from '../closures/pack.ts';
import { EncodeError } from '../errors/encode-error.ts';
import { Travels } from '../sync/travels.ts';

/** Why not; undefined when they can, as far as one input tells. */
export async function whyNoProcesses(work: unknown, input: unknown): Promise<EncodeError | undefined> {
  const book = new CodeBook(() => {});
  try {
    const travels = new Travels();
    await travels.during(() => pack([work, input], { destination: 'process', book, root: 'function' }));
    travels.giveBack(); // it goes nowhere
    return undefined;
  } catch (error) {
    if (error instanceof EncodeError) return error;
    throw error;
  }
}
