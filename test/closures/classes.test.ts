/** Classes and their instances, by value and by reference, with and without a word of their own. @module */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { packSymbol, unpackSymbol } from '../../src/closures/index.ts';
import { Pool } from '../../src/index.ts';
import { Link } from './fixtures/link.ts';
import { Entity, Secret, Vec } from './fixtures/shapes.ts';

const link = new Link();
after(() => link.end());
const K = 10;

class Animal {
  static kind = 'animal';
  name: string;
  static make<T extends typeof Animal>(this: T, name: string): InstanceType<T> {
    return new this(name) as InstanceType<T>;
  }
  constructor(name: string) {
    this.name = name;
  }
  hi(): string {
    return `${this.name} ${Animal.kind} ${K}`;
  }
  get upper(): string {
    return this.name.toUpperCase();
  }
}
class Dog extends Animal {
  #tricks = 2;
  override hi(): string {
    return `${super.hi()} woof${this.#tricks}`;
  }
  static [packSymbol](dog: Dog): string {
    return dog.name;
  }
  static [unpackSymbol](name: string): Dog {
    return new Dog(name);
  }
}
class Stack extends Array<number> {
  top(): number | undefined {
    return this.at(-1);
  }
}
class AppError extends Error {
  extra: unknown;
  constructor(message: string, extra: unknown) {
    super(message);
    this.name = 'AppError';
    this.extra = extra;
  }
}
/** Mentions its own subclass, which must not be evaluated first. */
class Shape {
  static square(): Shape {
    return new Square(2);
  }
  area(): number {
    return 0;
  }
}
class Square extends Shape {
  side: number;
  constructor(side: number) {
    super();
    this.side = side;
  }
  override area(): number {
    return this.side ** 2;
  }
}
const unitSquare = new Square(1);
class Room {
  readonly floor = unitSquare;
  static readonly shared: number = roomCount() + 1;
}
function roomCount(): number {
  return K;
}

