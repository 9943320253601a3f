/** The contract of SharedMap, kept in thread scope; and what code of the user may do meanwhile. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SharedMap } from '../../src/index.ts';
import { sharedMapContract } from '../contract/shared-map.ts';

sharedMapContract('thread');

describe('SharedMap and code of the user', () => {
  it('a getter of a key or a value may use the map while it is written', () => {
    const map = new SharedMap();
    const long = 'x'.repeat(10_000);
    map.set('other', long);
    const looking = {
      before: 1,
      get found() {
        return [map.get('other'), map.getOrInsert('made', 2), [...map.keys()].length];
      },
    };
    const found = { before: 1, found: [long, 2, 3] };
    map.set('plain', { before: 1 });
    map.set('plain', looking);
    map.set('cloned', new Set([looking]));
    map.set({ key: looking }, 'of a key');
    assert.deepEqual(map.get('plain'), found);
    assert.deepEqual(map.get('cloned'), new Set([{ before: 1, found: [long, 2, 3] }]));
    assert.equal(map.size, 5);
    assert.throws(
      () =>
        map.set('plain', {
          get no() {
            map.set('other', 'y');
            throw new Error('no');
          },
        }),
      { message: 'no' },
    );
    assert.deepEqual([map.get('plain'), map.get('other'), map.size], [found, 'y', 5]);
  });

  it('a value is computed only for a key that has none, be it null or undefined', () => {
    const map = new SharedMap<string>().set('null', null).set('undefined', undefined);
    const never = (): never => assert.fail('called');
    assert.equal(map.getOrInsertComputed('null', never), null);
    assert.equal(map.getOrInsertComputed('undefined', never), undefined);
    assert.equal(
      map.getOrInsertComputed('new', (key) => map.set(key, 'sooner').size),
      'sooner',
    );
  });
});
