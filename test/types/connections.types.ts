/**
 * What the types of pipes, connections and of waiting for several things promise. The compiler checks this file; nothing runs it.
 * @module
 */
import { PassThrough } from 'node:stream';
import { expectTypeOf } from 'expect-type';
import {
  type Address,
  connect,
  type Connection,
  Event,
  type Handle,
  Latch,
  Listener,
  Pipe,
  type PipeConnection,
  Process,
  Queue,
  type SocketConnection,
  waitAny,
  waitAnySync,
} from '../../src/index.ts';

interface Job {
  readonly id: number;
}
interface Answer {
  readonly text: string;
}

// what one end sends the other receives
const { left, right } = new Pipe<Answer, Job>({ scope: 'process' });
expectTypeOf(left).toEqualTypeOf<PipeConnection<Answer, Job>>();
expectTypeOf(right).toEqualTypeOf<PipeConnection<Job, Answer>>();
expectTypeOf(right.recv({ timeout: 5 })).toEqualTypeOf<Promise<Job>>();
expectTypeOf(left.recvSync()).toEqualTypeOf<Answer>();
expectTypeOf(left.send({ id: 1 })).toEqualTypeOf<Promise<void>>();
expectTypeOf(left.poll()).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(left.pollSync(5)).toEqualTypeOf<boolean>();
expectTypeOf(left.recvBytes()).toEqualTypeOf<Promise<Uint8Array>>();
expectTypeOf(left.recvInto(Buffer.alloc(1))).toEqualTypeOf<Promise<number>>();
expectTypeOf([...right]).toEqualTypeOf<Job[]>();
expectTypeOf(right[Symbol.asyncIterator]().next()).resolves.toExtend<IteratorResult<Job, void>>();
expectTypeOf(left).toExtend<Connection<Answer, Job>>();
// @ts-expect-error it sends jobs
left.sendSync({ text: 'an answer' });
// @ts-expect-error and the other one answers
void right.send({ id: 1 });

// one type for both ways; none is unknown
expectTypeOf(new Pipe<string>().right.recvSync()).toEqualTypeOf<string>();
expectTypeOf(new Pipe().left.recv()).toEqualTypeOf<Promise<unknown>>();
// @ts-expect-error a misspelled option
new Pipe({ maxsize: 3 });
// @ts-expect-error no such scope
new Pipe({ scope: 'galaxy' });

// handles
expectTypeOf(left.sendHandle(1, { keepOpen: true, timeout: 5 })).toEqualTypeOf<Promise<void>>();
expectTypeOf(right.recvHandle()).toEqualTypeOf<Promise<Handle>>();
// @ts-expect-error no handle
void left.sendHandle('1');

// an end as an argument
new Process((end: PipeConnection<Job, Answer>) => end.send({ text: String(end.recvSync().id) }), [right]);
// @ts-expect-error the other end
new Process((end: PipeConnection<Job, Answer>) => end.close(), [left]);

// sockets
const listener = await Listener.listen<Job, Answer>({ path: '/run/s', authKey: 'key' });
expectTypeOf(listener).toEqualTypeOf<Listener<Job, Answer>>();
expectTypeOf(listener.address).toEqualTypeOf<Address>();
expectTypeOf(listener.accept({ timeout: 5 })).toEqualTypeOf<Promise<SocketConnection<Job, Answer>>>();
const connection = await connect<Answer, Job>({ host: 'localhost', port: 1, authKey: null });
expectTypeOf(connection).toEqualTypeOf<SocketConnection<Answer, Job>>();
expectTypeOf(connection).toExtend<Connection<Answer, Job>>();
expectTypeOf(connection.recv()).toEqualTypeOf<Promise<Answer>>();
for await (const each of listener) expectTypeOf(each.recv()).toEqualTypeOf<Promise<Job>>();
// @ts-expect-error it sends jobs
void connection.send({ text: 'an answer' });
// @ts-expect-error the key has to be said, or that there is none
void connect({ path: '/run/s' });
// @ts-expect-error a name, not a list
void connect({ path: '/run/s', authKey: 'key', allow: { tasks: 7 } });

// waiting for any of them: the things themselves, as what they are
const jobs = new Queue<Job>();
const stop = new Event();
const child = new Process(() => 1);
const { promise } = Promise.withResolvers<number>();
const ready = await waitAny([jobs, stop, child, left, connection, listener, promise, new PassThrough()]);
expectTypeOf(ready).toEqualTypeOf<
  (
    | Queue<Job>
    | Event
    | Process<number>
    | PipeConnection<Answer, Job>
    | SocketConnection<Answer, Job>
    | Listener<Job, Answer>
    | Promise<number>
    | PassThrough
  )[]
>();
expectTypeOf(waitAny(new Set([jobs]), { timeout: 5 })).toEqualTypeOf<Promise<Queue<Job>[]>>();
expectTypeOf(waitAnySync([jobs, left], { timeout: 5 })).toEqualTypeOf<(Queue<Job> | PipeConnection<Answer, Job>)[]>();
expectTypeOf(waitAnySync([new Latch(1)])).toEqualTypeOf<Latch[]>();
// @ts-expect-error nothing to wait for
void waitAny([1]);
// @ts-expect-error only an event loop makes it ready
waitAnySync([promise]);
// @ts-expect-error a signal neither
waitAnySync([new AbortController().signal]);
