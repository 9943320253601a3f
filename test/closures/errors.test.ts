/** What cannot travel fails when it is sent, with a code, a path, and what to do. @module */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import net from 'node:net';
import { after, test } from 'node:test';
import { CodeBook, pack, type PackOptions } from '../../src/closures/index.ts';
import { EncodeError } from '../../src/errors/encode-error.ts';
import { ManyhandsError } from '../../src/errors/manyhands-error.ts';
import * as lib from './fixtures/lib.ts';
import { Link } from './fixtures/link.ts';
import { Entity, Locked } from './fixtures/shapes.ts';

const link = new Link();
after(() => link.end());
const options = (more: Partial<PackOptions> = {}): PackOptions => ({
  destination: 'thread',
  book: new CodeBook(),
  ...more,
});

/** Packing fails at once with this code, and the path and message match. */
function refuses(
  value: unknown,
  code: string,
  path: string | RegExp,
  message: RegExp,
  more: Partial<PackOptions> = {},
): void {
  assert.throws(
    () => pack(value, options(more)),
    (error: EncodeError) => {
      assert.ok(error instanceof EncodeError && error instanceof ManyhandsError);
      assert.equal(error.code, code);
      if (typeof path === 'string') assert.equal(error.path, path);
      else assert.match(error.path, path);
      assert.match(error.message, message);
      if (error.path !== '') assert.ok(error.message.startsWith(`${error.path}: `));
      return true;
    },
  );
}

