/**
 * Sends every import of src/ to the installed package that MANYHANDS_PACKAGE names: loaded with `--require` in a test run
 * "from package", and through NODE_OPTIONS in everything that the tests start.
 *
 * How it works  What the package shows is where it is in src/: `src/index.ts` becomes `dist/index.js`. A test that asks for
 *               anything else fails, for there is no such file. Inside the package nothing is changed.
 * Why CommonJS  `--import` is left out of worker threads that are started from text; `--require` is not.
 * @module
 */
const { registerHooks } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const source = `${pathToFileURL(join(__dirname, '..', 'src')).href}/`;
const folder = process.env['MANYHANDS_PACKAGE'];

if (folder !== undefined) {
  const dist = `${pathToFileURL(folder).href}/dist/`;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      if (!resolved.url.startsWith(source)) return resolved;
      const url = dist + resolved.url.slice(source.length).replace(/\.ts(?=$|[?#])/, '.js');
      return { ...resolved, url, format: 'module' };
    },
  });
}
