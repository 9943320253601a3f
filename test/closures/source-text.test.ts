/** What is told from text: masks, assignments, imports, exports, free names. @module */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assignsTo } from '../../src/closures/assignments.ts';
import { freeNames, takesNothing } from '../../src/closures/free-names.ts';
import { FunctionText, replaceImportMeta, textOf } from '../../src/closures/function-text.ts';
import { maskSource } from '../../src/closures/mask.ts';
import { SourceFile } from '../../src/closures/source-file.ts';

test('a mask keeps code and positions, and blanks the rest', () => {
  const cases: [string, string][] = [
    ['a = "b" + c', 'a = " " + c'],
    ["a = 'it\\'s' + c", "a = '     ' + c"],
    ['a // b\nc', 'a     \nc'],
    ['a /* b\n */ c', 'a     \n    c'],
    ['`x ${a + `y ${b}`} z` + c', '`   {a + `   {b}`}  ` + c'],
    ['`${{ a: 1 }.a}` + c', '` {{ a: 1 }.a}` + c'],
    ['a = /"[/]/g.test(b)', 'a = /    /g.test(b)'],
    ['a / b / c "d"', 'a / b / c " "'],
    ['return /x"/.test(y)', 'return /  /.test(y)'],
    ['(a) / b', '(a) / b'],
    ['if (a) /"/.test(b)', 'if (a) / /.test(b)'],
    ['while (f(a)) /`/.exec(b)', 'while (f(a)) / /.exec(b)'],
    ['for await (a of b) /[/*]/.exec(c)', 'for await (a of b) /    /.exec(c)'],
    ['if (a) {}\n/"/.test(b)', 'if (a) {}\n/ /.test(b)'],
    ['Symbol.for(a) / b / "c"', 'Symbol.for(a) / b / " "'],
    ['a.return / b / "c"', 'a.return / b / " "'],
    ['a++ / b / "c"', 'a++ / b / " "'],
    ['a! / b / "c"', 'a! / b / " "'],
    ['a + +/"/.source', 'a + +/ /.source'],
  ];
  for (const [source, masked] of cases) assert.equal(maskSource(source), masked, source);
});
test('a mask is as long as the source, whatever it is', () => {
  const piece = fc.constantFrom(...'ab /\\\'"`${}()[]\n*;=+'.split(''), '//', '/*', '*/', '${');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const source = pieces.join('');
      const masked = maskSource(source);
      assert.equal(masked.length, source.length);
      assert.equal(masked.split('\n').length, source.split('\n').length);
    }),
  );
});

