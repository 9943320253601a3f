/**
 * Handles that are not fetched in time, and strangers at the server that they are fetched from.
 * @module
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { descriptorsOpen, type End, pair, untilOpen, withChild } from './handle-ends.ts';
import { stopTimers } from './stopped-timers.ts';

/** Sends a handle and stands still until it hears something; then says what became of it. As often as it is told to. */
async function sendAndStandStill(end: End): Promise<void> {
  for (;;) {
    const sent = end.sendHandle(0).then(
      () => 'handed over',
      (error: Error) => `${error.name}: ${error.message}`,
    );
    await end.send('sent');
    if (end.recvSync() === 'answer') await end.send(await sent);
    if ((await end.recv()) === 'stop') return;
  }
}

describe('a handle whose sender stands still', { skip: process.platform !== 'linux', timeout: 120_000 }, () => {
  test('is given up in time; its sender hears that it was not taken, and may send it again', () =>
    withChild(async (end) => {
      const open = descriptorsOpen();
      const stop = new AbortController();
      for (const [options, expected] of [
        [{ timeout: 300 }, { code: 'ERR_TIMEOUT', message: /did not hand it over in the \d+ ms that were left/ }],
        [{ signal: stop.signal }, /enough/],
      ] as const) {
        await end.poll(60_000);
        const taking = assert.rejects(() => end.recvHandle(options), expected);
        if ('signal' in options) setImmediate(() => stop.abort(new Error('enough'))); // it is asking the sender by then
        await taking;
        assert.equal(await end.recv(), 'sent');
        await end.send('answer');
        assert.match(
          String(await end.recv()),
          /^ConnectionClosedError: .* gave up, or ended, before it had it; the handle was not handed over/,
        );
        await end.send('again');
      }
      const taking = end.recvHandle();
      await end.send('answer');
      closeSync((await taking) as number);
      assert.equal(await end.recv(), 'sent');
      assert.equal(await end.recv(), 'handed over');
      await end.send('stop');
      await untilOpen(open);
    }, sendAndStandStill));

  test('what is there at the last moment is fetched all the same', async (t) => {
    const [mine, theirs] = pair();
    const handed = mine.sendHandle(0);
    await theirs.poll(60_000);
    stopTimers(t); // the least time that its sender has to answer does not pass
    closeSync((await theirs.recvHandle({ timeout: 0 })) as number);
    await handed;
  });
});

/** The names of the servers of this process from which handles are fetched. */
function keepers(): string[] {
  const own = new Set(
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1]];
      } catch {
        return []; // it was of this reading
      }
    }),
  );
  const names = [...readFileSync('/proc/net/unix', 'utf8').matchAll(/ (\d+) @(manyhands-[0-9a-f]{32})$/gm)].flatMap(
    ([, inode, name]) => (own.has(inode) ? [`\0${name}`] : []),
  );
  return [...new Set(names)]; // what it has accepted has its name as well
}

/** Somebody who does not go by himself. */
const stranger = (path: string): Socket =>
  connect({ path, allowHalfOpen: true })
    .on('error', () => {})
    .resume();

/** Resolves when it is closed, by which time it has been: it is half open, and learns of it as it writes. */
async function closed(socket: Socket): Promise<void> {
  const writing = setInterval(() => socket.write('x'), 20);
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(writing);
}

describe('strangers at the server of handles', { skip: process.platform !== 'linux', timeout: 60_000 }, () => {
  const withKeeper = async (body: (path: string) => Promise<void>): Promise<void> => {
    const [mine, theirs] = pair();
    const handed = mine.sendHandle(0);
    await theirs.poll(60_000);
    const [path, ...more] = keepers();
    assert.ok(path !== undefined && more.length === 0);
    await body(path);
    closeSync((await theirs.recvHandle()) as number);
    await handed;
  };

  test('are cut off when they say more than a request, or a secret that is none', () =>
    withKeeper(async (path) => {
      const noisy = stranger(path);
      noisy.write(Buffer.alloc(33));
      await once(noisy, 'end');
      assert.equal(noisy.bytesRead, 0);
      await closed(noisy);
      const guessing = stranger(path);
      guessing.write(Buffer.alloc(32));
      await once(guessing, 'end');
      assert.equal(guessing.bytesRead, 4);
      await closed(guessing);
    }));

  test('have a time in all, whatever they say', (t) =>
    withKeeper(async (path) => {
      const pass = stopTimers(t);
      const slow = stranger(path);
      for (const part of [9000, 1000]) {
        slow.write('x');
        const other = stranger(path); // answered when the slow one has been heard
        other.write(Buffer.alloc(32));
        await once(other, 'end');
        assert.equal(slow.readableEnded, false);
        other.destroy();
        pass(part);
      }
      await once(slow, 'end');
      slow.destroy();
    }));

  test('are few at a time: one too many, and the oldest goes', (t) =>
    withKeeper(async (path) => {
      stopTimers(t); // their time does not pass
      const all: Socket[] = [];
      for (let i = 0; i < 70; i++) {
        const next = stranger(path);
        await once(next, 'connect');
        all.push(next);
      }
      await Promise.all(all.slice(0, 6).map((socket) => socket.readableEnded || once(socket, 'end')));
      assert.ok(all.slice(6).every((socket) => !socket.readableEnded));
      for (const socket of all) socket.destroy();
    }));
});
