/**
 * Which folder of src/ may import which. This is the design; it is not changed to make a build pass.
 *
 * A folder may import the folders that its arrows reach, followed to the end, and besides `errors` and `observe`, which
 * everybody may. `index` is the front door, src/index.ts.
 * @module
 */

/** A folder of src/. */
export interface Layer {
  /** What it is for, in a few words. */
  readonly purpose: string;
  /** Where its arrows point. */
  readonly to: readonly string[];
  /** Planned: the folder may be missing. */
  readonly planned?: true;
}

/** Folders that every other folder may import. */
export const ground: readonly string[] = ['errors', 'observe'];

/** The table, from the top of the house to its ground. */
export const layers: Readonly<Record<string, Layer>> = {
  cli: { purpose: 'the command', to: ['index'] },
  index: { purpose: 'front door: named re-exports', to: ['executors', 'advise', 'managers', 'wasm'] },
  advise: { purpose: 'which kind of worker, how many', to: ['executors'] },
  managers: { purpose: 'objects used from afar by proxies', to: ['executors', 'connections'] },
  executors: { purpose: 'a pool and its backend', to: ['pool', 'hybrid'] },
  hybrid: { purpose: 'backend: processes with threads', to: ['threads', 'processes'] },
  pool: { purpose: 'backlog, dispatch, healing; knows no backend', to: ['workers', 'futures'] },
  threads: { purpose: 'backend: worker_threads', to: ['workers'] },
  processes: { purpose: 'backend: child_process', to: ['workers'] },
  workers: { purpose: 'the one interface of all backends', to: ['messaging', 'closures', 'futures'] },
  messaging: { purpose: 'rings, queues, codecs', to: ['sync', 'closures'] },
  futures: { purpose: 'the promise of a result', to: ['sync'] },
  wasm: { purpose: 'WebAssembly in tasks', to: ['closures'] },
  closures: { purpose: 'any function to bytes and back', to: ['memory'] },
  connections: { purpose: 'pipes, sockets, waiting for any of them', to: ['queues'] },
  queues: { purpose: 'queues of values', to: ['shared'] },
  shared: { purpose: 'shared values, structs and maps', to: ['messaging'] },
  sync: { purpose: 'locks and their kin', to: ['memory'] },
  memory: { purpose: 'shared words, wait and wake', to: [] },
  observe: { purpose: 'events for whoever listens', to: [], planned: true },
  errors: { purpose: 'every error and its code', to: [] },
};

/** All folders that a folder may import. */
export function reachable(name: string, table: Readonly<Record<string, Layer>> = layers): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (from: string): void => {
    for (const to of table[from]?.to ?? []) {
      if (reached.has(to)) continue;
      reached.add(to);
      visit(to);
    }
  };
  visit(name);
  return reached;
}

/** What a folder may import, by name. The command stops at the front door: what lies behind it is not its business. */
export function allowed(name: string): ReadonlySet<string> {
  if (ground.includes(name)) return new Set();
  const reached = name === 'cli' ? new Set(layers['cli']?.to) : new Set(reachable(name));
  for (const folder of ground) reached.add(folder);
  if (name === 'index') for (const folder of Object.keys(layers)) if (folder !== 'cli') reached.add(folder);
  return reached;
}

/** Mermaid text of the table: an arrow from each folder to those it is built on. */
export function drawLayers(): string {
  const lines = ['flowchart TD'];
  for (const [name, { purpose, planned }] of Object.entries(layers)) {
    const title = name === 'index' ? 'index.ts' : `${name}/`;
    lines.push(`  ${name}["<b>${title}</b><br/>${purpose}${planned ? ' (planned)' : ''}"]`);
  }
  for (const [name, { to }] of Object.entries(layers)) if (to.length > 0) lines.push(`  ${name} --> ${to.join(' & ')}`);
  lines.push('  classDef ground fill:none,stroke-dasharray:4 3', `  class ${ground.join(',')} ground`);
  return lines.join('\n');
}