test('a class of the main module', async () => {
  assert.equal(await link.run((n: string) => Animal.make(n).hi(), 'Rex'), 'Rex animal 10');
});
test('an instance of it, there and back, is an instance of the same class', async () => {
  const back = await link.run((a: Animal) => {
    a.name += '!';
    return a;
  }, new Animal('Tom'));
  assert.ok(back instanceof Animal);
  assert.deepEqual([back.hi(), back.upper], ['Tom! animal 10', 'TOM!']);
});
test('a subclass with private fields and its pair of methods', async () => {
  const there = await link.run((d: Dog) => [d.hi(), d instanceof Animal, d instanceof Dog], new Dog('Bob'));
  assert.deepEqual(there, ['Bob animal 10 woof2', true, true]);
  const back = await link.run(() => new Dog('Z'));
  assert.ok(back instanceof Dog);
});
test('a class of another module with private fields and its pair of methods', async () => {
  const back = await link.run((s: Secret) => new Secret(s.reveal() + 1), new Secret(1));
  assert.equal(back.reveal(), 2);
});
test('a class is made once in a worker', async () => {
  await link.run((a: Animal) => {
    (globalThis as { seen?: unknown }).seen = a.constructor;
  }, new Animal('A'));
  assert.equal(
    await link.run((a: Animal) => a.constructor === (globalThis as { seen?: unknown }).seen, new Animal('B')),
    true,
  );
});
test("the pair of methods is inherited: a subclass of the user's works through a base class of a library's", async () => {
  class Job extends Entity {
    size: number;
    constructor(id: string, size = 0) {
      super(id);
      this.size = size;
    }
    cost(): number {
      return this.size * K;
    }
  }
  const job = new Job('j1', 3);
  const there = await link.run((j: Job) => [j.id, j.cost(), j instanceof Job, j instanceof Entity], job);
  assert.deepEqual(there, ['j1', 30, true, true]);
  const back = await link.run((j: Job) => j, job);
  assert.ok(back instanceof Job && back.id === 'j1' && back.size === 3);
});
test('a class that a base class mentions is evaluated after it', async () => {
  assert.equal(await link.run(() => Shape.square().area()), 4);
  assert.equal(await link.run((s: Square) => s.area(), new Square(3)), 9);
});
test('static initialisers run again, with what they call', async () => {
  assert.deepEqual(await link.run(() => [Room.shared, new Room().floor.area()]), [11, 1]);
});
test('classes that extend what the language has', async () => {
  const stack = await link.run(
    (s: Stack) => {
      s.push(9);
      return s;
    },
    Stack.from([1, 2]) as Stack,
  );
  assert.ok(stack instanceof Stack);
  assert.deepEqual([stack.top(), stack.length], [9, 3]);
  class Registry extends Map<string, number> {
    total(): number {
      return [...this.values()].reduce((a, b) => a + b, 0);
    }
  }
  assert.equal(
    await link.run(
      (r: Registry) => r.total(),
      new Registry([
        ['a', 1],
        ['b', 2],
      ]),
    ),
    3,
  );
  class Bytes extends Uint8Array {
    sum(): number {
      return this.reduce((a, b) => a + b, 0);
    }
  }
  assert.equal(await link.run((b: Bytes) => b.sum(), new Bytes([1, 2, 3])), 6);
});
test("an error class of the user's, thrown there and caught here", async () => {
  await assert.rejects(
    link.run(() => {
      throw new AppError('no', { k: 1 });
    }),
    (error: AppError) => {
      assert.ok(error instanceof AppError);
      assert.deepEqual([error.message, error.name, error.extra], ['no', 'AppError', { k: 1 }]);
      assert.match(error.stack as string, /classes\.test\.ts:\d+/);
      return true;
    },
  );
});
test('an anonymous class, and a mixin', async () => {
  const timed = (Base: typeof Vec): typeof Vec =>
    class extends Base {
      at(): number {
        return K;
      }
    };
  const Happening = class extends timed(Vec) {
    both(): number[] {
      return [this.len(), (this as unknown as { at(): number }).at()];
    }
  };
  assert.deepEqual(await link.run(() => new Happening(3, 4).both()), [5, 10]);
  const happening = new Happening(6, 8);
  assert.deepEqual(await link.run((h: Vec & { both(): number[] }) => h.both(), happening), [10, 10]);
});
test('a base class that nothing but the extends clause mentions', async () => {
  class Ground {
    go(): string {
      return `ground${K}`;
    }
  }
  class Car extends Ground {
    override go(): string {
      return `car on ${super.go()}`;
    }
  }
  assert.equal(await link.run((c: Car) => c.go(), new Car()), 'car on ground10');
});
test('the old style: constructor functions, prototypes, inheritance', async () => {
  type Old = { a: number; get(): number; twice: number; base(): string };
  const Base0 = function (): void {} as unknown as { prototype: object };
  (Base0.prototype as { base: unknown }).base = () => `base${K}`;
  function OldStyle(this: Old, a: number): void {
    this.a = a;
  }
  const twice = {
    get(this: Old): number {
      return this.a * 2;
    },
  };
  OldStyle.prototype = Object.create(Base0.prototype, { constructor: { value: OldStyle }, twice }) as object;
  (OldStyle.prototype as Old).get = function (this: Old): number {
    return this.a;
  };
  const old = new (OldStyle as unknown as new (a: number) => Old)(3);
  const there = await link.run((o: Old) => [o.get(), o.twice, o.base(), o instanceof (OldStyle as never)], old);
  assert.deepEqual(there, [3, 6, 'base10', true]);
});
test('a method that was added to a class later', async () => {
  class Pet extends Animal {}
  (Pet.prototype as Pet & { late?: () => string }).late = function (this: Pet): string {
    return `${this.name}?`;
  };
  assert.equal(await link.run((a: Pet & { late(): string }) => a.late(), new Pet('L') as never), 'L?');
});
test('methods that were mixed into a class: by Object.assign, by their descriptors, over its own; and by code of the class itself', async () => {
  class Point {
    x: number;
    #y: number;
    constructor(x: number, y = 0) {
      this.x = x;
      this.#y = y;
    }
    static [packSymbol](point: Point): [number, number] {
      return [point.x, point.#y];
    }
    static [unpackSymbol]([x, y]: [number, number]): Point {
      return new Point(x, y);
    }
    static install(): void {
      Object.assign(this.prototype, {
        installed(this: Point) {
          return this.x + K;
        },
      });
    }
    get y(): number {
      return this.#y;
    }
    replaced(): string {
      return 'old';
    }
    shown(): number {
      return this.#y;
    }
  }
  class Far {
    far(this: Point): boolean {
      return this.x > K;
    }
  }
  Object.assign(Point.prototype, {
    dist(this: Point) {
      return Math.hypot(this.x, this.y);
    },
    replaced() {
      return 'new';
    },
  });
  Object.defineProperties(Point.prototype, {
    far: Object.getOwnPropertyDescriptor(Far.prototype, 'far') as PropertyDescriptor,
    area: {
      get(this: Point) {
        return this.x * this.y;
      },
      enumerable: true,
      configurable: true,
    },
    shown: { enumerable: true }, // as a decorator may
  });
  Point.install();
  type Mixed = Point & { dist(): number; installed(): number; far(): boolean; readonly area: number };
  const tellAll = (p: Mixed): unknown[] => [p.dist(), p.replaced(), p.far(), p.area, p.installed(), p.shown()];
  const pool = new Pool({ workers: 1 });
  const expected = [5, 'new', false, 12, 13, 4];
  assert.deepEqual(await pool.submit(tellAll, new Point(3, 4) as Mixed), expected);
  assert.deepEqual(await pool.submit(() => tellAll(new Point(3, 4) as Mixed)), expected);
  assert.equal(
    await pool.submit((dist: (this: Point) => number) => dist.call(new Point(6, 8)), (new Point(0) as Mixed).dist),
    10,
  );
  await pool.close();
});
test('a method by itself, and a bound one', async () => {
  assert.equal(await link.run(Animal.prototype.hi.bind(new Animal('M'))), 'M animal 10');
  const made = await link.run(Animal.make.bind(Animal) as (name: string) => Animal, 'S');
  assert.equal(made.name, 'S');
});
test('an own field that hides an accessor of the class stays a field', async () => {
  class Box {
    get size(): number {
      return 1;
    }
  }
  const box = Object.defineProperty(new Box(), 'size', { value: 5, enumerable: true });
  assert.equal(await link.run((b: Box) => b.size, box), 5);
});
