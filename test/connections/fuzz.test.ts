/**
 * Damaged, random, oversized and slow messages, at the decoder and at a listener that has honest clients meanwhile.
 *
 * 20,000 of them by default; `MANYHANDS_FUZZ=1000000` for more, `MANYHANDS_FUZZ_LISTENER` for those at the listener, a tenth of them, `MANYHANDS_FUZZ_SEED` for those that were printed.
 * @module
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { AllowList } from '../../src/connections/allow-list.ts';
import { FrameReader } from '../../src/connections/frame-reader.ts';
import { Handshake } from '../../src/connections/handshake.ts';
import { BYTES, DATA, decodeValue, encodeValue, FRAME_HEADER, PACKET } from '../../src/connections/message-codec.ts';
import {
  AuthenticationError,
  connect,
  EncodeError,
  Full,
  type Listener,
  ManyhandsError,
  ProtocolError,
  type SocketConnection,
} from '../../src/index.ts';
import { KEY, withListener } from './ends.ts';
import { Point } from './fixtures/jobs.ts';
import { Random } from './random.ts';
import { frame, HELLO, hello, PROOF, proof, Stranger } from './stranger.ts';

const COUNT = Number(process.env['MANYHANDS_FUZZ'] ?? 20_000);
/** Those that a listener gets; most of them cost a connection. */
const AT_LISTENER = Number(process.env['MANYHANDS_FUZZ_LISTENER'] ?? COUNT / 10);
const SEED = Number(process.env['MANYHANDS_FUZZ_SEED'] ?? randomInt(2 ** 32));
const MEGABYTE = 1024 * 1024;
/** Bytes that the process may take more than before. */
const MOST_MEMORY = 400 * MEGABYTE;
const jobs = new URL('./fixtures/', import.meta.url);

/** Honest frames of every kind, to be damaged. */
async function corpus(): Promise<Buffer[]> {
  const cyclic: unknown[] = [1];
  cyclic.push(cyclic);
  const values: readonly unknown[] = [
    null,
    { id: 1, name: 'x', tags: ['a', 'b'], nested: { deep: [{ deeper: 1.5 }] } },
    [1, 2, 3, 1.5, -0],
    new Map<unknown, unknown>([['a', new Set([1, {}])]]),
    [
      new Date(0),
      /a|b/g,
      2n ** 70n,
      Object('boxed'),
      Buffer.from('bytes'),
      new Float32Array(4),
      new DataView(new ArrayBuffer(3)),
    ],
    cyclic,
    Object.assign([1, , 3], { named: 'x'.repeat(300), é: 'é'.repeat(50) }),
    new TypeError('wrong', { cause: new Error('why') }),
    new Full('no room', { item: [1] }),
    [new Point(1, 2), { [Symbol.for('x')]: new URL('https://x.y') }, Object.create(null)],
    new (class extends Array {})(),
  ];
  const frames: Buffer[] = [];
  for (const value of values) {
    try {
      frames.push(await encodeValue(value, MEGABYTE));
    } catch (error) {
      assert.ok(error instanceof EncodeError); // of a class that is not exported
    }
  }
  frames.push(frame(BYTES, Buffer.from('some bytes')));
  assert.ok(frames.length >= 9);
  return frames;
}

class Memory {
  readonly #before = Memory.#now();
  #most = 0;

  static #now(): number {
    return process.memoryUsage.rss();
  }

  look(): void {
    this.#most = Math.max(this.#most, Memory.#now() - this.#before);
    assert.ok(this.#most < MOST_MEMORY, `the process has grown by ${Math.round(this.#most / MEGABYTE)} MB`);
  }

  get text(): string {
    return `${Math.round(this.#most / MEGABYTE)} MB more than before at most`;
  }
}

