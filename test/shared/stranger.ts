/**
 * A process that this library did not start, and that uses shared memory by name.
 * @module
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Answer, Requests } from './fixtures/stranger.ts';

const program = fileURLToPath(new URL('./fixtures/stranger.ts', import.meta.url));

/** The test's end of it. */
export class Stranger {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<unknown>;
  readonly #answers: AsyncIterator<string>;
  #errors = '';

  constructor() {
    this.#child = spawn(process.execPath, [...process.execArgv, program], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_TEST_WORKER_ID: undefined },
    });
    this.#ended = once(this.#child, 'close');
    this.#child.stdin.on('error', () => {}); // it was killed
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Has it do something. Rejects with what it throws. */
  async ask<Name extends keyof Requests>(
    name: Name,
    ...args: Parameters<Requests[Name]>
  ): Promise<ReturnType<Requests[Name]>> {
    this.#child.stdin.write(`${JSON.stringify([name, ...args])}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`The stranger has ended: ${this.#errors}`);
    const answer = JSON.parse(value as string) as Answer;
    if ('error' in answer) throw Object.assign(new Error(answer.error), { code: answer.code });
    return answer.result as ReturnType<Requests[Name]>;
  }

  /** Lets it end by itself. @returns its exit code, and what it wrote to its standard error */
  async end(): Promise<readonly [code: number | null, errors: string]> {
    this.#child.stdin.end();
    await this.#ended;
    return [this.#child.exitCode, this.#errors];
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

/** Runs a test's body with a stranger, and ends it afterwards. */
export async function withStranger(body: (stranger: Stranger) => Promise<void>): Promise<void> {
  const stranger = new Stranger();
  try {
    await body(stranger);
  } finally {
    await stranger.kill();
  }
}
