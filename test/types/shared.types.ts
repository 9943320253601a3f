/**
 * What the types of shared objects promise. The compiler checks this file; nothing runs it.
 * @module
 */
import { expectTypeOf } from 'expect-type';
import {
  anything,
  array,
  bigint64,
  boolean,
  Condition,
  field,
  type FieldArray,
  float64,
  type HeapKey,
  type HeapList,
  type HeapMap,
  type HeapValue,
  int32,
  listOf,
  Lock,
  mapOf,
  padded,
  reference,
  self,
  Semaphore,
  SharedArray,
  sharedStruct,
  string,
  text,
  Value,
} from '../../src/index.ts';

class Point extends sharedStruct({ x: float64, y: float64 }) {
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}
class Scene extends sharedStruct({
  count: int32,
  large: bigint64,
  shown: boolean,
  title: string(8),
  hot: padded(int32),
  heights: array(float64, 3),
  corners: array(Point, 2),
  center: Point,
  lock: Lock,
  seats: field(Semaphore, 3),
  free: field(Condition, 'lock'),
}) {}
declare const scene: Scene;

// fields as JavaScript sees them
expectTypeOf(scene.count).toEqualTypeOf<number>();
expectTypeOf(scene.large).toEqualTypeOf<bigint>();
expectTypeOf(scene.shown).toEqualTypeOf<boolean>();
expectTypeOf(scene.title).toEqualTypeOf<string>();
expectTypeOf(scene.hot).toEqualTypeOf<number>();
expectTypeOf(scene.heights).toEqualTypeOf<Float64Array<SharedArrayBuffer>>();
expectTypeOf(scene.corners).toEqualTypeOf<FieldArray<Point>>();
expectTypeOf(scene.center.length).toEqualTypeOf<number>();
expectTypeOf(scene.lock).toEqualTypeOf<Lock>();
expectTypeOf(scene.seats).toEqualTypeOf<Semaphore>();
expectTypeOf(scene.free).toEqualTypeOf<Condition>();

// data is written, also where it is padded; objects stay
scene.count = 1;
scene.hot = 1;
// @ts-expect-error another type
scene.count = 1n;
// @ts-expect-error a lock stays where it is
scene.lock = new Lock();
// @ts-expect-error a view stays where it is
scene.heights = new Float64Array(new SharedArrayBuffer(8));

// what a subclass opens and copies is the subclass
expectTypeOf(Scene.open('scene')).toEqualTypeOf<Scene>();
expectTypeOf(Point.copy(new Point()).length).toEqualTypeOf<number>();
expectTypeOf(Point.values(new Point())).toEqualTypeOf<{ x: number; y: number }>();

// first values
new Scene({ values: { count: 1, heights: [1, 2, 3], center: { x: 1, y: 2 } } });
// @ts-expect-error no such field
new Scene({ values: { counts: 1 } });
// @ts-expect-error a text is no number
new Scene({ values: { count: '1' } });
// @ts-expect-error a condition names a field
field(Condition, 3);

// classes of different fields go into one list
const classes = [Point, Scene, sharedStruct({ a: int32 }), sharedStruct({ a: sharedStruct({ b: int32, lock: Lock }) })];
expectTypeOf(classes.map((each) => each.byteLength)).toEqualTypeOf<number[]>();

expectTypeOf(new Value(bigint64, 1n).add(1n)).toEqualTypeOf<bigint>();
expectTypeOf(new Value(string(3)).value).toEqualTypeOf<string>();
expectTypeOf(new SharedArray(int32, 3).at(0)).toEqualTypeOf<number | undefined>();
expectTypeOf(new SharedArray(int32, 3).lock.locked).toEqualTypeOf<boolean>();

// fields that only the shared heap can hold
class Person extends sharedStruct({
  name: text,
  tag: anything,
  boss: self,
  home: reference(Scene),
  skills: listOf(text),
  reports: listOf(self),
  years: mapOf(float64),
  lock: Lock,
}) {}
declare const person: Person;
expectTypeOf(person.name).toEqualTypeOf<string>();
expectTypeOf(person.tag).toEqualTypeOf<HeapValue>();
expectTypeOf(person.boss?.name).toEqualTypeOf<string | undefined>();
expectTypeOf(person.home).toEqualTypeOf<Scene | undefined>();
expectTypeOf(person.skills).toEqualTypeOf<HeapList<string>>();
expectTypeOf(person.reports.at(0)?.skills.at(0)).toEqualTypeOf<string | undefined>();
expectTypeOf(person.years).toEqualTypeOf<HeapMap<HeapKey, number>>();
// @ts-expect-error a list stays where it is
person.skills = [] as never;
void new Person({ values: { name: 'Ada', skills: ['compilers'], years: [['1842', 1]] } });
// @ts-expect-error a text is a string
void new Person({ values: { name: 5 } });
