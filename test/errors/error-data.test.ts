/**
 * Errors as data, and back: nothing that can be thrown is lost, and nothing that it does stops its way.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ErrorData, errorFromData, errorToData, TimeoutError } from '../../src/errors/index.ts';

/** There and back through a structured clone, which is how the data crosses. */
function across(thrown: unknown): unknown {
  return errorFromData(structuredClone(errorToData(thrown)));
}

function acrossAsError(thrown: unknown): Error & Record<string, unknown> {
  const error = across(thrown);
  assert.ok(error instanceof Error);
  return error as Error & Record<string, unknown>;
}

const getter = (name: string): PropertyDescriptor => ({
  enumerable: true,
  get() {
    throw new Error(`${name} was read`);
  },
});

describe('errors as data', () => {
  for (const Class of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
    test(`${Class.name} comes back as one, with its message and its stack`, () => {
      const error = new Class('what');
      const back = acrossAsError(error);
      assert.equal(Object.getPrototypeOf(back), Class.prototype);
      assert.deepEqual([back.name, back.message, back.stack], [error.name, error.message, error.stack]);
      assert.deepEqual(Object.keys(back), []);
      assert.deepStrictEqual(back, error);
    });
  }

  test('other classes come back as Error with their name, code and plain fields', () => {
    class HttpError extends TypeError {
      override readonly name = 'HttpError';
      readonly status = 404;
      readonly tags = ['a', { b: 1n }];
      readonly client = new Map();
      readonly retry = (): void => {};
      readonly when = new Date();
    }
    const back = acrossAsError(new HttpError('gone'));
    assert.equal(Object.getPrototypeOf(back), Error.prototype);
    assert.equal(back.name, 'HttpError');
    assert.deepEqual({ ...back }, { status: 404, tags: ['a', { b: 1n }] });
    assert.ok(!Object.keys(back).includes('name'));
  });

  test("errors of the library and of Node keep their code, a system error's fields too", () => {
    assert.equal(acrossAsError(new TimeoutError('late'))['code'], 'ERR_TIMEOUT');
    assert.equal(acrossAsError(new TimeoutError('late')).name, 'TimeoutError');
    const system = Object.assign(new Error('ENOENT'), { errno: -2, code: 'ENOENT', syscall: 'open', path: '/x' });
    assert.deepEqual({ ...acrossAsError(system) }, { errno: -2, code: 'ENOENT', syscall: 'open', path: '/x' });
  });

  test('a code that the class has, not the error', () => {
    class Coded extends Error {
      get code(): string {
        return 'E_CODED';
      }
    }
    assert.equal(acrossAsError(new Coded('m'))['code'], 'E_CODED');
  });

  test('causes, nested, of every sort', () => {
    const error = new Error('a', { cause: new TypeError('b', { cause: 'c' }) });
    const back = acrossAsError(error);
    assert.ok(back.cause instanceof TypeError);
    assert.equal(back.cause.cause, 'c');
    assert.ok(!Object.keys(back).includes('cause'));
    for (const cause of [null, 0, '', false]) {
      assert.equal(acrossAsError(new Error('a', { cause })).cause, cause);
    }
    assert.ok(!('cause' in acrossAsError(new Error('a'))));
  });

  test('causes that go round in a circle end after a few', () => {
    const error = new Error('a');
    error.cause = new Error('b', { cause: error });
    let depth = 0;
    let each: unknown = acrossAsError(error);
    for (; each instanceof Error; each = each.cause) {
      assert.equal(each.message, depth % 2 === 0 ? 'a' : 'b');
      depth += 1;
    }
    assert.ok(depth >= 3 && depth < 20, `${depth} levels`);
  });

  test('AggregateError with its errors, whatever they are', () => {
    const error = new AggregateError([new RangeError('x'), 'text', undefined], 'all failed');
    const back = across(error);
    assert.ok(back instanceof AggregateError);
    assert.deepEqual([back.name, back.message], ['AggregateError', 'all failed']);
    assert.ok(back.errors[0] instanceof RangeError);
    assert.deepEqual(back.errors.slice(1), ['text', undefined]);
    const many = across(new AggregateError(Array.from({ length: 1000 }, (_, index) => new Error(`e${index}`))));
    assert.ok(many instanceof AggregateError);
    assert.equal(many.errors[999].message, 'e999');
    const empty = across(new AggregateError([]));
    assert.ok(empty instanceof AggregateError && empty.errors.length === 0);
  });

  test('an AggregateError that holds itself many times does not multiply', () => {
    const error = new AggregateError([], 'round');
    error.errors = new Array(20).fill(error);
    error.cause = error;
    const start = performance.now();
    const back = across(error);
    assert.ok(performance.now() - start < 2000);
    assert.ok(back instanceof AggregateError);
    assert.equal(back.errors[0].message, 'round');
  });

  test('what many parts of a field share is looked at once, and may lie as deep as ever', () => {
    const shared = (levels: number): unknown => {
      let each: unknown = 1;
      for (let i = 0; i < levels; i++) each = new Array(40).fill(each);
      return each;
    };
    const start = performance.now();
    const back = acrossAsError(
      Object.assign(new Error('m'), { deep: shared(9), deeper: shared(10), thousand: shared(1000) }),
    );
    assert.ok(performance.now() - start < 2000);
    assert.deepEqual(Object.keys(back), ['deep']);
    assert.equal((back['deep'] as unknown[][])[0]?.[0], (back['deep'] as unknown[][])[39]?.[39]);
    const leaf = { leaf: 1 };
    const near = { leaf, far: [[[[[[[leaf]]]]]]] };
    assert.deepEqual({ ...acrossAsError(Object.assign(new Error('m'), { near })) }, { near }); // at its two places
    const further = { leaf, far: [[[[[[[[leaf]]]]]]]] };
    assert.deepEqual({ ...acrossAsError(Object.assign(new Error('m'), { further })) }, {});
    const circle: Record<string, unknown> = {};
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) circle[name] = circle;
    assert.deepEqual({ ...acrossAsError(Object.assign(new Error('m'), { circle })) }, {});
  });

  test('errors that share what they bring along bring it all, and do not multiply', () => {
    let each = new Error('the root');
    for (let level = 0; level < 8; level++) each = new AggregateError(new Array(30).fill(each), `level ${level}`);
    const start = performance.now();
    let back = across(each);
    assert.ok(performance.now() - start < 5000);
    for (; back instanceof AggregateError; back = back.errors[0]);
    assert.equal((back as Error).message, 'the root');
    const cause = new Error('shared', { cause: new Error('behind it') });
    const both = across(new AggregateError([new Error('a', { cause }), new Error('b', { cause })]));
    for (const one of (both as AggregateError).errors as Error[])
      assert.equal(((one.cause as Error).cause as Error).message, 'behind it');
  });

  test('an AggregateError whose errors are no array', () => {
    for (const errors of [5, null, undefined, {}]) {
      const back = acrossAsError(Object.assign(new AggregateError([], 'odd'), { errors }));
      assert.deepEqual([back.name, back.message], ['AggregateError', 'odd']);
    }
  });

  test('DOMException', () => {
    const back = acrossAsError(new DOMException('stop', 'AbortError'));
    assert.deepEqual([back.name, back.message], ['AbortError', 'stop']);
  });

  test('values that are no errors, falsy ones too', () => {
    const values = [undefined, null, 0, -0, Number.NaN, '', false, 0n, 'text', 42, [1, [2]], { a: { b: null } }];
    for (const value of values) {
      assert.deepStrictEqual(across(value), value);
    }
  });

  test('values that cannot be cloned are described', () => {
    assert.equal(across(Symbol('s')), 'Symbol(s)');
    assert.match(String(across(() => 'source')), /source/);
    assert.equal(across(Object.create(null)), '[object Object]');
    assert.equal(across(new Map()), '[object Map]');
    assert.equal(across({ f: () => 1 }), '[object Object]');
    class Odd {
      toString(): string {
        return 'odd';
      }
    }
    assert.equal(across(new Odd()), 'odd');
  });

  test('names that objects have by nature are names like any other', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty', '']) {
      const error = new Error('m');
      Object.defineProperty(error, 'name', { value: name });
      const back = acrossAsError(error);
      assert.deepEqual([back.name, back.message], [name, 'm']);
    }
  });

  test('no getter, proxy or strange field stops it', () => {
    const thrown: Readonly<Record<string, unknown>> = {
      name: Object.defineProperty(new Error('m'), 'name', getter('name')),
      message: Object.defineProperty(new Error('m'), 'message', getter('message')),
      stack: Object.defineProperty(new Error('m'), 'stack', getter('stack')),
      cause: Object.defineProperty(new Error('m'), 'cause', getter('cause')),
      code: Object.defineProperty(new Error('m'), 'code', getter('code')),
      errors: Object.defineProperty(new AggregateError([]), 'errors', getter('errors')),
      field: Object.defineProperty(new Error('m'), 'field', getter('field')),
      'nested field': Object.assign(new Error('m'), { field: Object.defineProperty({}, 'x', getter('x')) }),
      'name that is an object': Object.assign(new Error('m'), { name: { toString: () => assert.fail('toString') } }),
      'name that is a symbol': Object.assign(new Error('m'), { name: Symbol('n') }),
      'message that has no text': Object.assign(new Error('m'), { message: Object.create(null) }),
      'own __proto__': Object.assign(new Error('m'), JSON.parse('{"a":1}'), { b: JSON.parse('{"__proto__":1}') }),
      'circular field': Object.assign(new Error('m'), { field: ((o: { o?: unknown }) => (o.o = o))({}) }),
      'an object with a getter': Object.defineProperty({}, 'x', getter('x')),
      'a revoked proxy': ((pair) => (pair.revoke(), pair.proxy))(Proxy.revocable({}, {})),
      'a revoked proxy of an error': ((pair) => (pair.revoke(), pair.proxy))(Proxy.revocable(new Error('m'), {})),
      'a proxy of an error': new Proxy(new Error('m'), {
        ownKeys() {
          throw new Error('ownKeys');
        },
      }),
      'a proxy in a field': Object.assign(new Error('m'), { field: new Proxy({}, {}) }),
      'an error without a prototype of its own': Object.setPrototypeOf(new Error('m'), null),
    };
    for (const [what, value] of Object.entries(thrown)) {
      assert.doesNotThrow(() => across(value), what);
      if (what === 'field' || what.includes('name')) assert.ok(across(value) instanceof Error, what);
    }
  });

  test('the data of an error holds nothing but data', () => {
    const data = errorToData(Object.assign(new Error('m', { cause: 1 }), { a: 1, f() {} })) as ErrorData;
    assert.deepEqual(
      { ...data, stack: typeof data.stack },
      { name: 'Error', message: 'm', stack: 'string', fields: { a: 1 }, cause: { thrown: 1 } },
    );
  });
});
