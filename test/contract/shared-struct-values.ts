/**
 * What becomes of values on their way into a struct and out of it, whatever its scope.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { array, int32, Lock, type ScopeOptions, sharedStruct, string } from '../../src/index.ts';

class Point extends sharedStruct({ x: int32, name: string(4) }) {}
class Pair extends sharedStruct({ a: Point, b: Point }) {}
class Line extends sharedStruct({ points: array(Point, 2), ends: Pair }) {}

/** The contract of values of structs. */
export function structValuesContract(scope: NonNullable<ScopeOptions['scope']>): void {
  describe(`values of a struct, scope ${scope}`, () => {
    test('fields may have names that every object has', () => {
      const odd = new (sharedStruct({ toString: array(int32, 2), valueOf: Lock, hasOwnProperty: Point }))({ scope });
      assert.ok(odd.toString instanceof Int32Array);
      assert.ok(odd.valueOf instanceof Lock);
      assert.ok(odd.hasOwnProperty instanceof Point);
    });

    test('as JSON there are its fields, shared and own', () => {
      class Named extends sharedStruct({ at: Point, lock: Lock, marks: array(int32, 2) }) {
        label = 'own';
      }
      const named = new Named({ scope, values: { at: { x: 1, name: 'a' }, marks: [3, 4] } });
      assert.equal(JSON.stringify([named]), '[{"at":{"x":1,"name":"a"},"marks":[3,4],"label":"own"}]');
    });

    test('structs change places by one assignment', () => {
      const points = [
        { x: 1, name: 'one' },
        { x: 2, name: 'two' },
      ];
      const [a, b] = points as [(typeof points)[0], (typeof points)[0]];
      const line = new Line({ scope, values: { points, ends: { a, b } } as never });
      const fields = line as unknown as Record<string, unknown>;
      fields['points'] = [line.points.at(1), line.points.at(0)];
      fields['ends'] = { a: line.ends.b, b: line.ends.a };
      const swapped = { points: [b, a], ends: { a: b, b: a } };
      assert.deepEqual(Line.values(line), swapped);
      fields['points'] = [line.ends.b, line.points.at(0)];
      assert.deepEqual(Line.values(line).points, [a, b]);
    });
  });
}
