/**
 * Arguments in words, from values and from the first bytes of a payload.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ValueCodec } from '../../src/messaging/value-codec.ts';
import { argumentsInShort, payloadInShort } from '../../src/workers/task-text.ts';
import { anyValue, compactValue } from '../properties/any-value.ts';

const SIZE = 64 * 1024;
const bytes = new Uint8Array(SIZE);
const codec = new ValueCodec(bytes);

function payloadOf(...values: readonly unknown[]): Uint8Array {
  const end = codec.writeList(values, 0, SIZE);
  assert.ok(end > 0);
  return bytes.slice(0, end);
}

describe('argumentsInShort', () => {
  test('as one would write them', () => {
    assert.equal(argumentsInShort([]), '');
    assert.equal(
      argumentsInShort([1, 'abc', { a: 1 }, [true, null, undefined]]),
      "1, 'abc', { a: 1 }, [ true, null, undefined ]",
    );
    assert.match(
      argumentsInShort([Array.from({ length: 100 }, (_, index) => index)]),
      /^\[ 0, 1, 2, 3, \.\.\. 96 more items \]$/,
    );
  });

  test('never on more than one line, nor more than 120 characters', () => {
    const long = argumentsInShort(Array.from({ length: 50 }, () => 'x'.repeat(500)));
    assert.equal(long.length, 120);
    assert.ok(long.endsWith('…'));
    assert.ok(!argumentsInShort([{ a: 'line\nline', b: [[[1]]] }]).includes('\n'));
  });

  test('never throws, whatever the values do', () => {
    const values = [
      new Proxy({}, { ownKeys: () => assert.fail('ownKeys') }),
      ((pair) => (pair.revoke(), pair.proxy))(Proxy.revocable({}, {})),
      {
        get [Symbol.toStringTag]() {
          throw new Error('tag');
        },
      },
      {
        [Symbol.for('nodejs.util.inspect.custom')]() {
          throw new Error('inspect');
        },
      },
      Object.create(null),
      Symbol('s'),
      () => {},
    ];
    for (const value of values) assert.equal(typeof argumentsInShort([value]), 'string');
    fc.assert(fc.property(fc.array(anyValue, { maxLength: 4 }), (each) => argumentsInShort(each).length <= 120));
  });
});

describe('payloadInShort', () => {
  test('says the same as argumentsInShort while the payload is whole', () => {
    fc.assert(
      fc.property(fc.array(compactValue, { maxLength: 4 }), (values) => {
        const end = codec.writeList(values, 0, SIZE);
        fc.pre(end > 0);
        const whole = bytes.slice(0, end);
        assert.equal(payloadInShort(whole, end), argumentsInShort(codec.readList(0)));
      }),
    );
  });

  test('of a payload that was cut leaves out what is not whole', () => {
    const payload = payloadOf(1, 'abc', 'x'.repeat(200));
    assert.equal(payloadInShort(payload.slice(0, 116), payload.length), "1, 'abc', …");
    assert.equal(payloadInShort(payload.slice(0, 3), payload.length), '1, …');
    assert.equal(payloadInShort(payload.slice(0, 1), payload.length), '…');
    assert.equal(payloadInShort(new Uint8Array(0), payload.length), '');
  });

  test('never throws, wherever the payload was cut and whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(compactValue, { maxLength: 4 }), fc.nat(), (values, cut) => {
        const end = codec.writeList(values, 0, SIZE);
        fc.pre(end > 0);
        const part = bytes.slice(0, cut % end);
        assert.ok(payloadInShort(part, end).length <= 120);
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 116 }),
        fc.nat(),
        (part, length) => payloadInShort(part, length).length <= 120,
      ),
      { numRuns: 2000 },
    );
  });
});
