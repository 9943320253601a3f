/**
 * A program that a test talks with: it hears what the program says, line by line, and sends it signals.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How it ended. */
export interface TalkEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running program. */
export class TalkingProgram {
  readonly child: ChildProcess;
  readonly ended: Promise<TalkEnd>;
  stderr = '';
  #text = '';
  #over = false;
  #wake: (() => void)[] = [];

  /** Starts a file in a process group of its own, as a shell starts what the terminal's Ctrl-C is meant for. */
  constructor(file: URL, args: readonly string[]) {
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_TEST_WORKER_ID: undefined, NO_COLOR: '1' };
    this.child = spawn(process.execPath, [fileURLToPath(file), ...args], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'], // its standard input ends with this process, and it with that
      env,
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
      this.#changed();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.#over = true;
        this.#changed();
        resolve({ code, signal });
      });
    });
  }

  /** What it has said, whole lines. */
  get lines(): readonly string[] {
    return this.#text.split('\n').slice(0, -1);
  }

  /** Resolves to the first line that begins so; fails when the program ends without it. */
  async untilSaid(start: string): Promise<string> {
    for (;;) {
      const line = this.lines.find((each) => each.startsWith(start));
      if (line !== undefined) return line;
      if (this.#over) throw new Error(`It has ended without saying ${start}:\n${this.#text}${this.stderr}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** To the program alone. */
  send(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** To the program and all that it has started, as Ctrl-C in a terminal is. */
  sendToAll(signal: NodeJS.Signals): void {
    process.kill(-Number(this.child.pid), signal);
  }

  #changed(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}

/** Runs a test's body with a program, and kills whatever of it is left afterwards. */
export async function withProgram(
  file: URL,
  args: readonly string[],
  body: (program: TalkingProgram) => Promise<void>,
): Promise<void> {
  const program = new TalkingProgram(file, args);
  try {
    await body(program);
  } finally {
    try {
      program.sendToAll('SIGKILL');
    } catch {
      // nobody is left
    }
    await program.ended;
  }
}