test('the path leads from the argument to the culprit', () => {
  const job = Promise.resolve(1);
  const onDone = (): unknown => job;
  refuses(
    [{ opts: { onDone } }],
    'ERR_PROMISE',
    /^argument 1 > \.opts\.onDone > onDone \(errors\.test\.ts:\d+:\d+\) > captured variable 'job'$/,
    /await it first/,
    {
      root: 'arguments',
    },
  );
  refuses({ 'a b': [0, { job }] }, 'ERR_PROMISE', 'result > ["a b"][1].job', /Promise/, { root: 'result' });
});
test('native functions', () => {
  refuses(new Intl.Collator().compare, 'ERR_NATIVE', '', /native code/, { root: 'function' });
});
test('proxies of functions and of objects', () => {
  refuses(new Proxy(lib.add, {}), 'ERR_PROXY', '', /function behind it/);
  refuses([new Proxy({}, {})], 'ERR_PROXY', 'argument 1', /object behind it/, { root: 'arguments' });
});
test('the this of the function around an arrow: told from the text, or when it runs', async () => {
  const maker = {
    x: 1,
    make() {
      return () => this.x;
    },
    later() {
      return (): unknown => {
        if (lib.LIMIT > 0) {
          return this.x;
        }
        return 0;
      };
    },
  };
  refuses(maker.make(), 'ERR_LEXICAL_THIS', /^\(anonymous\) \(errors\.test\.ts:\d+:\d+\)$/, /const self = this/);
  await assert.rejects(link.run(maker.later()), { code: 'ERR_LEXICAL_THIS' });
});
test('the arguments of the function around an arrow', () => {
  const make = function (): () => unknown {
    return () => arguments.length;
  };
  refuses(make(), 'ERR_ARGUMENTS', /errors\.test\.ts/, /\.\.\.args/);
});
test('super in a method of an object', () => {
  const o = {
    m(): string {
      return super.toString();
    },
  };
  refuses(o.m, 'ERR_SUPER', /^m \(/, /send the class or an instance/);
});
test('a method that uses private members, without its class', () => {
  const { get } = (() => {
    class Hidden {
      #v = 1;
      get(): number {
        return this.#v;
      }
    }
    return new Hidden();
  })();
  refuses(get, 'ERR_SYNTAX', /^get \(/, /private \(#\) members/);
});
test('private fields that nobody carries', async () => {
  await assert.rejects(async () => await pack([new Locked()], options({ root: 'arguments' })), {
    code: 'ERR_PRIVATE_FIELDS',
    path: 'argument 1',
    message: /class Locked keeps private members \(#value\).*manyhands\.pack.*manyhands\.unpack/s,
  });
});
test('private fields below the class that defines the pair of methods', async () => {
  class Sub extends Entity {
    #own = 1;
    peek(): number {
      return this.#own;
    }
  }
  await assert.rejects(async () => await pack(new Sub('s'), options()), {
    code: 'ERR_PRIVATE_FIELDS',
    message: /class Sub keeps private members \(#own\) that .* of Entity knows nothing of/,
  });
});
test('promises, weak maps, generators, sockets, emitters', () => {
  const job = Promise.resolve(1);
  refuses(async () => await job, 'ERR_PROMISE', /captured variable 'job'$/, /await it first/);
  refuses({ a: [{ w: new WeakMap() }] }, 'ERR_NOT_CLONEABLE', '.a[0].w', /WeakMap/);
  refuses({ g: lib.count(1) }, 'ERR_NOT_CLONEABLE', '.g', /copied/);
  const server = net.createServer();
  refuses(() => server.address(), 'ERR_NOT_CLONEABLE', /captured variable 'server'$/, /class Server/);
  const bus = new EventEmitter();
  refuses(() => bus.emit('x'), 'ERR_NOT_CLONEABLE', /captured variable 'bus'$/, /class EventEmitter/);
  class Bus extends EventEmitter {}
  refuses(new Bus(), 'ERR_NOT_CLONEABLE', '', /class Bus extends EventEmitter/);
});
test('unique symbols, as values and as keys', () => {
  const mine = Symbol('mine');
  refuses(() => mine, 'ERR_SYMBOL', /captured variable 'mine'$/, /Symbol\.for/);
  refuses({ o: { [mine]: 1 } }, 'ERR_SYMBOL', '.o[Symbol(mine)]', /unique symbol/);
});
test('a variable that has no value yet', () => {
  const early = (): number => soon;
  refuses(early, 'ERR_TDZ', /captured variable 'soon'$/, /no value yet/);
  const soon = 1;
  assert.equal(early(), 1);
});
test('two closures over one variable that one of them changes', () => {
  const make = (): { inc(): number; get(): number } => {
    let n = 0;
    return {
      inc: () => {
        n += 1;
        return n;
      },
      get: () => n,
    };
  };
  const c = make();
  refuses(
    () => {
      c.inc();
      return c.get();
    },
    'ERR_SHARED_VARIABLE',
    '',
    /'n'.*state\.n/,
  );
});
test('two closures that hold the same object may be of one scope or of two', () => {
  const shared = { a: 1 };
  const make = (o: object) => {
    let n = 0;
    return (): unknown => {
      n += 1;
      return [n, o];
    };
  };
  const [f, g] = [make(shared), make(shared)];
  refuses(() => [f(), g()], 'ERR_SHARED_VARIABLE', '', /'n'/);
});
test('private methods alone', () => {
  class Quiet {
    #hush(): number {
      return 7;
    }
    go(): number {
      return this.#hush();
    }
  }
  refuses(new Quiet(), 'ERR_PRIVATE_FIELDS', '', /#hush/);
});
test('an arrow that is a field of an instance', () => {
  class Button {
    label = 'x';
    onClick = (): string => this.label;
  }
  refuses([new Button()], 'ERR_LEXICAL_THIS', /^argument 1 > \.onClick > onClick \(/, /'this'/, { root: 'arguments' });
});
test('a computed key that V8 shows nowhere', () => {
  const key = 'made';
  class Keyed {
    [key](): number {
      return 1;
    }
  }
  refuses(() => new Keyed(), 'ERR_SYNTAX', /captured variable 'Keyed' > Keyed \(/, /computed key .* 'key'/);
});
test('a function of Node itself that is in no table', () => {
  const { stdin } = process;
  refuses((stdin as unknown as { _read: unknown })._read, 'ERR_NODE_INTERNAL', '', /belongs to Node itself/);
});
test('an object whose prototype belongs to no class', () => {
  refuses(Object.create({ a: 1 }), 'ERR_NO_CLASS', '', /belongs to no class/);
});
test('an accessor that throws', () => {
  const o = {
    f(): number {
      return 1;
    },
    get bad(): number {
      throw new Error('oops');
    },
  };
  refuses([o], 'ERR_NOT_CLONEABLE', '[0].bad', /reading it threw Error: oops/);
});
test('a value that is nested deeper than the stack', () => {
  let list: unknown = null;
  for (let i = 0; i < 200_000; i += 1) list = { next: list };
  refuses(list, 'ERR_TOO_DEEP', '', /nested too deeply/);
});
test('one value that cannot be sent breaks nothing', async () => {
  await assert.rejects(
    link.run((x: unknown) => x, new WeakMap()),
    { code: 'ERR_NOT_CLONEABLE' },
  );
  await assert.rejects(
    link.run(() => new WeakMap()),
    { code: 'ERR_NOT_CLONEABLE', path: 'result' },
  );
  assert.equal(await link.run(lib.add, 1, 2), 3);
});
