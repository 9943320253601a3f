/**
 * Those who ask the service. All ask over connections that they keep, as browsers and gateways do.
 * @module
 */
import { Agent, request } from 'node:http';

/** What a client has seen. */
export interface Seen {
  /** Milliseconds of each answer, from the question on. */
  readonly took: number[];
  /** How often there was no room. */
  refused: number;
}

/** Milliseconds after which one who was refused asks again. */
const LATER = 50;
/** Milliseconds between two requests for the light page. */
const PACE = 10;

/** A service on this machine. */
export class Service {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(port: number) {
    this.#port = port;
  }

  /** @param patience ms after which it hangs up, which rejects */
  ask(path: string, patience?: number): Promise<{ readonly status: number; readonly text: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number; readonly text: string }>();
    const asked = request({ port: this.#port, host: '127.0.0.1', path, agent: this.#agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.once('error', reject);
    });
    asked.once('error', reject).end();
    if (patience !== undefined) setTimeout(() => asked.destroy(new Error('It took too long.')), patience);
    return promise;
  }
}

/** A client who asks again and again, until it is told to stop. Wrong answers are errors. */
export async function client(service: Service, below: number, primes: number, seen: Seen, goOn: () => boolean) {
  while (goOn()) {
    const from = performance.now();
    const { status, text } = await service.ask(`/primes?below=${below}`);
    if (status === 200 && text === String(primes)) {
      seen.took.push(performance.now() - from);
    } else if (status === 503) {
      seen.refused += 1;
      await new Promise((resolve) => setTimeout(resolve, LATER));
    } else {
      throw new Error(`Status ${status}: ${text}`);
    }
  }
}

/** A client who asks for too much and hangs up, again and again. */
export async function leaver(service: Service, below: number, patience: number, goOn: () => boolean): Promise<void> {
  while (goOn()) await service.ask(`/primes?below=${below}`, patience).catch(() => {});
}

/**
 * Asks for a page that costs nothing, at a steady pace, whether or not the one before has come. Tells how long each took, those that
 * have not come in the end up to then.
 */
export async function glance(service: Service, goOn: () => boolean): Promise<number[]> {
  const waits: { readonly from: number; ms?: number }[] = [];
  while (goOn()) {
    const wait: (typeof waits)[number] = { from: performance.now() };
    waits.push(wait);
    void service.ask('/').then(() => (wait.ms = performance.now() - wait.from));
    await new Promise((resolve) => setTimeout(resolve, PACE));
  }
  return waits.map(({ from, ms = performance.now() - from }) => ms);
}
