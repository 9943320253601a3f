/**
 * The compact form against `structuredClone`, at every limit, and over bytes that nobody wrote.
 * @module
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { NO_ROOM, NOT_COMPACT, ValueCodec } from '../../src/messaging/value-codec.ts';
import { anyValue, compactValue } from './any-value.ts';

const SIZE = 64 * 1024;
const CANARY = 0xa5;

/** What the other side gets of a value: a structured clone, in which a `Buffer` has stayed one. */
function expected(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(expected);
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, expected(each)]));
  }
  return structuredClone(value);
}

/** Whether an object occurs twice in a value, itself or by the memory that it lies in. */
function occursTwice(value: unknown, seen = new Set<unknown>()): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (seen.has(value)) return true;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return false;
  return Object.values(value).some((each) => occursTwice(each, seen));
}

describe('ValueCodec', () => {
  const bytes = new Uint8Array(SIZE);
  const codec = new ValueCodec(bytes);

  test('what has a compact form comes back as structuredClone would give it', () => {
    fc.assert(
      fc.property(compactValue, fc.nat({ max: 20 }), (value, position) => {
        fc.pre(!occursTwice(value));
        const end = codec.write(value, position, SIZE);
        assert.ok(end > position, `refused with ${end}`);
        assert.deepStrictEqual(codec.read(position), expected(value));
        assert.equal(codec.position, end, 'what was read is not as long as what was written');
      }),
      { numRuns: 3000 },
    );
  });

  test('a value of any kind is refused, or comes back as structuredClone would give it', () => {
    let written = 0;
    let refused = 0;
    fc.assert(
      fc.property(anyValue, (value) => {
        const end = codec.write(value, 0, SIZE);
        if (end < 0) {
          refused += 1;
          return;
        }
        written += 1;
        assert.deepStrictEqual(codec.read(0), expected(value));
        assert.equal(codec.position, end);
      }),
      { numRuns: 3000 },
    );
    assert.ok(written > 500 && refused > 100, `${written} written, ${refused} refused: one half was hardly tested`);
  });

  test('lists come back, up to 255 values', () => {
    fc.assert(
      fc.property(fc.array(compactValue, { maxLength: 12 }), (values) => {
        fc.pre(!occursTwice(values));
        const end = codec.writeList(values, 3, SIZE);
        assert.ok(end > 3);
        assert.deepStrictEqual(codec.readList(3), values.map(expected));
        assert.equal(codec.position, end);
      }),
      { numRuns: 500 },
    );
    const most = Array.from({ length: 255 }, (_, index) => index);
    assert.ok(codec.writeList(most, 0, SIZE) > 0);
    assert.deepStrictEqual(codec.readList(0), most);
    assert.equal(codec.writeList([...most, 0], 0, SIZE), NOT_COMPACT);
  });

  test('at every limit there is room or NO_ROOM, and no byte beyond the limit is touched', () => {
    fc.assert(
      fc.property(compactValue, fc.boolean(), (value, asList) => {
        fc.pre(!occursTwice(value));
        const write = (from: number, limit: number): number =>
          asList ? codec.writeList([value, 1], from, limit) : codec.write(value, from, limit);
        const whole = write(0, SIZE);
        assert.ok(whole > 0);
        const from = 8;
        for (let limit = from; limit <= from + whole + 40; limit += whole > 400 ? 7 : 1) {
          bytes.fill(CANARY, 0, from + whole + 64);
          const end = write(from, limit);
          if (end === NO_ROOM) assert.ok(limit < from + whole + 9, 'refused though there was room');
          else assert.equal(end, from + whole);
          assert.ok(end <= limit, `ended at ${end}, the limit was ${limit}`);
          const stray = bytes.subarray(limit, from + whole + 64).findIndex((byte) => byte !== CANARY);
          assert.equal(stray, -1, `limit ${limit}: wrote ${stray} bytes beyond it`);
          assert.ok(
            bytes.subarray(0, from).every((byte) => byte === CANARY),
            'wrote before the position',
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  test('bytes that nobody wrote give a value or an error, within little memory', () => {
    const outcomes = { values: 0, errors: 0 };
    const heap = process.memoryUsage().rss;
    let random = 0x2545f491;
    const next = (): number => {
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      return random >>> 0;
    };
    const fuzzed = new Uint8Array(256);
    const reader = new ValueCodec(fuzzed);
    const before = process.cpuUsage();
    for (let run = 0; run < 100_000; run++) {
      for (let i = 0; i < fuzzed.length; i += 4) {
        const word = next();
        // Half of the runs keep to small bytes: those that are tags.
        const mask = run % 2 === 0 ? 0xffffffff : 0x1f1f1f1f;
        fuzzed[i] = word & mask & 0xff;
        fuzzed[i + 1] = (word >>> 8) & (mask & 0xff);
        fuzzed[i + 2] = (word >>> 16) & (mask & 0xff);
        fuzzed[i + 3] = (word >>> 24) & (mask & 0xff);
      }
      try {
        if (run % 4 < 2) reader.read(run % 256);
        else reader.readList(run % 256);
        outcomes.values += 1;
      } catch (error) {
        assert.ok(error instanceof Error);
        outcomes.errors += 1;
      }
    }
    const grown = (process.memoryUsage().rss - heap) / 2 ** 20;
    assert.ok(outcomes.values > 1000 && outcomes.errors > 1000, JSON.stringify(outcomes));
    assert.ok(grown < 200, `grew by ${Math.round(grown)} MiB`);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 30_000_000, `${(user + system) / 1000} ms of the processor`);
  });

  test('bytes that were cut short or changed in one place give a value or an error', () => {
    fc.assert(
      fc.property(compactValue, fc.nat(), fc.nat({ max: 255 }), (value, where, byte) => {
        const end = codec.write(value, 0, SIZE);
        fc.pre(end > 0);
        const copy = bytes.slice(0, end);
        copy[where % end] = byte;
        for (const damaged of [copy, bytes.slice(0, where % end)]) {
          try {
            new ValueCodec(damaged).read(0);
          } catch (error) {
            assert.ok(error instanceof Error);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
