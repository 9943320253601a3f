/**
 * Builds dist/ from src/: declarations with tsc, and the code as a few files with esbuild.
 *
 * How it works  Loading a file costs a program about 0.3 ms, and src/ has many, so what is always loaded together becomes one
 *               file: esbuild cuts the code where the entries (front door, workers, command) differ in what they need. Names stay
 *               readable; comments stay in src. Workers find their entries in `entry/`, beside the shared files.
 *               All goes into a folder beside dist/, which then takes its place, so that whatever runs from dist/ meanwhile
 *               never sees half of it and a failed build leaves the last one standing.
 * @module
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commandFile, ensureInstalled, nodeBinary, readJson, root, run } from './project.mjs';

/**
 * What all workers need. Each kind names it all, so that it becomes one file: one more file to load costs more than a few kilobytes.
 */
const worker = [
  'src/workers/runtime/worker-runtime.ts',
  'src/workers/heap-cargo.ts',
  'src/threads/roll.ts',
  'src/memory/system-thread.ts',
  'src/processes/owner-line.ts',
  'src/processes/end-by-signal.ts',
  'src/sync/given-lot.ts',
];
/** What a worker needs for a lock, and for a class that extends `Thread`. */
const sync = ['src/sync/index.ts', 'src/threads/thread.ts', 'src/processes/process.ts', ...worker];
/**
 * Files that something else than an import starts, and what is loaded with each. What a worker needs for a lock, and for a struct or a
 * queue, is cut off from the rest: many need none, and none needs all.
 */
const entries = {
  index: ['src/index.ts'],
  'entry/thread-worker': ['src/threads/entry/thread-worker.ts', ...worker],
  'entry/process-worker': ['src/processes/entry/process-worker.ts', ...worker],
  'entry/hybrid-process': ['src/hybrid/entry/hybrid-process.ts', ...sync],
  'entry/sync': sync,
  'entry/shared': ['src/shared/index.ts', 'src/queues/index.ts', ...sync],
  'cli/entry/manyhands': ['src/cli/entry/manyhands.ts'],
};

/** Letters in a line of dist/, about. */
const LINE = 120;

/** @returns {Promise<import('./project.mjs').Outcome>} */
export async function build() {
  const dist = join(root, 'dist');
  const fresh = join(root, '.cache', `dist-${process.pid}`);
  const old = `${fresh}-old`;
  mkdirSync(join(root, '.cache'), { recursive: true });
  try {
    const outcome = await declarations(fresh);
    if (outcome.code !== 0) return outcome;
    await code(fresh);
    await plainText(fresh);
    /** @type {Record<string, string>} */
    const commands = readJson(join(root, 'package.json')).bin ?? {};
    for (const file of Object.values(commands)) chmodSync(join(fresh, file.replace(/^(\.\/)?dist\//, '')), 0o755);
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
    return outcome;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

/** @param {string} folder */
function declarations(folder) {
  const args = [commandFile('typescript', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', folder];
  return run(nodeBinary(), args, { capture: true });
}

/** An entry is a list of files.
 * @type {import('esbuild').Plugin}
 */
const entryFiles = {
  name: 'entries',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^entry:/ }, ({ path }) => ({ path: path.slice('entry:'.length), namespace: 'entry' }));
    onResolve({ filter: /./, namespace: 'entry' }, ({ path }) => ({ path: join(root, path), sideEffects: true }));
    onLoad({ filter: /./, namespace: 'entry' }, ({ path }) => ({
      contents: entries[/** @type {keyof typeof entries} */ (path)]
        .map((file) => `export * from '${file}';`)
        .join('\n'),
      resolveDir: root,
    }));
  },
};

/**
 * What is loaded late is loaded by the front door, and finds all that it needs there. Named here, or esbuild would cut what both need
 * off from what only the front door does.
 * @type {import('esbuild').Plugin}
 */
const lateFiles = {
  name: 'late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ path, kind, resolveDir, namespace }) =>
      kind === 'dynamic-import' && namespace === 'file'
        ? { path: join(resolveDir, path), namespace: 'late' }
        : undefined,
    );
    onResolve({ filter: /./, namespace: 'late' }, ({ path }) => ({ path }));
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: `export * from '${path}';\nexport * as frontDoor from '${join(root, 'src/index.ts')}';`,
      resolveDir: root,
    }));
  },
};

