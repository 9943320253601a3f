/**
 * What pipes promise, whatever their scope.
 *
 * Not here: pipeconnection-03 (`test/connections/handles.test.ts`), pipeconnection-09 (no connection is made from a descriptor),
 * pipeconnection-10 and -11 (no system call is interrupted: values go through memory, and Node repeats its own calls).
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { Pipe, type PipeConnection, type ScopeOptions, waitAny } from '../../src/index.ts';
import { workerOf } from './in-scope.ts';

const eof = { name: 'EOFError', code: 'ERR_EOF' };
const closed = { code: 'ERR_CONNECTION_CLOSED' };
const oneWay = { code: 'ERR_ONE_WAY' };
const timedOut = { code: 'ERR_TIMEOUT' };

/** Resolves once nobody but this thread has the end open: the worker's is noted as closed when its thread is gone. */
const untilEnd = (end: PipeConnection): Promise<unknown> => assert.rejects(() => end.recv(), eof);

/** The contract of pipes. */
export function pipeContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);
  const pair = <T = unknown>(options = {}): [PipeConnection<T, T>, PipeConnection<T, T>] => {
    const { left, right } = new Pipe<T>({ scope, ...options });
    return [left, right];
  };

  describe(`Pipe, scope ${scope}`, () => {
    test('values go both ways, in order, with a worker that awaits', async () => {
      const [mine, theirs] = pair();
      const worker = new Worker(
        async (end: PipeConnection) => {
          let count = 0;
          for await (const value of end) {
            await end.send({ echo: value });
            count += 1;
          }
          end.close();
          return count;
        },
        [theirs],
      );
      worker.start();
      theirs.close();
      const values = [1, 'two', { three: [3, null, undefined] }, new Map([[4, new Date(4)]]), -0, 5n, '\ud800'];
      for (const value of values) await mine.send(value);
      for (const value of values) assert.deepEqual(await mine.recv(), { echo: value });
      mine.close();
      assert.equal(await worker.join(), values.length);
    });

    test('values go both ways with a worker that blocks, and with blocking calls here', async () => {
      const [mine, theirs] = pair<number>();
      const worker = new Worker(
        (end: PipeConnection<number>) => {
          for (const value of end) end.sendSync(value * 2);
        },
        [theirs],
      );
      worker.start();
      theirs.close();
      for (let i = 0; i < 500; i++) {
        mine.sendSync(i);
        assert.equal(mine.recvSync(), 2 * i);
      }
      mine.close();
      await worker.join();
    });

    test('an iteration that is left while it waits takes nothing more', async () => {
      const { left, right } = new Pipe<string>({ scope });
      const values = left[Symbol.asyncIterator]();
      const next = values.next();
      await values.return?.();
      assert.deepEqual(await next, { done: true, value: undefined });
      await right.send('precious');
      assert.equal(await left.recv({ timeout: 60_000 }), 'precious');
      right.close();
      left.close();
    });

    test('pipeconnection-01: of a one-way pipe the left end cannot send, and the right one cannot receive or poll', async () => {
      const [reader, writer] = pair<string>({ duplex: false });
      assert.deepEqual(
        [reader.readable, reader.writable, writer.readable, writer.writable],
        [true, false, false, true],
      );
      writer.sendSync('one');
      await writer.send('two');
      assert.equal(await reader.recv(), 'one');
      assert.equal(reader.recvSync(), 'two');
      await assert.rejects(() => reader.send('x'), oneWay);
      assert.throws(() => reader.sendSync('x'), oneWay);
      await assert.rejects(() => writer.recv(), oneWay);
      assert.throws(() => writer.recvSync(), oneWay);
      await assert.rejects(() => writer.poll(), oneWay);
      assert.throws(() => writer.pollSync(), oneWay);
    });

    test('pipeconnection-02: sendBytes honours offset and size, and refuses what is out of range', async () => {
      const [a, b] = pair();
      const bytes = Buffer.from('0123456789');
      await a.sendBytes(bytes);
      await a.sendBytes(bytes, 3);
      a.sendBytesSync(bytes, 3, 4);
      await a.sendBytes(bytes, 10);
      await a.sendBytes(new Uint16Array([0x3130]), 1);
      for (const text of ['0123456789', '3456789', '3456', '', '1'])
        assert.equal(Buffer.from(await b.recvBytes()).toString(), text);
      for (const [offset, size] of [
        [-1, undefined],
        [11, undefined],
        [0, 11],
        [5, 6],
        [0, -1],
        [1.5, undefined],
        [Number.NaN, undefined],
      ] as const) {
        await assert.rejects(() => a.sendBytes(bytes, offset, size), { code: 'ERR_INVALID_OPTION' });
        assert.throws(() => a.sendBytesSync(bytes, offset, size), { code: 'ERR_INVALID_OPTION' });
      }
      assert.equal(await b.poll(), false);
    });

    test('pipeconnection-04: a closed end is refused to whoever uses it, and closes once', async () => {
      const [a, b] = pair();
      a[Symbol.dispose]();
      a.close();
      assert.equal(a.closed, true);
      await assert.rejects(() => a.recv(), closed);
      await assert.rejects(() => a.send(1), closed);
      assert.throws(() => a.recvSync(), closed);
      assert.throws(() => a.pollSync(), closed);
      await assert.rejects(() => a.poll(), closed);
      await assert.rejects(() => b.recv(), eof);
      await assert.rejects(() => b.send(1), closed);
      assert.throws(() => b.sendSync(1), closed);
      assert.match(inspect(a), /closed/);
      await b[Symbol.asyncDispose]();
      assert.equal(b.closed, true);
    });

    test('pipeconnection-05 pipeconnection-07: messages keep their bounds, empty ones too, and polling takes nothing', async () => {
      const [a, b] = pair();
      const texts = ['', 'a', '', 'bc', 'x'.repeat(70_000), ''];
      for (const text of texts) await a.sendBytes(Buffer.from(text));
      for (const text of texts) {
        assert.equal(await b.poll(), true);
        assert.equal(b.pollSync(1000), true);
        assert.equal(Buffer.from(await b.recvBytes()).toString(), text);
      }
      assert.equal(await b.poll(), false);
      assert.equal(await b.poll(5), false);
      assert.equal(b.pollSync(5), false);
    });

    test('pipeconnection-06: one that polls never takes a part of a message away from one that reads', async () => {
      const [a, b] = pair<number>();
      const [stopped, stop] = pair();
      const poller = new Worker(
        async (end: PipeConnection, stopped: PipeConnection) => {
          let polls = 0;
          while (!(await stopped.poll())) if (await end.poll(1)) polls += 1;
          return polls;
        },
        [b, stopped],
      );
      poller.start();
      for (let i = 0; i < 2000; i++) {
        await a.send(i);
        assert.equal(await b.recv(), i);
      }
      await stop.send('enough');
      await poller.join();
      assert.equal(await b.poll(), false);
    });

    test('all who poll hear of one message, and it is there for whoever receives', async () => {
      const [a, b] = pair<number>();
      const blocked = Array.from({ length: 2 }, () => new Worker((end: PipeConnection) => end.pollSync(60_000), [b]));
      for (const worker of blocked) worker.start();
      const polls = [b.poll(60_000), b.poll(60_000), ...blocked.map((worker) => worker.join())];
      a.sendSync(7);
      assert.deepEqual(await Promise.all(polls), [true, true, true, true]);
      assert.equal(await b.recv(), 7);
      assert.equal(b.pollSync(), false);
    });

    test('what a pending receive was given is no news for one that polls', async () => {
      const [a, b] = pair<number>();
      const received = b.recv();
      a.sendSync(1);
      assert.equal(b.pollSync(5), false);
      assert.equal(await b.poll(), false);
      a.sendSync(2);
      assert.equal(b.pollSync(60_000), true);
      assert.equal(await received, 1);
      assert.equal(await b.recv(), 2);
    });

    test('pipeconnection-08: an end that is sent to a worker keeps its direction, and works when the sender closes its own', async () => {
      const [reader, writer] = pair({ duplex: false });
      const worker = new Worker(
        async (end: PipeConnection) => {
          const refusal = await end.recv().catch((error: { code: string }) => error.code);
          await end.send(refusal);
          await end.send('from afar');
        },
        [writer],
      );
      worker.start();
      writer.close();
      assert.equal(await reader.recv(), 'ERR_ONE_WAY');
      assert.equal(await reader.recv(), 'from afar');
      await worker.join();
      await untilEnd(reader);
    });

    test('an end among processes is sent through another pipe; one among threads cannot be, as it is no data', async () => {
      const [outer, inner] = pair<PipeConnection<string>>();
      if (scope === 'thread') {
        const [a] = pair<string>();
        await assert.rejects(() => outer.send(a), { code: 'ERR_NOT_SHAREABLE' });
        return;
      }
      const [a, b] = pair<string>();
      await outer.send(b);
      const got = await inner.recv();
      b.close();
      await a.send('through');
      assert.equal(await got.recv(), 'through');
      got.close();
      await assert.rejects(() => a.recv(), eof);
    });

    test('send waits while the pipe is full, and is told when nobody will ever read', async () => {
      const [a, b] = pair<number>({ maxSize: 2 });
      await a.send(1);
      await a.send(2);
      await assert.rejects(() => a.send(3, { timeout: 5 }), timedOut);
      assert.throws(() => a.sendSync(3, { timeout: 5 }), timedOut);
      const waits = a.send(3);
      assert.equal(await b.recv(), 1);
      await waits;
      const inVain = assert.rejects(() => a.send(4), closed);
      b.close();
      await inVain;
    });

    test('a wait is bounded by its timeout and its signal, and bad ones are refused', async () => {
      const [a, b] = pair();
      await assert.rejects(() => a.recv({ timeout: 5 }), timedOut);
      assert.throws(() => a.recvSync({ timeout: 5 }), timedOut);
      const stop = new AbortController();
      const waits = assert.rejects(() => a.recv({ signal: stop.signal }), /enough/);
      stop.abort(new Error('enough'));
      await waits;
      await assert.rejects(() => a.recv({ timeout: -1 }), { code: 'ERR_INVALID_OPTION' });
      await assert.rejects(() => a.poll(Number.NaN), { code: 'ERR_INVALID_OPTION' });
      await b.send('still there');
      assert.equal(await a.recv(), 'still there');
    });

    test('recvInto fills what it is given; what does not fit is in the error; a value stays', async () => {
      const [a, b] = pair();
      for (const size of [10, 100_000]) {
        const sent = Buffer.alloc(size, 3);
        const target = new Uint8Array(size + 5);
        await a.sendBytes(sent);
        assert.equal(await b.recvInto(target, 2), size);
        assert.deepEqual([target[1], target[2], target[size + 1], target[size + 2]], [0, 3, 3, 0]);
        a.sendBytesSync(sent);
        assert.equal(b.recvIntoSync(target), size);
        await a.sendBytes(sent);
        await assert.rejects(
          () => b.recvInto(new Uint8Array(5)),
          (error: { code: string; bytes: Uint8Array }) =>
            error.code === 'ERR_BUFFER_TOO_SHORT' && sent.equals(error.bytes),
        );
      }
      await a.send({ a: 'value' });
      await assert.rejects(() => b.recvBytes(), { code: 'ERR_NOT_BYTES' });
      assert.throws(() => b.recvIntoSync(new Uint8Array(100)), { code: 'ERR_NOT_BYTES' });
      assert.deepEqual(await b.recv(), { a: 'value' });
    });

    test('bytes are read in place until they are released', async () => {
      const [a, b] = pair();
      for (let round = 1; round <= 20; round++) {
        await a.sendBytes(Buffer.alloc(200_000, round));
        const lease = await b.lease();
        assert.equal(lease.inPlace, true);
        await a.sendBytes(Buffer.alloc(200_000, 255));
        assert.ok(lease.bytes.every((byte) => byte === round));
        lease.release();
        assert.throws(() => lease.bytes, { code: 'ERR_INVALID_STATE' });
        assert.equal(b.recvBytesSync().length, 200_000);
      }
    });

    test('a value that cannot be sent fails its send, and nothing else', async () => {
      const [a, b] = pair();
      await assert.rejects(() => a.send(Promise.resolve()), { name: 'EncodeError' });
      assert.throws(() => a.sendSync(new WeakMap()), { name: 'EncodeError' });
      await a.send('next');
      assert.equal(await b.recv(), 'next');
    });

    test('options that make no sense are refused', () => {
      for (const options of [{ maxSize: -1 }, { maxSize: 1.5 }, { duplex: 1 }, { scope: 'galaxy' }])
        assert.throws(() => new Pipe({ scope, ...options } as never), { code: 'ERR_INVALID_OPTION' });
    });

    test('waitAny takes what is ready from several pipes until all have ended', async () => {
      const count = 4;
      const messages = 50;
      const readers = Array.from({ length: count }, (_, number) => {
        const [reader, writer] = pair<number>({ duplex: false });
        const worker = new Worker(
          (end: PipeConnection<number>, number: number, messages: number) => {
            for (let i = 0; i < messages; i++) end.sendSync(number * 1000 + i);
          },
          [writer, number, messages],
        );
        worker.start();
        writer.close();
        return { reader, worker };
      });
      const got: number[] = [];
      const open = new Set(readers.map(({ reader }) => reader));
      while (open.size > 0) {
        for (const reader of await waitAny(open)) {
          await reader.recv().then(
            (value) => got.push(value),
            (error: unknown) => {
              assert.equal((error as { code: string }).code, 'ERR_EOF');
              open.delete(reader);
            },
          );
        }
      }
      await Promise.all(readers.map(({ worker }) => worker.join()));
      const wanted = readers.flatMap((_, number) => Array.from({ length: messages }, (__, i) => number * 1000 + i));
      assert.deepEqual(
        got.toSorted((one, other) => one - other),
        wanted,
      );
    });
  });
}
