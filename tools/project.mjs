/**
 * What every tool here needs: where the project is, which Node runs it, and how to get what is missing.
 *
 * How it works  The tools must start on whatever Node the machine has (18 or later), so they are plain JavaScript and load
 *               nothing but built-in modules. They then run everything else on the project's own Node, which is a
 *               development dependency (docs/decisions/0001-node-from-npm.md).
 * @module
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Majors of Node that are supported, the one that development runs on first. */
export const nodeMajors = /** @type {const} */ (['26', '24', '22']);

/**
 * Path of the project's own Node of a major version.
 * @param {string} [major]
 * @returns {string}
 */
export function nodeBinary(major = nodeMajors[0]) {
  const name = major === nodeMajors[0] ? 'node' : `node-${major}`;
  return join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * Path of the JavaScript file behind a development dependency's command.
 * @param {string} packageName
 * @param {string} [command]
 * @returns {string}
 */
export function commandFile(packageName, command = packageName) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = readJson(join(folder, 'package.json'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/**
 * @param {string} file
 * @returns {any} whatever the file holds
 */
export function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * @typedef {object} Outcome
 * @property {number} code      exit code; 128 + N when signal N ended it
 * @property {string} output    standard output and error, when captured
 */

/**
 * Runs a program to its end, without a standard input.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, capture?: boolean, timeout?: number, stdin?: 'inherit' | 'ignore' }} [options]
 * @returns {Promise<Outcome>}
 */
export function run(program, args, options = {}) {
  const { cwd = root, env = process.env, capture = false, timeout, stdin = 'ignore' } = options;
  return new Promise((resolve, reject) => {
    const out = capture ? 'pipe' : 'inherit';
    // npm is a script on Windows, which only a shell can start
    const shell = process.platform === 'win32' && program === 'npm';
    const child = spawn(program, args, { cwd, env: projectFirst(env), stdio: [stdin, out, out], timeout, shell });
    let output = '';
    const add = (/** @type {Buffer} */ chunk) => {
      output += chunk;
    };
    child.stdout?.on('data', add);
    child.stderr?.on('data', add);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== null)
        output += `\n(ended by ${signal}${timeout === undefined ? '' : `; the limit is ${timeout / 1000} s`})\n`;
      resolve({ code: code ?? 128 + 15, output });
    });
  });
}

/**
 * Puts the project's own commands, Node among them, before the machine's.
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
function projectFirst(env) {
  const bin = join(root, 'node_modules', '.bin');
  const separator = process.platform === 'win32' ? ';' : ':';
  const path = env['PATH'] ?? '';
  return path.split(separator)[0] === bin ? env : { ...env, PATH: `${bin}${separator}${path}` };
}

/**
 * What a folder's package.json asks for and its node_modules does not hold, in the versions that are pinned there.
 * @param {string} folder
 * @returns {string[]}
 */
export function missingPackages(folder) {
  const { dependencies = {}, devDependencies = {} } = readJson(join(folder, 'package.json'));
  const missing = [];
  for (const [name, spec] of Object.entries({ ...dependencies, ...devDependencies })) {
    const file = join(folder, 'node_modules', name, 'package.json');
    const wanted = spec.startsWith('npm:') ? spec.slice(spec.lastIndexOf('@') + 1) : spec;
    if (!existsSync(file)) missing.push(`${name}@${wanted}`);
    else if (/^\d/.test(wanted) && readJson(file).version !== wanted) missing.push(`${name}@${wanted}`);
  }
  return missing;
}

/**
 * Installs what is missing, or ends this process with the reason why it cannot be used.
 *
 * `MANYHANDS_NO_INSTALL=1` forbids installing; then what is missing is named and nothing is run.
 * @param {string} [folder]
 */
export async function ensureInstalled(folder = root) {
  const isRoot = folder === root;
  const missing = missingPackages(folder);
  const withoutNode = () => isRoot && nodeMajors.some((major) => !existsSync(nodeBinary(major)));
  if (missing.length === 0 && !withoutNode()) return;
  const reason = missing.length === 0 ? 'the project’s own Node' : shortList(missing);
  if (process.env['MANYHANDS_NO_INSTALL'] === '1') {
    stop(`Missing: ${reason}. MANYHANDS_NO_INSTALL=1 forbids installing it; run "npm ci" in ${folder} first.`);
  }
  console.error(`Missing: ${reason}. Installing with "npm ci" …`);
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  if (missing.length > 0) await npm(['ci', ...quiet], folder);
  // A machine that blocks install scripts by default leaves the Node packages empty: run just those
  if (withoutNode()) await npm(['rebuild', 'node', 'node-24', 'node-22', '--ignore-scripts=false', ...quiet], folder);
  if (withoutNode()) {
    stop(
      'The Node packages were installed without their binaries: their install scripts are blocked on this machine. Allow them for "node", then run "npm ci".',
    );
  }
}

/**
 * @param {string[]} args
 * @param {string} cwd
 */
async function npm(args, cwd) {
  const { code } = await run('npm', args, { cwd });
  if (code !== 0) {
    stop(
      `"npm ${args[0]}" failed with exit code ${code} in ${cwd}. Is the registry reachable and the folder writable?`,
    );
  }
}

/** @param {readonly string[]} names */
function shortList(names) {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more packages` : shown;
}

/**
 * Ends the process with a message and exit code 1.
 * @param {string} message
 * @returns {never}
 */
export function stop(message) {
  console.error(message);
  process.exit(1);
}
