/**
 * Workers that put into queues and get from them for ever: for tests that kill them meanwhile.
 *
 * How it works  A message says in itself who has put it, into which queue, and as the how-manyth; the rest follows from that, so that
 *               whoever gets it sees whether it is whole. A producer notes how many of its puts have returned, a consumer what it
 *               has got. The free ones use all queues side by side, in every form; the blocking ones one queue, without timeouts.
 * @module
 */
import {
  type BytesLease,
  Event,
  int32,
  LifoQueue,
  PriorityQueue,
  Queue,
  type ScopeOptions,
  SharedArray,
  sleep,
  sleepSync,
  uint8,
} from '../../src/index.ts';

/** Messages of one producer and queue that are noted; what comes after them is put and got all the same. */
export const QUOTA = 128;
export const QUEUES = 6;
export const WORKERS = 4;
/** Where one consumer's notes end and those of the other begin; the third are those of the test. */
const CONSUMERS = 3;
/** Items beyond which an endless queue is left alone. */
const ENOUGH = 40;
const BOUND = 5;

const priority = (item: unknown): number => (typeof item === 'number' ? item : idOf(item)) % 7;

const numbers = (length: number, scope: ScopeOptions['scope']) => new SharedArray(int32, length, { scope });
const notes = (length: number, scope: ScopeOptions['scope']) => new SharedArray(uint8, length, { scope });
type Numbers = ReturnType<typeof numbers>;
type Notes = ReturnType<typeof notes>;

/** The queues, and the notes of the workers. */
export interface World {
  readonly queues: readonly Queue[];
  /** The producers are to end. */
  readonly stop: Event;
  /** For each producer and queue: puts that have returned. */
  readonly puts: Numbers;
  /** For each consumer, producer and queue: how often each message was got. */
  readonly gets: Notes;
  /** For each worker: how often it has put or got something. */
  readonly progress: Numbers;
  readonly producers: number;
}

export const newWorld = (scope: NonNullable<ScopeOptions['scope']>, producers: number): World => ({
  queues: [0, BOUND].flatMap((maxSize) => [
    new Queue({ scope, maxSize }),
    new LifoQueue({ scope, maxSize }),
    new PriorityQueue({ scope, maxSize, priority }),
  ]),
  stop: new Event({ scope }),
  puts: numbers(producers * QUEUES, scope),
  gets: notes(CONSUMERS * producers * QUEUES * QUOTA, scope),
  progress: numbers(WORKERS, scope),
  producers,
});

const ID = 8;

/** A message, and what it is to look like: every kind and size. */
export function message(id: number): unknown {
  switch (id % 9) {
    case 0:
      return [id, 'x'.repeat(id % 300), null];
    case 1:
      return { id, text: 'é'.repeat(id % 50), list: [1, 2, { three: id }] };
    case 2:
      return filled(20_000 + (id % 100), id);
    case 3:
      return new Map<string, unknown>([['id', id], ['bytes', filled(id % 60 + ID, id)]]); // biome-ignore format: short
    case 4:
      return filled(ID + (id % 500), id);
    case 5:
      return [id, 'y'.repeat(id % 5 === 0 ? 70_000 : 3000), null];
    case 6:
      return new Float64Array(100).fill(id);
    case 7:
      return id % 5 === 0 ? filled(150_000, id) : { id, text: '', list: [1, 2, { three: id }] };
    default:
      return id % 4 === 0 ? () => id : id;
  }
}

function filled(length: number, id: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(id % 251);
  new DataView(bytes.buffer).setFloat64(0, id);
  return bytes;
}

/** Which message it is; fails when it is not whole. */
export function idOf(item: unknown): number {
  if (typeof item === 'number') return item;
  if (typeof item === 'function') return (item as () => number)();
  if (item instanceof Float64Array) {
    if (item.length !== 100 || item.some((each) => each !== item[0])) throw new Error('torn numbers');
    return item[0] as number;
  }
  if (item instanceof Uint8Array) {
    const id = idOfBytes(item);
    if (item.length !== (message(id) as Uint8Array).length) throw new Error(`message ${id} has ${item.length} bytes`);
    return id;
  }
  if (item instanceof Map) {
    const bytes = item.get('bytes') as Uint8Array;
    if (idOfBytes(bytes) !== item.get('id') || bytes.length !== (item.get('id') % 60) + ID)
      throw new Error('a torn map');
    return item.get('id') as number;
  }
  const id = Array.isArray(item) ? (item[0] as number) : (item as { readonly id: number }).id;
  if (JSON.stringify(message(id)) !== JSON.stringify(item)) throw new Error(`message ${id} is torn`);
  return id;
}

function idOfBytes(bytes: Uint8Array): number {
  const id = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
  for (let i = ID; i < bytes.length; i++)
    if (bytes[i] !== id % 251) throw new Error(`message ${id} is torn at byte ${i} of ${bytes.length}`);
  return id;
}

const hasCode = (error: unknown, ...codes: string[]): boolean =>
  codes.includes((error as { readonly code?: string }).code ?? '');

