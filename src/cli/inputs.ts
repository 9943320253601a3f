/**
 * Where the inputs come from: the command line after `:::`, a file, or standard input.
 *
 * Each is asked for one input at a time and reads no further than that needs. With `--json` a line is parsed; one that is no
 * JSON is an input that has failed already, not the end of the run. Blank lines are inputs as they stand, except with `--json`,
 * where they are left out, as readers of JSON lines do.
 * @module
 */
import { createReadStream, fstatSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { LineReader } from './line-reader.ts';
import { UsageError } from './usage-error.ts';

/** One input. */
export interface Input {
  /** As it was written. */
  readonly text: string;
  /** What the function gets. */
  readonly value: unknown;
  /** Why there is no value. */
  readonly error?: Error;
}

/** Inputs, one after another. */
export interface Inputs {
  /** The next input; `undefined` at the end. A promise only when it has to wait. */
  next(): Input | undefined | Promise<Input | undefined>;
  /** How many there are, if that can be known; asked for at most once, and only when somebody wants to see it. */
  count(): Promise<number | undefined>;
}

/** Where to read from. */
export interface InputOptions {
  /** What stood after `:::`. */
  readonly listed: readonly string[] | undefined;
  /** The file after `-a`; `-` is standard input. */
  readonly file: string | undefined;
  readonly json: boolean;
}

/** Opens what the options name. A file is opened at once, so that a missing one is reported before any work. */
export function openInputs({ listed, file, json }: InputOptions, stdin: () => Readable): Inputs {
  const parse = json ? parseJson : plain;
  if (listed !== undefined) return listedInputs(listed, parse);
  if (file === undefined || file === '-') return lineInputs(stdin(), parse, json, async () => undefined);
  const { fd, isFile } = openFile(file);
  const count = async (): Promise<number | undefined> => (isFile ? countLines(file, json) : undefined);
  return lineInputs(createReadStream(file, { fd }), parse, json, count);
}

type Parse = (text: string) => Input;

function listedInputs(listed: readonly string[], parse: Parse): Inputs {
  let at = 0;
  return {
    next() {
      const text = listed[at++];
      return text === undefined ? undefined : parse(text);
    },
    count: async () => listed.length,
  };
}

function lineInputs(stream: Readable, parse: Parse, skipBlank: boolean, count: Inputs['count']): Inputs {
  const reader = new LineReader(stream);
  const wanted = (line: string): boolean => !skipBlank || line.trim() !== '';
  const next = async (): Promise<Input | undefined> => {
    for (;;) {
      const line = await reader.next();
      if (line === undefined || wanted(line)) return line === undefined ? undefined : parse(line);
    }
  };
  return {
    next() {
      const line = reader.next();
      if (line === undefined) return undefined;
      if (typeof line === 'string') return wanted(line) ? parse(line) : next();
      return line.then((late) => (late === undefined ? undefined : wanted(late) ? parse(late) : next()));
    },
    count,
  };
}

const plain: Parse = (text) => ({ text, value: text });

const parseJson: Parse = (text) => {
  try {
    return { text, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { text, value: undefined, error: new SyntaxError(`The input is no JSON: ${(error as Error).message}`) };
  }
};

function openFile(file: string): { readonly fd: number; readonly isFile: boolean } {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : message;
    throw new UsageError(`-a ${file}: ${why}.`, { cause: error });
  }
  const stats = fstatSync(fd);
  if (stats.isDirectory()) throw new UsageError(`-a ${file}: this is a directory; name a file with one input a line.`);
  return { fd, isFile: stats.isFile() };
}

/** Counts the lines of a file, for a bar that shows how far it is. */
async function countLines(file: string, skipBlank: boolean): Promise<number | undefined> {
  try {
    const reader = new LineReader(createReadStream(file));
    let lines = 0;
    for (;;) {
      const next = reader.next();
      const line = next instanceof Promise ? await next : next;
      if (line === undefined) return lines;
      if (!skipBlank || line.trim() !== '') lines += 1;
    }
  } catch {
    return undefined; // the run itself will meet the same trouble and say so
  }
}
