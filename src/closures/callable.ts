/**
 * How one function or class travels: the ways are tried from the cheapest to the one that always works.
 *
 *     task()  →  reference found before  →  a value every thread has  →  bound function: its parts
 *             →  the call that made it  →  export of a module that is not the main one  →  by value
 * @module
 */
import { homeOf, packByValue } from './by-value.ts';
import { isNative } from './function-text.ts';
import { tokenOf } from './identity.ts';
import { hasInspector, type Insight, look } from './inspector.ts';
import { exportedByScript, isRequire, knownValue } from './known-values.ts';
import { bareUrl, isImportable, isMain, mainModule } from './main-module.ts';
import { readVariable } from './member-path.ts';
import type { PackContext } from './pack-context.ts';
import type { PacketNode, Ref } from './packet.ts';
import { type Made, madeSymbol } from './protocol-symbols.ts';
import { knownReference, referenceTo, searchReference } from './reference.ts';
import { scriptUrl } from './scripts.ts';
import { taskNode } from './task.ts';

/** How deep the data of a call is looked through. */
const DEEPEST = 16;

/** Whether what a class was made from makes the same for ever: data did so then, whatever becomes of it; functions may not. */
function stays(packer: PackContext, from: unknown, depth = 0): boolean {
  if (typeof from === 'function') return packer.isStable(from);
  if (typeof from !== 'object' || from === null) return true;
  return depth < DEEPEST && Object.values(from).every((each) => stays(packer, each, depth + 1));
}

/** Packs a function or class; `ref` is the node it will be. */
export function packCallable(packer: PackContext, fn: Function, ref: Ref): PacketNode {
  const cheap = taskNode(fn) ?? knownReference(fn);
  if (cheap !== undefined) return cheap;
  if (isNative(fn)) {
    const known = knownValue(fn);
    if (known !== undefined) return known;
  }
  const made = Object.hasOwn(fn, madeSymbol) ? (fn as unknown as Made)[madeSymbol] : undefined;
  if (made !== undefined) {
    const by = packer.add(made.by);
    const isStable = packer.stable;
    const from = made.from.map((each, i) => packer.at(`argument ${i + 1}`, () => packer.add(each)));
    packer.stable = isStable && made.from.every((each) => stays(packer, each));
    return ['call', tokenOf(fn), by, from];
  }
  if (!hasInspector()) return packBlindly(packer, fn, ref);
  const insight = look(fn);
  const { proxy, bound, location } = insight;
  if (proxy !== undefined) return packer.fail('ERR_PROXY', 'a Proxy cannot be sent; send the function behind it.');
  if (bound !== undefined) {
    const target = packer.at('bound function', () => packer.add(bound.target));
    const boundThis = packer.at('bound this', () => packer.add(bound.boundThis));
    return [
      'bound',
      target,
      boundThis,
      bound.args.map((each, i) => packer.at(`bound argument ${i + 1}`, () => packer.add(each))),
    ];
  }
  if (location === undefined) {
    const who = fn.name === '' ? 'this function' : `${fn.name}()`;
    return packer.fail(
      'ERR_NATIVE',
      `${who} is native code and has no source to send; call it inside a function of your own.`,
    );
  }
  const url = isFromConstructor(fn) ? '' : scriptUrl(location.scriptId);
  if (isRequire(fn)) return ['require', mainModule()];
  if (url.startsWith('node:')) return packNodes(packer, fn, url, insight);
  const file = bareUrl(url).split('/').at(-1) ?? '';
  const where = `${fn.name || '(anonymous)'} (${file || 'eval'}:${location.lineNumber + 1}:${location.columnNumber + 1})`;
  const byValue = (): PacketNode => packer.at(where, () => packByValue(packer, fn, insight, url));
  if (!isImportable(url) || isMain(url) || homeOf(insight.scopes) !== undefined) return byValue();
  const reference = referenceTo(fn, url, insight);
  if (!(reference instanceof Promise)) return reference ?? byValue();
  packer.confirm(ref, reference, byValue);
  return ['raw', undefined];
}

/** A function that was written in Node itself. */
function packNodes(packer: PackContext, fn: Function, url: string, { scopes }: Insight): PacketNode {
  const known = knownValue(fn) ?? exportedByScript(fn, url);
  if (known !== undefined) return known;
  const closure = url === 'node:internal/util' ? scopes.find((scope) => scope.names.includes('original')) : undefined;
  const original = closure === undefined ? undefined : readVariable(closure, 'original');
  if (typeof original === 'function')
    return ['promisified', packer.at('promisified function', () => packer.add(original))];
  const who = fn.name === '' ? 'this function' : `${fn.name}()`;
  return packer.fail(
    'ERR_NODE_INTERNAL',
    `${who} belongs to Node itself (${url}); import or make it inside the function that you send.`,
  );
}

/** `new Function(…)`: each is a script of its own, and asking for the name of a script that no call stack knows is slow. */
const isFromConstructor = (fn: Function): boolean =>
  fn.name === 'anonymous' && /^(?:async )?function\*? anonymous\(/.test(Function.prototype.toString.call(fn));

/** Without an inspector: only what can be found among exports. */
function packBlindly(packer: PackContext, fn: Function, ref: Ref): PacketNode {
  const found = isNative(fn) ? undefined : searchReference(fn);
  const give = (): PacketNode => {
    look(fn); // says why there is no inspector
    return packer.fail('ERR_NO_INSPECTOR', 'this function cannot be looked into.');
  };
  if (found === undefined) return give();
  if (!(found instanceof Promise)) return found;
  packer.confirm(ref, found, give);
  return ['raw', undefined];
}
