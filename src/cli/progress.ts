/**
 * How far a run is: the bar's text, and its drawing ten times a second.
 *
 * How it works  Counts completions. The rate is that of the last ten seconds, so that it follows a change; the time left comes
 *               from it. Without a total there is no bar: count, rate and time elapsed.
 * @module
 */
import { duration, inThousands, rateText } from './quantities.ts';
import type { Footer } from './terminal.ts';

/** What a bar shows. */
export interface ProgressState {
  readonly done: number;
  readonly failed: number;
  /** How many there will be, once that is known. */
  readonly total: number | undefined;
}

/** Milliseconds that the rate looks back. */
const WINDOW = 10_000;
/** Milliseconds between two drawings. */
const INTERVAL = 100;
const WIDEST_BAR = 40;

/** Draws text in place of what it drew before. */
export interface Canvas {
  (text: string): void;
  clear(): void;
}

/** A bar that draws itself until it is ended. */
export class Progress implements Footer {
  readonly #canvas: Canvas;
  readonly #state: () => ProgressState;
  readonly #columns: () => number;
  readonly #timer: NodeJS.Timeout;
  readonly #start = performance.now();
  readonly #samples: { at: number; done: number }[] = [{ at: this.#start, done: 0 }];

  constructor(canvas: Canvas, state: () => ProgressState, columns: () => number) {
    this.#canvas = canvas;
    this.#state = state;
    this.#columns = columns;
    this.#timer = setInterval(() => this.draw(), INTERVAL).unref();
  }

  draw(): void {
    const state = this.#state();
    const now = performance.now();
    this.#canvas(progressText(state, this.#rate(state.done, now), now - this.#start, this.#columns()));
  }

  clear(): void {
    this.#canvas.clear();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #rate(done: number, now: number): number {
    const samples = this.#samples;
    if (now - (samples.at(-1)?.at ?? 0) >= INTERVAL / 2) samples.push({ at: now, done });
    while (samples.length > 2 && now - (samples[1]?.at ?? now) > WINDOW) samples.shift();
    const first = samples[0] ?? { at: now, done };
    return now > first.at ? ((done - first.done) * 1000) / (now - first.at) : 0;
  }
}

/** The bar's text, made to fit in so many columns. */
export function progressText(state: ProgressState, rate: number, elapsed: number, columns: number): string {
  const { done, failed, total } = state;
  const trouble = failed === 0 ? '' : `  ${inThousands(failed)} failed`;
  if (total === undefined || total === 0) {
    return fit(`${inThousands(done)} done  ${rateText(rate)}  ${duration(elapsed)}${trouble}`, columns);
  }
  const share = Math.min(1, done / total);
  const left = rate > 0 && done > 0 ? `ETA ${duration(((total - done) * 1000) / rate)}` : 'ETA -';
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const text = `${percent}  ${inThousands(done)}/${inThousands(total)}  ${rateText(rate)}  ${left}${trouble}`;
  const width = Math.min(WIDEST_BAR, columns - text.length - 2);
  return fit(width < 8 ? text.trimStart() : `${bar(share, width)} ${text}`, columns);
}

function bar(share: number, width: number): string {
  const full = Math.round(share * width);
  return hasBlocks() ? '█'.repeat(full) + '░'.repeat(width - full) : `${'#'.repeat(full)}${'-'.repeat(width - full)}`;
}

function hasBlocks(): boolean {
  if (process.platform === 'win32') return true;
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

// One column less, as some terminals wrap a line that is exactly full
const fit = (text: string, columns: number): string => text.slice(0, Math.max(1, columns - 1));
