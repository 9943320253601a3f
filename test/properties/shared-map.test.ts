/**
 * A SharedMap against a Map.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SharedMap } from '../../src/index.ts';

const RUNS = Number(process.env['MANYHANDS_RUNS'] ?? 150);

const key = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, null, undefined, true, 5n, 'x'.repeat(300)) },
);
const value = fc.oneof(fc.integer(), fc.string({ maxLength: 200 }), fc.constant('y'.repeat(5000)));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('set' as const), key, value }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key, value }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('get' as const), key, value }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('insert' as const), key, value }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), key, value }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'all' as const), key, value }) },
);

for (const scope of ['thread', 'process'] as const) {
  describe(`SharedMap as a Map, scope ${scope}`, () => {
    test('whatever is done', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
          const map = new SharedMap({ scope, size: 8192, most: 2 ** 24 });
          const model = new Map<unknown, unknown>();
          for (const each of steps) {
            switch (each.do) {
              case 'set':
                map.set(each.key, each.value);
                model.set(each.key, each.value);
                break;
              case 'delete':
                assert.equal(map.delete(each.key), model.delete(each.key));
                break;
              case 'get':
                assert.deepEqual([map.get(each.key), map.has(each.key)], [model.get(each.key), model.has(each.key)]);
                break;
              case 'insert':
                assert.equal(map.getOrInsert(each.key, each.value), model.get(each.key) ?? each.value);
                if (!model.has(each.key)) model.set(each.key, each.value);
                break;
              case 'update': {
                const change = (old: unknown): unknown => [old, each.value].join('').slice(0, 50);
                model.set(each.key, change(model.get(each.key)));
                assert.equal(map.update(each.key, change), model.get(each.key));
                break;
              }
              case 'clear':
                map.clear();
                model.clear();
                break;
              case 'all':
                assert.deepEqual(new Map(map), model);
            }
            assert.equal(map.size, model.size);
          }
          assert.deepEqual(new Map(map), model);
        }),
        { numRuns: RUNS },
      );
    });
  });
}
