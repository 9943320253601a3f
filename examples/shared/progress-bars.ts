/**
 * A progress bar for each of several downloads, drawn by one owner: this thread.
 *
 * How it works  The workers never draw. Ten times a second the owner asks each bar how far its download is, and draws all bars
 *               below what has been printed. A line that is printed meanwhile, here or in a worker, takes the bars away and has
 *               them drawn again below it. Where standard output is no terminal there are no bars, only the lines.
 * @module
 */

/** What a bar shows. */
export interface Bar {
  readonly label: string;
  /** Bytes in all. */
  readonly total: number;
  /** Bytes so far. */
  readonly received: () => number;
}

const WIDTH = 30;
const CURSOR_UP = '\u001B[1A';
const ERASE_LINE = '\u001B[2K\r';

/** Draws the bars until the function that it returns is called. */
export function showBars(bars: readonly Bar[]): () => void {
  const { stdout } = process;
  if (!stdout.isTTY) return () => {};
  const write = stdout.write.bind(stdout);
  let drawn = false;
  const erase = (): void => {
    if (drawn) write((CURSOR_UP + ERASE_LINE).repeat(bars.length));
    drawn = false;
  };
  const draw = (): void => {
    erase();
    write(bars.map((bar) => `${textOf(bar)}\n`).join(''));
    drawn = true;
  };
  stdout.write = ((...args: Parameters<typeof write>) => {
    erase();
    const more = write(...args);
    draw();
    return more;
  }) as typeof write;
  const timer = setInterval(draw, 100);
  return () => {
    clearInterval(timer);
    draw();
    stdout.write = write;
  };
}

function textOf({ label, total, received }: Bar): string {
  const share = Math.min(1, received() / total);
  const full = Math.round(share * WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(Math.round(share * 100)).padStart(3)} %  ${label}`;
}
