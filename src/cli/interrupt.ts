/**
 * What signals do to a run: the first Ctrl-C drains it, a second one, or any other signal to end, ends it at once.
 * @module
 */

/**
 * Milliseconds in which two SIGINTs are one Ctrl-C: a terminal sends it to the whole process group, and a runner in between,
 * such as npx, passes it on once more.
 */
const SAME_PRESS = 100;

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type EndSignal = keyof typeof EXIT_CODES;

/** Exit code of a run that was interrupted. */
export const INTERRUPTED_EXIT_CODE = EXIT_CODES.SIGINT;

/** What to do on signals. */
export interface InterruptHandlers {
  /** First Ctrl-C. */
  readonly onDrain: () => void;
  /** Second Ctrl-C, or another signal. */
  readonly onEnd: (exitCode: number) => void;
}

/** Listens for signals until the process ends. */
export function onInterrupt({ onDrain, onEnd }: InterruptHandlers): void {
  let first: number | undefined;
  const handle = (signal: EndSignal): void => {
    const now = performance.now();
    if (signal === 'SIGINT' && first === undefined) {
      first = now;
      onDrain();
    } else if (signal !== 'SIGINT' || now - (first ?? 0) > SAME_PRESS) {
      onEnd(EXIT_CODES[signal]);
    }
  };
  for (const signal of Object.keys(EXIT_CODES) as EndSignal[]) process.on(signal, handle);
}