const went = ({ progress }: World, worker: number): void => {
  progress[worker] = (progress[worker] as number) + 1;
};

/** The next message of a producer for a queue; beyond the quota they all have the same number, and are not noted. */
const nextId = ({ producers }: World, producer: number, queue: number, sequence: number): number =>
  sequence < QUOTA ? (producer * QUEUES + queue) * QUOTA + sequence : producers * QUEUES * QUOTA + (sequence % 90);

/** Puts into all queues. */
export async function produceFreely(world: World, worker: number, producer: number): Promise<void> {
  await Promise.all(
    world.queues.map(async (queue, at) => {
      for (let sequence = 0, n = worker + at; !world.stop.isSet; n++) {
        if (queue.maxSize === 0 && queue.size > ENOUGH) {
          await sleep(1);
          continue;
        }
        const item = message(nextId(world, producer, at, sequence));
        if (!(await putSomehow(queue, item, n))) continue;
        sequence += 1;
        world.puts[producer * QUEUES + at] = sequence;
        went(world, worker);
      }
    }),
  );
}

export async function putSomehow(queue: Queue, item: unknown, n: number): Promise<boolean> {
  const aborter = new AbortController();
  try {
    switch (n % 6) {
      case 0:
        return queue.tryPut(item);
      case 1:
        queue.putSync(item, { timeout: 1 });
        return true;
      case 2:
        await queue.put(item, { timeout: 1 });
        return true;
      case 3:
        setImmediate(() => aborter.abort());
        await queue.put(item, { signal: aborter.signal });
        return true;
      default:
        await queue.put(item);
        return true;
    }
  } catch (error) {
    if (hasCode(error, 'ERR_QUEUE_FULL') || aborter.signal.aborted) return false;
    throw error;
  }
}

/** Puts into one queue, and blocks while it is full. */
export function produceBlocking(world: World, worker: number, producer: number): void {
  const at = producer % QUEUES;
  const queue = world.queues[at] as Queue;
  for (let sequence = 0; !world.stop.isSet; ) {
    if (queue.maxSize === 0 && queue.size > ENOUGH) {
      sleepSync(1);
      continue;
    }
    queue.putSync(message(nextId(world, producer, at, sequence)));
    sequence += 1;
    world.puts[producer * QUEUES + at] = sequence;
    went(world, worker);
  }
}

/** Notes that a message was got; fails when it is not whole, or was put into another queue. */
export function note(world: World, consumer: number, queue: number, item: unknown): void {
  const id = idOf(item);
  const perConsumer = world.producers * QUEUES * QUOTA;
  if (id >= perConsumer) return;
  if (Math.floor(id / QUOTA) % QUEUES !== queue) throw new Error(`message ${id} came out of queue ${queue}`);
  world.gets[consumer * perConsumer + id] = (world.gets[consumer * perConsumer + id] as number) + 1;
}

/** How often a message was got. */
export function timesGot({ gets, producers }: World, id: number): number {
  let times = 0;
  for (let consumer = 0; consumer < CONSUMERS; consumer++)
    times += gets[consumer * producers * QUEUES * QUOTA + id] as number;
  return times;
}

/** Gets from all queues, until they are shut down. */
export async function consumeFreely(world: World, worker: number): Promise<void> {
  await Promise.all(
    world.queues.map(async (queue, at) => {
      for (let n = worker + at; ; n++) {
        const aborter = new AbortController();
        try {
          await getSomehow(queue, n, aborter, (item) => {
            note(world, 0, at, item);
            went(world, worker);
          });
        } catch (error) {
          if (hasCode(error, 'ERR_QUEUE_SHUT_DOWN')) return;
          if (!hasCode(error, 'ERR_QUEUE_EMPTY', 'ERR_INVALID_VALUE') && !aborter.signal.aborted) throw error;
        }
      }
    }),
  );
}

export async function getSomehow(
  queue: Queue,
  n: number,
  aborter: AbortController,
  got: (item: unknown) => void,
): Promise<void> {
  switch (n % 7) {
    case 0: {
      const item = queue.tryGet();
      return item === undefined ? undefined : got(item);
    }
    case 1:
      return got(queue.getSync({ timeout: 1 }));
    case 2:
      return got(await queue.get({ timeout: 1 }));
    case 3:
      setImmediate(() => aborter.abort());
      return got(await queue.get({ signal: aborter.signal }));
    case 4: {
      const lease: BytesLease = await queue.lease({ timeout: 1 });
      // What numbers were is not told.
      if (lease.bytes.length === 800) got(new Float64Array(lease.bytes.slice().buffer));
      else got(lease.bytes);
      return lease.release();
    }
    default:
      return got(await queue.get());
  }
}

/** Gets from one queue, and blocks while it is empty. */
export function consumeBlocking(world: World, worker: number, turn: number): void {
  const at = turn % QUEUES;
  try {
    for (;;) {
      note(world, 1, at, (world.queues[at] as Queue).getSync());
      went(world, worker);
    }
  } catch (error) {
    if (!hasCode(error, 'ERR_QUEUE_SHUT_DOWN')) throw error;
  }
}