const assigns = (code: string): boolean => assignsTo(maskSource(code), 'n');
test('assignments are seen', () => {
  const yes = [
    ...['n = 1', 'n += 1', 'n++', '--n', 'n ??= f()', 'n **= 2', 'n >>>= 1', 'n ||= 1', 'x = n = 1', 'a ? n = 1 : 0'],
    ...[
      '[n] = a',
      '[a, n] = [n, a]',
      '({ n } = o)',
      '({ a: n } = o)',
      '({ a: [n] } = o)',
      '[...n] = a',
      'for (n of a) {}',
    ],
    ...[
      'for (n in a) {}',
      'for ([n] of a) {}',
      'let n = 1; n = 2',
      'const n = 1; { n++ }',
      'eval("n = 1")',
      'if (n = 1) {}',
    ],
    ...['for (let i = 0; i < 3; n++) {}', 'for await (n of a) {}'],
    ...[
      'class A { x = n = 1 }',
      'class A { m() { n = 1; } }',
      'class A { static { n = 1 } }',
      'class A { x =\n  n = 1 }',
      'class A {} { n = 1 }',
    ],
    ...[
      'if (a) [b, n] = [n, b]',
      'while (f(a)) [n] = b',
      'for (;;) [n] = a',
      'for await (const a of b) [n] = a',
      'if (a) 1\nelse [n] = b',
      'do [n] = a; while (b)',
      'yield [n] = a',
    ],
    ...['(n) = 1', '(n)++', '((n)) += 1', 'if (a) (n) = 1', '[(n)] = a', 'for ((n) of a) {}'],
    ...['n! = 1', 'n! += 1', 'n!++', '(n as any) = 1', '(<any>n) = 1', '[n as any] = a'],
    `n /* ${'far'.repeat(20)} */ = 1`,
    `if (a) /['"\`]/.test(b); n = 1`,
  ];
  assert.deepEqual(
    yes.filter((code) => !assigns(code)),
    [],
  );
});
test('what only looks like one is not', () => {
  const no = [
    ...[
      'n == 1',
      'n === 1',
      'n => 1',
      'o.n = 1',
      'o?.n',
      'n >= 1',
      'n <= 1',
      'const n = 1',
      'let n = 1',
      'let a = 1, n = 2',
    ],
    ...[
      '// n = 1',
      '"n = 1"',
      '`n = 1`',
      'nn = 1',
      '$n = 1',
      '{ n: 1 }',
      'a[n] = 1',
      'const { n } = o',
      'const [n] = a',
    ],
    ...[
      'for (const n of a) {}',
      'const { a: [n] = [] } = o',
      '({ a: [c] = [n] } = {}) => c',
      'function f({ n } = {}) {}',
    ],
    ...['if (a === n) { b = 1 }', 'f(n)', 'x = n + 1', '[n]', 'this.#n = 1'],
    ...[
      'class A { n = n }',
      'class A extends b(C) { x = 1; n = n; static n = 1 }',
      'class {\n  m() { return 1; }\n  n = n\n}',
    ],
    ...[
      'f(a)[n] = 1',
      '(a)[n] = 1',
      'o.if(a)[n] = 1',
      'a[0][n] = 1',
      'if (n) ++a',
      'f(n)\n++a',
      '(n) => 1',
      '(n) == 1',
    ],
    ...['n != 1', 'n !== 1', 'n\n!a'],
  ];
  assert.deepEqual(no.filter(assigns), []);
});
const mayChange = (code: string): boolean => new SourceFile(code).mayAssign('n', 1);
test('a var assigns where it may run more than once for one variable', () => {
  const yes = [
    ...['for (;;) { var n = 1 }', 'for (;;) var n = 1', 'for (;;) if (a) var n = 1', 'do var n = 1; while (a)'],
    ...['for (var n of a) {}', 'for (var n = 0; ;) {}', 'while (a) { var { n } = b }', 'while (a) { var [b, n] = c }'],
    ...['while (a) { var b = 1, n = 2 }', 'for (;;) { var n: number = 2 }', 'function f() { for (;;) { var n = 1 } }'],
    ...[
      'switch (a) { case 1: var n = 1 }',
      'try {} catch (e) { var n = 1 }',
      'a: var n = 1',
      'if (a) {} else var n = 1',
    ],
    ...['var n = 1; var n = 2', 'function f(n) { var n = 1 }', 'n => { var n = 1 }', 'function n() {} var n = 1'],
  ];
  assert.deepEqual(
    yes.filter((code) => !mayChange(code)),
    [],
  );
  const no = [
    ...[
      'var n = 1',
      'f();\nvar n = 1',
      'f()\nvar n = 1',
      'export var n = 1',
      '"use strict"\nvar n = 1',
      'var a = 1, n = 2',
    ],
    ...['function f() { var n = 1; return n }', '(a) => { var n = 1 }', 'a => { f(); var n = 1 }', 'var { n } = a'],
    ...['for (;;) {} var n = 1', 'class A { m(a) { var n = 1 } }', 'var n = function n() {}'],
    ...['function f() { var n = 1 } function g() { var n = 2 }', 'for (;;) { let n = 1 }'],
  ];
  assert.deepEqual(no.filter(mayChange), []);
});
test('a var is undefined before it has its value, a constant is not', () => {
  const file = new SourceFile('const a = undefined; var n = 1;');
  assert.deepEqual(
    [file.mayAssign('n', undefined), file.mayAssign('n', 1), file.mayAssign('a', undefined)],
    [true, false, false],
  );
});

