/**
 * The package as its users get it: packed, installed in an empty folder elsewhere, imported by name on every supported Node.
 * @module
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { majors, nodeOf, root } from '../project-node.ts';
import { runProgram } from '../run-program.ts';

/** What `loaded-modules.mjs` prints. */
interface Loaded {
  readonly builtins: readonly string[];
  readonly files: readonly string[];
}

interface Manifest {
  readonly version: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const folder = mkdtempSync(join(tmpdir(), 'manyhands-package-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const installed = join(folder, 'node_modules', 'manyhands');
let files: readonly string[] = [];

before(
  async () => {
    // its own process: the tools are plain JavaScript without types, and print what went wrong
    const script = `import { packAndInstall } from ${JSON.stringify(new URL('../../tools/pack-and-install.mjs', import.meta.url).href)};
await packAndInstall(process.argv[1]);`;
    const end = await runProgram(process.execPath, ['--input-type=module', '-e', script, folder], {
      cwd: root,
      timeout: 170_000,
    });
    assert.equal(end.code, 0, `packing or installing failed:\n${end.stdout}${end.stderr}`);
    files = filesBelow(installed, '');
  },
  { timeout: 180_000 },
);

function filesBelow(path: string, prefix: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(path, entry.name), `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`],
  );
}

const manifest = (): Manifest => JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;

/** A program that uses what the front door offers, written as a user's own JavaScript. */
const program = `
import * as manyhands from 'manyhands';
import { Pool, Process, Thread } from 'manyhands';

const factor = 3;
const report = { names: Object.keys(manyhands).length };
for (const kind of ['inline', 'thread', 'process', 'hybrid']) {
  const pool = new Pool({ kind, workers: 2 });
  report[kind] = await pool.map((x) => x * factor, [1, 2, 3]);
  await pool.close();
}
const thread = new Thread((name) => 'hello ' + name, ['thread']);
thread.start();
report.threadSays = await thread.join();
const child = new Process((name) => 'hello ' + name, ['process']);
child.start();
report.processSays = await child.join();
try {
  await new Pool({ workers: -1 });
} catch (error) {
  report.code = error.code;
  report.isOurs = error instanceof manyhands.ManyhandsError;
}
console.log(JSON.stringify(report));
`;

const typedProgram = `
import { type Future, ManyhandsError, Pool } from 'manyhands';
const pool = new Pool({ kind: 'thread' });
const sum: Future<number> = pool.submit((a: number, b: number) => a + b, 1, 2);
const squares: number[] = await pool.map((x) => x * x, [1, 2, 3]);
const error: Error = new ManyhandsError('x', { code: 'ERR_X' });
export { error, squares, sum };
`;

describe('the packed package', () => {
  test('holds what is published and nothing else', () => {
    for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/index.js', 'dist/index.d.ts']) {
      assert.ok(files.includes(file), `${file} is not in the package`);
    }
    const other = files.filter(
      (file) => !/^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.+\.(?:js|d\.ts))$/.test(file),
    );
    assert.deepEqual(other, []);
  });

  test('ships no TypeScript source: Node refuses to run one below node_modules', () => {
    assert.deepEqual(
      files.filter((file) => /(?<!\.d)\.[cm]?ts$/.test(file)),
      [],
    );
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      const text = readFileSync(join(installed, file), 'utf8');
      const left = /(?:from\s*|import\s*\(\s*|import\s*|new URL\(\s*)'\.[^'\n]*\.ts'/.exec(text)?.[0];
      assert.equal(left, undefined, `${file} still names a .ts file: ${left}`);
    }
  });

  test('has the entry files of threads and processes', () => {
    const entries = files.filter((file) => /^dist\/entry\/.+\.js$/.test(file));
    assert.deepEqual(entries.toSorted(), [
      'dist/entry/hybrid-process.js',
      'dist/entry/process-worker.js',
      'dist/entry/shared.js', // loaded by nobody, as `sync.js`: they say what is to become a file of its own
      'dist/entry/sync.js',
      'dist/entry/thread-worker.js',
    ]);
  });

  test('calls its classes what they are called', async () => {
    const exports = (await import(pathToFileURL(join(installed, 'dist', 'index.js')).href)) as Record<string, unknown>;
    const renamed = Object.entries(exports).filter(
      ([name, value]) => typeof value === 'function' && value.name !== '' && value.name !== name,
    );
    assert.deepEqual(renamed, []);
  });

  test('costs an importer few files and little text', async () => {
    const reader = join(root, 'test', 'architecture', 'fixtures', 'loaded-modules.mjs');
    const front = pathToFileURL(join(installed, 'dist', 'index.js')).href;
    const { stdout, stderr } = await runProgram(process.execPath, [reader, front]);
    const loaded = JSON.parse(stdout || '{"files":[],"builtins":[]}') as Loaded;
    const own = loaded.files.map((url) => fileURLToPath(url)).filter((file) => file.startsWith(installed));
    assert.ok(own.length > 0, stderr);
    assert.ok(own.length <= 5, `loads ${own.length} files`);
    const bytes = own.reduce((sum, file) => sum + statSync(file).size, 0);
    assert.ok(bytes <= 600_000, `loads ${bytes} bytes`);
    // What a module of Node's loads when all that it exports is read; and what is slow to load.
    const heavy = loaded.builtins.filter((name) =>
      /^(?:crypto|tls|https?|zlib|readline|inspector|test)$|promises$|readline|repl|diff$/.test(name),
    );
    assert.deepEqual(
      heavy.filter((name) => !/^(?:timers|stream)\/promises$/.test(name)),
      [],
    );
  });