describe(`fuzzed messages (seed ${SEED})`, () => {
  test('at the decoder: errors of ours, and no more', { timeout: 1_200_000 }, async (t) => {
    const random = new Random(SEED);
    const frames = await corpus();
    const allow = new AllowList({ modules: [jobs] });
    const memory = new Memory();
    const outcomes = { read: 0, malformed: 0, refused: 0 };
    for (let i = 0; i < COUNT; i++) {
      const payload = random.damaged(random.pick(frames).subarray(FRAME_HEADER));
      try {
        const value = decodeValue(random.pick([DATA, PACKET, PACKET]), payload, allow);
        // awaited without being unwrapped: data may have a field called then
        if (value instanceof Promise) await value;
        outcomes.read += 1;
      } catch (error) {
        if (error instanceof ProtocolError) outcomes.malformed += 1;
        else if (error instanceof EncodeError && /^ERR_(?:NOT_ALLOWED|NOT_FOUND|CYCLE)$/.test(error.code))
          outcomes.refused += 1;
        else throw new Error(`seed ${SEED}, message ${i}: ${payload.toString('hex')}`, { cause: error });
      }
      if (i % 1000 === 0) memory.look();
    }
    memory.look();
    t.diagnostic(`${COUNT} payloads: ${JSON.stringify(outcomes)}; ${memory.text}`);
    assert.ok(outcomes.read > 0 && outcomes.malformed > 0);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  test('at the frame reader and the handshake, in chunks of any size', (t) => {
    const random = new Random(SEED);
    const memory = new Memory();
    let messages = 0;
    let broken = 0;
    for (let i = 0; i < COUNT / 4; i++) {
      const reader = new FrameReader(10_000);
      const stream = random.damaged(frame(random.pick([BYTES, DATA, PACKET]), random.bytes(random.below(100))));
      const handshake = new Handshake({ role: 'listener', key: Buffer.from(KEY), maxMessage: 1000 }, () => {});
      const greeting = random.damaged(Buffer.concat([hello(), random.bytes(PROOF)]));
      for (const [push, bytes] of [
        [(chunk: Buffer) => reader.push(chunk, () => (messages += 1)), stream],
        [(chunk: Buffer) => assert.equal(handshake.push(chunk), undefined), greeting],
      ] as const) {
        try {
          for (let at = 0; at < bytes.length; ) {
            const end = at + 1 + random.below(40);
            push(bytes.subarray(at, end));
            at = end;
          }
        } catch (error) {
          assert.ok(error instanceof ProtocolError || error instanceof AuthenticationError, String(error));
          broken += 1;
        }
      }
      assert.ok(reader.heldBytes <= 64 * 1024);
      if (i % 1000 === 0) memory.look();
    }
    t.diagnostic(`${COUNT / 2} streams: ${messages} messages, ${broken} broken; ${memory.text}`);
  });

  test('at a listener: strangers never get in, peers with the key end only themselves, honest clients are served', {
    timeout: 1_200_000,
  }, async (t) => {
    const random = new Random(SEED);
    const frames = await corpus();
    const memory = new Memory();
    const sent = { strangers: 0, peers: 0, frames: 0, hanging: 0 };
    let accepted = 0;
    await withListener({ maxPending: 50, handshakeTimeout: 60_000, maxMessage: 100_000 }, async (listener) => {
      const serving = (async () => {
        for await (const connection of listener) {
          accepted += 1;
          void serve(connection);
        }
      })();
      const over = { yet: false };
      const honest = [0, 1, 2].map((who) => askAgainAndAgain(listener, who, over));
      const attack = async (): Promise<void> => {
        for (; sent.frames < AT_LISTENER; ) {
          if (random.below(4) > 0) await strangerAttacks(listener, random, sent);
          else await peerAttacks(listener, random, frames, sent);
          memory.look();
        }
      };
      await Promise.all([attack(), attack(), attack()]);
      over.yet = true;
      const answered = await Promise.all(honest);
      await listener.close();
      await serving;
      assert.equal(accepted, sent.peers + 3, 'a stranger got in');
      assert.ok(
        answered.every((count) => count > 0),
        `honest clients were answered ${answered.join(', ')} times`,
      );
      t.diagnostic(
        `${JSON.stringify(sent)}; honest clients were answered ${answered.join(', ')} times; ${memory.text}`,
      );
    });
  });
});

/** Echoes what it gets, until the end. Whatever is wrong with a message must be an error of ours. */
async function serve(connection: SocketConnection): Promise<void> {
  for (;;) {
    try {
      const message = await connection.recv();
      if (typeof message === 'object' && message !== null && 'honest' in message) await connection.send(message);
    } catch (error) {
      assert.ok(error instanceof ManyhandsError, String(error));
      if (connection.closed) return connection.close();
    }
  }
}

async function askAgainAndAgain(listener: Listener, who: number, over: { readonly yet: boolean }): Promise<number> {
  const connection = await connect({ ...listener.address, authKey: KEY });
  let count = 0;
  for (; !over.yet; count++) {
    await connection.send({ honest: who, count });
    assert.deepEqual(await connection.recv({ timeout: 30_000 }), { honest: who, count });
  }
  connection.close();
  return count;
}

/** Somebody without the key: noise, damaged hellos and proofs, messages at once, or nothing at all. */
async function strangerAttacks(
  listener: Listener,
  random: Random,
  sent: { strangers: number; frames: number; hanging: number },
): Promise<void> {
  sent.strangers += 1;
  sent.frames += 1;
  const stranger = await Stranger.connect(listener.address);
  const ours = hello();
  switch (random.below(5)) {
    case 0:
      stranger.socket.end(random.bytes(random.below(300)));
      break;
    case 1:
      stranger.socket.end(random.damaged(ours));
      break;
    case 2: {
      stranger.socket.write(ours);
      const theirs = await stranger.read(HELLO);
      // a proof by the wrong key, damaged or not, and messages behind it
      stranger.socket.end(
        Buffer.concat([random.damaged(proof('guess', 'client', ours, theirs)), frame(DATA, random.bytes(50))]),
      );
      break;
    }
    case 3: // oversized
      stranger.socket.end(Buffer.concat([ours, random.bytes(PROOF), Buffer.alloc(200_000, 1)]));
      break;
    default: // slow: it stays until the listener has enough of it
      sent.hanging += 1;
      stranger.socket.write(ours.subarray(0, 1 + random.below(HELLO - 1)));
      return;
  }
  await stranger.readAll();
  stranger.close();
}

/** Somebody with the key, who sends messages until one ends the connection. */
async function peerAttacks(
  listener: Listener,
  random: Random,
  frames: readonly Buffer[],
  sent: { peers: number; frames: number },
): Promise<void> {
  sent.peers += 1;
  const stranger = await Stranger.withKey(listener.address, KEY);
  for (let left = 1 + random.below(10); left > 0; left--) {
    sent.frames += 1;
    const whole = random.pick(frames);
    const bytes =
      random.below(3) > 0
        ? random.damaged(whole)
        : frame(
            random.pick([BYTES, DATA, PACKET]),
            random.damaged(whole.subarray(FRAME_HEADER)),
            random.below(20) === 0 ? 0xffffffff : undefined,
          );
    if (stranger.socket.writable) stranger.socket.write(bytes);
  }
  stranger.socket.end();
  await stranger.readAll();
  stranger.close();
}