test('import statements, and what only looks like one', () => {
  const file = new SourceFile(`
    import def from './a.ts';
    import * as ns from "node:fs";
    import other, { x, y as z, type T } from './b.ts';
    import data from './c.json' with { type: 'json' };
    import type { Gone } from './d.ts';
    import type from './type.ts';
    // import hidden from './e.ts';
    const s = "import fake from './f.ts'";
    const t = \`import quoted from './g.ts'\`;
  `);
  assert.deepEqual(file.importOf('def'), { specifier: './a.ts', name: 'default', type: undefined });
  assert.deepEqual(file.importOf('ns'), { specifier: 'node:fs', name: '*', type: undefined });
  assert.deepEqual(file.importOf('other'), { specifier: './b.ts', name: 'default', type: undefined });
  assert.deepEqual(file.importOf('x'), { specifier: './b.ts', name: 'x', type: undefined });
  assert.deepEqual(file.importOf('z'), { specifier: './b.ts', name: 'y', type: undefined });
  assert.deepEqual(file.importOf('data'), { specifier: './c.json', name: 'default', type: 'json' });
  assert.deepEqual(file.importOf('type'), { specifier: './type.ts', name: 'default', type: undefined });
  for (const name of ['hidden', 'fake', 'quoted', 'Gone', 'y']) assert.equal(file.importOf(name), undefined, name);
});
test('minified imports', () => {
  const file = new SourceFile(`import{a as b,c}from"./x.js";import*as d from"./y.js";import e,{f}from'./z.js'`);
  assert.deepEqual([...file.imports.keys()], ['b', 'c', 'd', 'e', 'f']);
});
test('exports', () => {
  const file = new SourceFile(`
    export function a() {}  export async function* b() {}  export class C {}  export const d = 1;
    export { e, f as g };  export default function h() {}  "export const no = 1"
  `);
  assert.deepEqual(
    ['a', 'b', 'C', 'd', 'e', 'f', 'h'].map((name) => file.exports(name)),
    Array(7).fill(true),
  );
  assert.deepEqual(
    [file.exports('no'), file.exports('x'), file.exportsConstant('d'), file.exportsConstant('a')],
    [false, false, true, false],
  );
  assert.ok(file.hasDefaultExport);
});

test('import.meta is replaced where it is code, and nowhere else', () => {
  const source = 'f(import.meta.url, "import.meta", `${import . meta}`, x.import.meta) // import.meta';
  assert.equal(
    replaceImportMeta(source),
    'f($importMeta.url, "import.meta", `${$importMeta}`, x.import.meta) // import.meta',
  );
});

test('what a function was written as', () => {
  const kind = (code: string): string => {
    const { isArrow, isClass, isMethod } = new FunctionText(code);
    return isArrow ? 'arrow' : isClass ? 'class' : isMethod ? 'method' : 'function';
  };
  const cases: [string, string][] = [
    ...[
      'x => x',
      '(x) => x',
      'async x => x',
      'async (x) => x',
      '({ a = ")" }) => a',
      '(a /* => */) => a',
      '(f = () => 1) => f',
      'async () => {}',
    ].map((code): [string, string] => [code, 'arrow']),
    ...['class {}', 'class A extends B {}'].map((code): [string, string] => [code, 'class']),
    ...['function () {}', 'function* g() {}', 'async function f() {}', 'async function* f() {}'].map(
      (code): [string, string] => [code, 'function'],
    ),
    ...[
      'm() {}',
      'async m() {}',
      '*g() {}',
      'get x() {}',
      '[Symbol.iterator]() {}',
      'async(x) {}',
      'class() {}',
      '"a b"() {}',
      'x(f = () => 1) {}',
    ].map((code): [string, string] => [code, 'method']),
  ];
  for (const [code, expected] of cases) assert.equal(kind(code), expected, code);
});

test('free names, as V8 sees them', () => {
  const all = (code: string): string => [...freeNames(new FunctionText(code), true, () => true)].sort().join(' ');
  const cases: [string, string][] = [
    ['x => x * 2', ''],
    ['x => x * k', 'k'],
    ['(a, { b, c: [d] = e } = {}, ...f) => a + b + d + f.length', 'e'],
    ['function f(n) { return n ? f(n - 1) : g }', 'g'],
    ['() => { const k = 1; return () => k + m }', 'm'],
    ['() => o.k', 'o'],
    ['() => ({ k })', 'k'],
    ['() => ({ k: 1 })', ''],
    ['() => `${a} b`', 'a'],
    ['() => "a" /* b */', ''],
    ['class A extends B { #p = c; static s = d; m() { return super.m(this.#p, A) } }', 'B c d'],
    ['async () => { for await (const x of y) z(x) }', 'async y z'], // V8 is careful
    ['() => { try { a() } catch (b) { b() } }', 'a'],
    ['() => { label: for (;;) break label }', ''],
    ['method(x) { return x + k }', 'k'],
    ['get size() { return k }', 'k'],
    ['async *gen() { yield k }', 'k'],
    ['() => typeof k', 'k'],
    ['() => import(k)', 'k'],
    ['(async = 1) => async', ''],
  ];
  for (const [code, expected] of cases) assert.equal(all(code), expected, code);
});
test('a function that takes nothing', () => {
  assert.equal(
    takesNothing(
      textOf((x: number) => x * 2),
      true,
    ),
    true,
  );
  assert.equal(
    takesNothing(
      textOf(async (x: number) => await x),
      true,
    ),
    true,
  );
  assert.equal(
    takesNothing(
      textOf((x: number) => Math.sqrt(x)),
      true,
    ),
    false,
  );
});
