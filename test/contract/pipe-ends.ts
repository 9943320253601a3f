/**
 * When an end of a pipe is closed, by whomever and however, and who hears of it; whatever the scope.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Event, Pipe, type PipeConnection, type ScopeOptions, waitAny } from '../../src/index.ts';
import { workerOf } from './in-scope.ts';

const eof = { name: 'EOFError', code: 'ERR_EOF' };
const closed = { code: 'ERR_CONNECTION_CLOSED' };
const timedOut = { code: 'ERR_TIMEOUT' };

/** Resolves once nobody but this thread has the end open: the worker's is noted as closed when its thread is gone. */
const untilEnd = (end: PipeConnection): Promise<unknown> => assert.rejects(() => end.recv(), eof);

/** The contract of their ends. */
export function pipeEndsContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);
  const pair = <T = unknown>(options = {}): [PipeConnection<T, T>, PipeConnection<T, T>] => {
    const { left, right } = new Pipe<T>({ scope, ...options });
    return [left, right];
  };

  describe(`ends of a Pipe, scope ${scope}`, () => {
    test('what was sent can be received when its sender is gone, and then the end is told', async () => {
      for (const how of ['returns', 'is killed'] as const) {
        const [mine, theirs] = pair();
        const worker = new Worker(
          (end: PipeConnection, waits: boolean) => {
            end.sendSync('one');
            end.sendBytesSync(Buffer.alloc(100_000, 7));
            if (waits) end.recvSync();
          },
          [theirs, how === 'is killed'],
        );
        worker.start();
        theirs.close();
        assert.equal(await mine.recv(), 'one');
        if (how === 'is killed') {
          assert.equal(await mine.poll(60_000), true);
          await worker.kill();
        }
        await worker.join().catch(() => {});
        assert.deepEqual(await mine.recvBytes(), new Uint8Array(Buffer.alloc(100_000, 7)));
        assert.equal(await mine.poll(60_000), true, 'the end is news as well');
        await untilEnd(mine);
        await assert.rejects(() => mine.send(1), closed);
      }
    });

    test('whoever waits for a message is told when the last one who could send it is killed', async () => {
      const [mine, theirs] = pair();
      const worker = new Worker(
        (end: PipeConnection) => {
          end.sendSync('up');
          end.recvSync();
        },
        [theirs],
      );
      worker.start();
      theirs.close();
      assert.equal(await mine.recv(), 'up');
      const waits = assert.rejects(() => mine.recv(), eof);
      await worker.kill();
      await worker.join().catch(() => {});
      await waits;
    });

    test('an end that a worker was sent and has not opened when it is killed is closed', async () => {
      const [mine, theirs] = pair();
      const worker = new Worker((end: PipeConnection) => end.sendSync('up'), [theirs]);
      worker.start();
      theirs.close();
      const next = mine.recv().catch((error: unknown) => error);
      await worker.kill();
      await worker.join().catch(() => {});
      if ((await next) !== 'up') assert.equal(((await next) as { code: string }).code, eof.code);
      else await untilEnd(mine); // it was faster
    });

    test('an end that could not be sent after all is closed', async () => {
      const [mine, theirs] = pair();
      const nobody = new Worker(() => {}, [theirs, Promise.resolve()] as never);
      assert.throws(() => nobody.start(), { name: 'EncodeError' });
      if (scope === 'process') {
        const [outer] = pair({ maxSize: 1 });
        outer.sendSync('full');
        await assert.rejects(() => outer.send(theirs, { timeout: 5 }), timedOut);
        assert.throws(() => outer.sendSync(theirs, { timeout: 5 }), timedOut);
        const stop = new AbortController();
        const inVain = assert.rejects(() => outer.send(theirs, { signal: stop.signal }), /enough/);
        stop.abort(new Error('enough'));
        await inVain;
      }
      theirs.close();
      await untilEnd(mine);
    });

    test('closing an end ends what waits for a message at it, and the other side is told', async () => {
      const [a, b] = pair();
      const { signal } = new AbortController();
      const iterated = (async () => {
        for await (const value of a) assert.fail(`there was ${String(value)}`);
      })();
      const waits = [
        ...Array.from({ length: 20 }, () => a.recv()),
        a.recv({ timeout: 60_000 }),
        a.recv({ signal, timeout: 60_000 }),
        a.recvBytes(),
        a.recvInto(new Uint8Array(10), 0, { signal }),
        a.lease(),
        a.poll(60_000),
        waitAny([a]),
      ].map((wait) => assert.rejects(() => wait, closed));
      const told = assert.rejects(() => b.recv(), eof);
      a.close();
      await Promise.all([iterated, told, ...waits]);
      await assert.rejects(() => b.send(1), closed);
    });

    test('what waits for room when its end is closed goes out', async () => {
      const [a, b] = pair<number>({ maxSize: 1 });
      await a.send(1);
      const waits = a.send(2);
      a.close();
      assert.equal(await b.recv(), 1);
      await waits;
      assert.equal(await b.recv(), 2);
      await assert.rejects(() => b.recv(), eof);
    });

    test('…and the other side hears of the end after that', async () => {
      const [a, b] = pair<number>({ maxSize: 1 });
      const [ready, go, ended] = [new Event({ scope }), new Event({ scope }), new Event({ scope })];
      await a.send(1);
      const waiting = [a.send(2), a.sendBytes(new Uint8Array([3])), a.send(4)];
      const reader = new Worker(
        (end: PipeConnection<number>, here: Event, begin: Event, done: Event) => {
          here.set();
          begin.waitSync();
          const received = [...end].map(String);
          done.set();
          return received;
        },
        [b, ready, go, ended],
      );
      a.close();
      reader.start();
      b.close();
      await ready.wait();
      go.set();
      assert.equal(ended.waitSync({ timeout: 200 }), false, 'this thread has not sent them yet');
      assert.deepEqual(await reader.join(), ['1', '2', '3', '4']);
      await Promise.all(waiting);
    });
  });
}
