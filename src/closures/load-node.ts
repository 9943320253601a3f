/**
 * Nodes that a module has to give: loaded before anything else of a packet is made.
 * @module
 */
import { EncodeError } from '../errors/encode-error.ts';
import { adopt, originalOf, rememberImport } from './identity.ts';
import { commonJsModule, follow } from './known-values.ts';
import { pathText, readVariable } from './member-path.ts';
import { scopeWith } from './module-anchor.ts';
import { importFrom, loadModule } from './namespaces.ts';
import type { PacketNode } from './packet.ts';
import { findTask } from './task.ts';

/** Loads a node's value; undefined for a node that needs no module. */
export function loadNode(node: PacketNode): Promise<unknown> | undefined {
  switch (node[0]) {
    case 'reference':
      return loadReference(node);
    case 'import':
      return loadImport(node);
    case 'task':
      return findTask(node[1], node[2]);
    case 'namespace':
      return loadModule(node[1], true);
    case 'exports':
      return loadModule(node[1], false);
    case 'module':
      return node[2] >= 0 ? undefined : loadModule(node[1], false).then(() => commonJsModule(node[1]));
    default:
      return undefined;
  }
}

const loaded = { reference: true, import: true, task: true, namespace: true, exports: true };

/** Whether `loadNode` has something to do for a node. */
export const needsModule = (node: PacketNode): boolean => node[0] in loaded || (node[0] === 'module' && node[2] < 0);

async function loadReference(node: PacketNode & readonly ['reference', ...unknown[]]): Promise<Function> {
  const [, token, url, esm, from, path] = node;
  const original = originalOf(token);
  if (original !== undefined) return original;
  const exports = await loadModule(url, esm);
  const found = from === 'exports' ? follow(exports, path) : inScope(exports, url, path);
  if (typeof found === 'function') return adopt(token, found);
  const message = `${pathText(path)} is not in ${url} as this worker sees it; export it under that name, always.`;
  throw new EncodeError(message, { code: 'ERR_NOT_FOUND' });
}

function inScope(
  exports: unknown,
  url: string,
  [first, ...rest]: (PacketNode & readonly ['reference', ...unknown[]])[5],
): unknown {
  const scope = typeof first === 'string' ? scopeWith(exports, url, first) : undefined;
  return scope === undefined ? undefined : follow(readVariable(scope, first as string), rest);
}

async function loadImport(node: PacketNode & readonly ['import', ...unknown[]]): Promise<unknown> {
  const [, url, specifier, name, type] = node;
  const module = (await importFrom(url, specifier, type)) as Record<string, unknown>;
  const value = name === '*' ? module : module[name];
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') rememberImport(value, node);
  return value;
}
