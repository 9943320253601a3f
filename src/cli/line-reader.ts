/**
 * Lines out of a stream of bytes, read no further than they are asked for.
 *
 * How it works  `next` hands out lines that are there already without waiting; only when there are none does it read another
 *               block from the stream, which is paused in between. So at most two blocks, 64 KiB each, are ever held, however
 *               long or endless the stream is; only a single line that is longer than that takes more.
 * Lines         End with LF or CRLF. The last may end with the stream. A byte order mark at the start is no part of the first.
 * Why           `node:readline` reads on while its consumer is busy, and loses lines that come before its iterator is asked.
 * @module
 */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { ManyhandsError } from '../index.ts';

/** Longest line, in UTF-16 units: 256 Mi. V8 holds no string twice as long. */
const LONGEST_LINE = 2 ** 28;

/** The lines of a stream. */
export class LineReader {
  readonly #blocks: AsyncIterator<Buffer>;
  readonly #decoder = new StringDecoder('utf8');
  #lines: readonly string[] = [];
  #at = 0;
  /** The last line so far, whose end has not come. */
  #tail = '';
  #ended = false;
  #first = true;

  constructor(stream: Readable) {
    this.#blocks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The next line; `undefined` at the end. A promise only when it has to wait for the stream. */
  next(): string | undefined | Promise<string | undefined> {
    if (this.#at < this.#lines.length) return this.#lines[this.#at++];
    return this.#ended ? undefined : this.#fill();
  }

  async #fill(): Promise<string | undefined> {
    while (this.#at >= this.#lines.length && !this.#ended) {
      const block = await this.#blocks.next();
      let text = this.#tail;
      if (block.done === true) {
        this.#ended = true;
        text += this.#decoder.end();
        this.#take(text === '' ? [] : [withoutReturn(text)]);
        break;
      }
      text += this.#decoder.write(block.value);
      if (this.#first && text !== '') {
        this.#first = false;
        if (text.codePointAt(0) === 0xfeff) text = text.slice(1);
      }
      const end = text.lastIndexOf('\n');
      this.#tail = text.slice(end + 1);
      if (this.#tail.length > LONGEST_LINE) {
        throw new ManyhandsError(`A line of the input is longer than ${LONGEST_LINE} characters. Is it a text file?`, {
          code: 'ERR_LINE_TOO_LONG',
        });
      }
      if (end >= 0) this.#take(text.slice(0, end).split('\n').map(withoutReturn));
    }
    return this.#at < this.#lines.length ? this.#lines[this.#at++] : undefined;
  }

  #take(lines: readonly string[]): void {
    this.#lines = lines;
    this.#at = 0;
  }
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
