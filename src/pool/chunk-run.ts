/**
 * One map in progress: cuts the input into chunks, keeps the workers supplied, hands results out as chunks come back.
 *
 * How it works  Chunks go out while fewer than `window` are in flight and no more than `ahead` items have been read that the
 *               consumer has not taken. Reading an input that makes us wait, waiting for chunks and handing out go on side by
 *               side. The first failure, of the input, of a task or by the signal, ends it: what is in flight is given up,
 *               the input is closed.
 * @module
 */
import { errorFromData, type ErrorData } from '../errors/error-data.ts';
import { CancelledError, PoolClosedError, WorkerStartError } from '../errors/executor-errors.ts';
import { CHUNK, SETTLE, type SettledChunk, STAR_CHUNK } from '../workers/messages.ts';
import type { Future } from '../futures/future.ts';
import { ChunkSize } from './chunk-size.ts';
import type { Crew } from './crew.ts';
import type { AnyFunction } from './function-registry.ts';
import { wasUnsent } from './refusals.ts';
import { PLAIN, type TaskPlan } from './scheduling/plan.ts';
import { type Input, Source } from './source.ts';

/** Options of a map. */
export interface RunOptions {
  readonly plan: TaskPlan | undefined;
  readonly chunkSize: number | undefined;
  readonly ahead: number | undefined;
  readonly star: boolean;
  /** Hand chunks out in the order of the input; `ahead` then counts those that wait for an earlier one as well. */
  readonly ordered: boolean;
  /** Each item is tried, whatever becomes of the others: the values are `PromiseSettledResult`s. */
  readonly settle: boolean;
}

/** The results of one chunk; `start` is the place of the first in the input. */
export interface ChunkResult {
  readonly start: number;
  readonly values: readonly unknown[];
}

/** Runs a function over an input; yields chunks as they come back, or in the order of the input. */
export async function* runChunks(
  crew: Crew,
  fn: AnyFunction,
  input: Input<unknown>,
  options: RunOptions,
): AsyncGenerator<ChunkResult, void, void> {
  const { ahead = Infinity } = options;
  const { signal, ...rest } = options.plan ?? PLAIN;
  const plan: TaskPlan = { ...rest, signal: undefined, watched: signal !== undefined }; // heard here, once
  signal?.throwIfAborted();
  const source = new Source(input);
  const { prepared, release } = await crew.prepare(fn);
  const size = new ChunkSize(options.chunkSize);
  const kind = (options.star ? STAR_CHUNK : CHUNK) | (options.settle ? SETTLE : 0);
  const places = (): number => crew.limit * crew.tasksPerWorker;
  const window = (): number => places() + Math.min(crew.limit * size.waiting, crew.scheduler?.mayWait ?? Infinity);
  const inFlight = new Set<Future<unknown>>();
  const finished: ChunkResult[] = [];
  const early = new Map<number, ChunkResult>();
  let nextStart = 0;
  /** Items of chunks of which something could not be sent, the next one last: each goes for itself, so that only that fails. */
  const apart: { readonly item: unknown; readonly start: number }[] = [];
  let failure: { readonly error: unknown } | undefined;
  let reading = false;
  let over = false;
  let read = 0;
  let handedOut = 0;
  let wake: (() => void) | undefined;

  const notify = (): void => {
    wake?.();
    wake = undefined;
  };
  const failWith = (error: unknown): void => {
    failure ??= { error };
    notify();
  };
  const launch = (items: readonly unknown[]): void => {
    if (items.length === 0 || over) return;
    const start = read;
    read += items.length;
    place(items, start);
  };
  const place = (items: readonly unknown[], start: number): void => {
    const future =
      crew.scheduler?.submit(prepared, kind, [items], plan, true) ??
      crew.submitPrepared(prepared, kind, [items], { ...plan, timed: true });
    const keep = (values: readonly unknown[]): void => {
      if (options.ordered) early.set(start, { start, values });
      else finished.push({ start, values });
      notify();
    };
    inFlight.add(future);
    future.then(
      (answer) => {
        const [result, microseconds] = answer as [readonly unknown[], number];
        inFlight.delete(future);
        size.measured(items.length, microseconds);
        keep(options.settle ? outcomes(result as unknown as SettledChunk) : result);
      },
      (error: unknown) => {
        inFlight.delete(future);
        if (!options.settle || isOfPool(error)) {
          failWith(error);
        } else if (items.length > 1 && wasUnsent(error)) {
          for (let n = items.length - 1; n >= 0; n--) apart.push({ item: items[n], start: start + n });
          notify();
        } else {
          keep(items.map(() => ({ status: 'rejected', reason: error })));
        }
      },
    );
  };
  const supply = (): void => {
    while (apart.length > 0 && failure === undefined && inFlight.size < window()) {
      const { item, start } = apart.pop() as (typeof apart)[number];
      place([item], start);
    }
    while (!source.ended && !reading && failure === undefined && inFlight.size < window() && read - handedOut < ahead) {
      const items = source.take(Math.min(size.next(source.remaining, places()), ahead - (read - handedOut)));
      if (items instanceof Promise) {
        reading = true;
        items.then(launch).then(() => {
          reading = false;
          notify();
        }, failWith);
      } else {
        launch(items);
      }
    }
  };
  const onAbort = (): void => failWith(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      supply();
      if (failure !== undefined) throw failure.error;
      const chunk = options.ordered ? early.get(nextStart) : finished.shift();
      if (chunk !== undefined) {
        early.delete(nextStart);
        nextStart += chunk.values.length;
        yield chunk;
        handedOut += chunk.values.length;
      } else if (source.ended && !reading && inFlight.size === 0 && apart.length === 0) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    over = true;
    signal?.removeEventListener('abort', onAbort);
    for (const future of inFlight) future.cancel(signal?.reason);
    source.close();
    release();
  }
}

/** Whether an error says that no item can be done any more. */
const isOfPool = (error: unknown): boolean =>
  error instanceof PoolClosedError || error instanceof WorkerStartError || error instanceof CancelledError;

function outcomes([values, failures]: SettledChunk): PromiseSettledResult<unknown>[] {
  const settled: PromiseSettledResult<unknown>[] = values.map((value) => ({ status: 'fulfilled', value }));
  for (const [index, error, isData] of failures) {
    const reason: unknown = isData === true ? errorFromData(error as ErrorData) : error;
    settled[index] = { status: 'rejected', reason };
  }
  return settled;
}
