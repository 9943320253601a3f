/**
 * Packs the package and installs it somewhere else, as its users get it.
 * @module
 */
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './project.mjs';

/**
 * Packs `dist/` as it stands and installs the tarball below a folder.
 * @param {string} folder  created when missing; outside the repository
 * @returns {Promise<string>} the folder of the installed package
 */
export async function packAndInstall(folder) {
  mkdirSync(folder, { recursive: true });
  const packed = await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root);
  const start = packed.search(/^[[{]/m);
  const answer = JSON.parse(packed.slice(start));
  // an array up to npm 11, an object by package name from npm 12 on
  const { filename } = Array.isArray(answer) ? answer[0] : Object.values(answer)[0];
  writeFileSync(join(folder, 'package.json'), '{ "name": "elsewhere", "private": true, "type": "module" }\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  await npm(['install', ...quiet, join(folder, filename)], folder);
  return realpathSync(join(folder, 'node_modules', 'manyhands'));
}

/**
 * @param {string[]} args
 * @param {string} cwd
 */
async function npm(args, cwd) {
  const { code, output } = await run('npm', args, { cwd, capture: true, timeout: 120_000 });
  if (code !== 0) throw new Error(`"npm ${args[0]}" failed with exit code ${code} in ${cwd}:\n${output}`);
  return output;
}