/**
 * Leaves out what is written for whoever reads the source; the declarations have it for whoever uses the library. A tenth of the text,
 * which every thread would read.
 * @type {import('esbuild').Plugin}
 */
const withoutDocs = {
  name: 'without docs',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(/^[ \t]*(?:\/\*\*(?:(?!\*\/)[^])*\*\/|\/\/ [A-Z].*)\n/gm, ''),
      loader: 'ts',
    }));
  },
};

/** @param {string} folder */
async function code(folder) {
  // Loaded here: whoever only checks whether everything is installed has no esbuild yet.
  const { build: bundle } = await import('esbuild');
  await bundle({
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, { length, 0: only }]) => ({
      in: length === 1 ? /** @type {string} */ (only) : `entry:${out}`,
      out,
    })),
    plugins: [entryFiles, lateFiles, withoutDocs],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    packages: 'external',
    chunkNames: 'shared-[hash]',
    minifySyntax: true,
    keepNames: false,
    legalComments: 'none',
    logLevel: 'silent',
  });
}

/**
 * Writes what is not ASCII as something that is. esbuild leaves it in comments only, and a single such letter makes V8 keep the
 * whole file in two bytes a letter, in every thread. And leaves out spaces and ends of lines that mean nothing, a fifth of all that would be
 * read; lines are kept short, so that a place in a stack trace can be found.
 * @param {string} folder
 */
async function plainText(folder) {
  const { transform } = await import('esbuild');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.js')) continue;
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    const plain = text.replaceAll(/^\/\/ src\/.*\n/gm, ''); // where each part comes from, which stack traces do not show
    const named = withBuiltins(plain).replaceAll('\u2026', '...');
    // oxlint-disable-next-line no-control-regex
    const { code: dense } = await transform(named.replaceAll(/[^\x00-\x7f]/g, '?'), {
      minifyWhitespace: true,
      lineLimit: LINE,
      legalComments: 'none',
    });
    writeFileSync(file, withClassNames(dense));
  }
}

/**
 * Takes from Node's modules what is needed, without `import`, which reads all that a module has: of `node:fs`, `node:util` and `node:v8`
 * that loads some thirty modules more, in every thread.
 * @param {string} text
 */
function withBuiltins(text) {
  const modules = new Set();
  const taking = text.replaceAll(
    /^import (\w+)?(?:, )?(\{[^}]*\})? from "node:([\w/]+)";$/gm,
    (
      _,
      /** @type {string | undefined} */ all,
      /** @type {string | undefined} */ some,
      /** @type {string} */ module,
    ) => {
      modules.add(module);
      const taken = [all, some?.replaceAll(/(\w+) as (\w+)/g, '$1: $2')].filter((each) => each !== undefined);
      return `var ${taken.map((each) => `${each} = ${heldAs(module)}`).join(', ')};`;
    },
  );
  const held = Array.from(modules, (each) => `var ${heldAs(each)} = process.getBuiltinModule("node:${each}");\n`);
  return taking.replace(/^(?:#!.*\n)?/, (first) => first + held.join(''));
}

/** @param {string} module */
const heldAs = (module) => `$${module.replace('/', '$')}`;

/**
 * Gives classes their names back: one that speaks of itself is `Lock = class _Lock` when esbuild is done, and its name is seen in
 * errors, by `inspect` and by whoever asks for `constructor.name`.
 * @param {string} text
 */
function withClassNames(text) {
  let named = text;
  for (const [, name = ''] of text.matchAll(/\w+\s*=\s*class _(\w+)/g))
    named = named.replaceAll(new RegExp(`(?<![\\w.$])_${name}(?![\\w$])`, 'g'), name);
  return named;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await ensureInstalled();
  const { code: exit, output } = await build();
  if (output !== '') console.error(output.trimEnd());
  process.exitCode = exit;
}