  test('costs a thread only the parts that its function uses', async () => {
    const hooks = join(folder, 'hooks.mjs');
    const file = join(folder, 'parts.mjs');
    writeFileSync(
      hooks,
      `import { registerHooks } from 'node:module';
globalThis.loaded = [];
registerHooks({ load: (url, context, next) => (globalThis.loaded.push(url), next(url, context)) });`,
    );
    writeFileSync(
      file,
      `import { Lock, sleepSync, Thread } from 'manyhands';
class Own extends Thread {
  constructor(lock) {
    super();
    this.lock = lock;
  }
  run() {
    this.lock.acquireSync().release();
    return parts();
  }
}
const parts = () => globalThis.loaded.filter((url) => /manyhands.dist.+\\.js$/.test(url)).length;
const options = { execArgv: ['--import', ${JSON.stringify(pathToFileURL(hooks).href)}] };
const loaded = [];
for (const thread of [new Thread(() => (sleepSync(0), parts()), [], options), new Own(new Lock())]) {
  thread.start();
  loaded.push(await thread.join());
}
console.log(JSON.stringify(loaded));`,
    );
    const { stdout, stderr } = await runProgram(process.execPath, ['--import', pathToFileURL(hooks).href, file], {
      cwd: folder,
    });
    // its entry and what all workers need; and the file of locks and threads
    assert.equal(stdout.trim(), '[2,3]', stderr);
  });

  for (const major of majors) {
    test(`runs on Node ${major}`, { timeout: 120_000 }, async () => {
      const file = join(folder, 'program.mjs');
      writeFileSync(file, program);
      const { code, signal, stdout, stderr } = await runProgram(nodeOf(major), [file], {
        cwd: folder,
        env: { NODE_OPTIONS: undefined },
      });
      assert.equal(code, 0, `exit code ${code}, signal ${signal}\n${stdout}\n${stderr}`);
      const { names, ...report } = JSON.parse(stdout) as { names: number };
      assert.ok(names > 10, `only ${names} names`);
      assert.deepEqual(report, {
        inline: [3, 6, 9],
        thread: [3, 6, 9],
        process: [3, 6, 9],
        hybrid: [3, 6, 9],
        threadSays: 'hello thread',
        processSays: 'hello process',
        code: 'ERR_INVALID_OPTION',
        isOurs: true,
      });
      assert.doesNotMatch(stderr, /warning/i);
    });
  }

  for (const major of majors) {
    test(`can be required from CommonJS on Node ${major}`, { timeout: 60_000 }, async () => {
      const file = join(folder, 'program.cjs');
      writeFileSync(file, `const { Pool } = require('manyhands');\nconsole.log(typeof Pool);\n`);
      const { stdout, stderr } = await runProgram(nodeOf(major), [file], {
        cwd: folder,
        env: { NODE_OPTIONS: undefined },
      });
      assert.equal(stdout, 'function\n', stderr);
    });
  }

  test('has its command, ready to be executed', (t) => {
    const commands = Object.entries(manifest().bin ?? {});
    if (commands.length === 0) return t.skip('package.json names no command');
    for (const [name, file] of commands) {
      const path = join(installed, file);
      assert.ok(files.includes(file.replace(/^\.\//, '')), `bin ${name}: ${file} is not in the package`);
      assert.match(readFileSync(path, 'utf8'), /^#!\/usr\/bin\/env node\n/, `${file} has no #! line`);
      if (process.platform !== 'win32') assert.ok(statSync(path).mode & 0o100, `${file} cannot be executed`);
    }
  });

  for (const module of ['nodenext', 'node20', 'esnext'] as const) {
    test(`has types that resolve under module ${module}`, { timeout: 120_000 }, async () => {
      const file = join(folder, 'typed.ts');
      writeFileSync(file, typedProgram);
      const config = join(folder, `tsconfig.${module}.json`);
      const moduleResolution = module === 'esnext' ? 'bundler' : module === 'node20' ? 'node16' : module;
      const compilerOptions = {
        module,
        moduleResolution,
        target: 'es2023',
        lib: ['es2023', 'esnext.disposable'],
        types: ['node'],
        typeRoots: [join(root, 'node_modules', '@types')],
        strict: true,
        noEmit: true,
        skipLibCheck: false,
      };
      writeFileSync(config, JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const { stdout, stderr } = await runProgram(process.execPath, [tsc, '-p', config], { cwd: folder });
      assert.equal(stdout + stderr, '');
    });
  }

  test('brings few packages along', () => {
    const brought = readdirSync(join(folder, 'node_modules')).filter(
      (name) => !name.startsWith('.') && name !== 'manyhands',
    );
    const direct = Object.keys(manifest().dependencies ?? {});
    assert.ok(direct.length <= 4, `depends on ${direct.join(', ')}`);
    assert.ok(brought.length <= 24, `brings ${brought.length} packages: ${brought.join(', ')}`);
  });
});
