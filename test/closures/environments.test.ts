/** The same programs as they stand, through loaders, under a debugger, bundled, and with the inspector locked away. @module */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Format } from 'esbuild';

const require = createRequire(import.meta.url);
const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const tsx = dirname(require.resolve('tsx/package.json'));
const loader = pathToFileURL(join(tsx, 'dist/loader.mjs')).href;
const expected = [5, 10, 6, 'hi x', 'hi y meow 3', '\n', 2, 7, 13];
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'manyhands-closures-'));
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly lines: readonly string[];
  readonly errors: string;
}
async function finish(child: ChildProcess): Promise<Outcome> {
  let output = '';
  let errors = '';
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, `${output}\n${errors}`);
  return { lines: output.trim().split('\n'), errors };
}
const start = (args: readonly string[]): ChildProcess => {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  return spawn(process.execPath, args, { env: { ...env, NODE_NO_WARNINGS: '1' }, timeout: 60_000 });
};
/** Runs a program that prints `main` once, and then its results. */
async function run(...args: readonly string[]): Promise<unknown> {
  const { lines } = await finish(start(args));
  assert.equal(lines[0], 'main');
  assert.equal(lines.length, 2, 'no worker has loaded the main module');
  return JSON.parse(lines[1] as string);
}

test('TypeScript as it stands', async () => {
  assert.deepEqual(await run(fixture('programs/main.ts')), expected);
});
test('startmethodsma-15: TypeScript through tsx: loader and command', async () => {
  assert.deepEqual(await run('--import', loader, fixture('programs/main.ts')), expected);
  assert.deepEqual(await run(join(tsx, 'dist/cli.mjs'), fixture('programs/main.ts')), expected);
});
test('TypeScript in a CommonJS package through tsx', async () => {
  const main = join(folder, 'main.ts');
  const text = await readFile(fixture('programs/main.ts'), 'utf8');
  const link = JSON.stringify(fixture('link.ts'));
  await writeFile(main, text.replace("'../link.ts'", link).replace('await main()', 'void main()'));
  await copyFile(fixture('programs/program-lib.ts'), join(folder, 'program-lib.ts'));
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }');
  assert.deepEqual(await run('--import', loader, main), expected);
  await writeFile(join(folder, 'package.json'), '{}'); // no type: Node finds out
  assert.deepEqual(await run(main), expected);
});
test('CommonJS', async () => {
  const results = [8, 'object', 9, 6, '3main.cjstrue', 6, 9, 'functionmain.cjs'];
  assert.deepEqual(await run(fixture('programs/main.cjs')), results);
});
test('code from the command line', async () => {
  const link = JSON.stringify(pathToFileURL(fixture('link.ts')).href);
  const body = (load: string): string =>
    `console.log('main'); const k = 5; function twice(x) { return x * 2 } (async () => { ${load}
    const l = new Link(); console.log(JSON.stringify(await l.run((x) => twice(x) + k, 1))); l.end() })()`;
  assert.equal(await run('-e', body(`const { Link } = await import(${link});`)), 7);
  assert.equal(await run('--input-type=module', '-e', `import { Link } from ${link}; ${body('')}`), 7);
});

test('with --inspect', async () => {
  assert.deepEqual(await run('--inspect=127.0.0.1:0', fixture('programs/main.ts')), expected);
});
test('with a debugger attached that would stop at every exception', async () => {
  const child = start(['--inspect-wait=127.0.0.1:0', fixture('programs/main.ts')]);
  const url = await new Promise<string>((resolve) => {
    child.stderr?.on('data', (data: Buffer) => {
      const [found] = /ws:\S+/.exec(data.toString()) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const socket = new WebSocket(url);
  await once(socket, 'open');
  let pauses = 0;
  let id = 0;
  const send = (method: string, params: object = {}): void => {
    id += 1;
    socket.send(JSON.stringify({ id, method, params }));
  };
  socket.addEventListener('message', ({ data }) => {
    if (!String(data).includes('"Debugger.paused"')) return;
    pauses += 1;
    send('Debugger.resume');
  });
  send('Runtime.enable');
  send('Debugger.enable');
  send('Debugger.setPauseOnExceptions', { state: 'all' });
  send('Runtime.runIfWaitingForDebugger');
  child.stdout?.on('data', (data: Buffer) => {
    if (data.toString().includes('[')) socket.close();
  });
  const { lines } = await finish(child);
  assert.deepEqual(JSON.parse(lines.at(-1) as string), expected);
  assert.equal(pauses, 0);
});

for (const [format, minify] of [
  ['esm', false],
  ['esm', true],
  ['cjs', false],
  ['cjs', true],
] as [Format, boolean][]) {
  test(`startmethodsma-16 startmethodsma-18: bundled by esbuild: ${format}${minify ? ', minified' : ''}`, async () => {
    const outfile = join(folder, `bundle-${minify}.${format === 'esm' ? 'mjs' : 'cjs'}`);
    await build({
      entryPoints: [fixture('programs/bundled.ts')],
      outfile,
      format,
      minify,
      bundle: true,
      platform: 'node',
      target: 'node22',
      logLevel: 'error',
      plugins: [
        {
          name: 'the library stays outside',
          setup(builder) {
            builder.onResolve({ filter: /closures\/index\.ts$|link\.ts$/ }, ({ path, resolveDir }) => {
              const file = join(resolveDir, path);
              return { path: format === 'esm' ? pathToFileURL(file).href : file, external: true };
            });
          },
        },
      ],
    });
    const { lines } = await finish(start([outfile]));
    assert.deepEqual(JSON.parse(lines[0] as string), [11, 50, 3, 6, 10]);
  });
}

test('without the inspector: tasks, exports, and a clear error', async () => {
  const flags = ['--permission', '--allow-fs-read=*', '--allow-worker'];
  const { lines } = await finish(start([...flags, fixture('programs/locked-down.ts')]));
  assert.deepEqual(JSON.parse(lines[0] as string), [2, 3, 2, 'ERR_NO_INSPECTOR', true]);
});
