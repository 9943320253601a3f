/**
 * `npm run check`: everything that can be said about the code without running its tests.
 *
 * How it works  Steps that do not need each other run side by side; a step that passes prints one line, a step that fails
 *               prints all that it said. All steps run whatever happens, so one run shows everything there is to mend.
 * Use           `npm run check` for all steps, `npm run check -- types lint` for some.
 * @module
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { commandFile, ensureInstalled, nodeBinary, nodeMajors, root, run, stop } from './project.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} mend               what to do when it fails
 * @property {readonly string[]} [after] steps that must have passed
 * @property {() => Promise<import('./project.mjs').Outcome>} run
 */

/**
 * @param {string} packageName
 * @param {string} command
 * @param {...string} args
 */
const tool = (packageName, command, ...args) =>
  run(nodeBinary(), [commandFile(packageName, command), ...args], { capture: true, env: plainEnv, timeout: 300_000 });

/**
 * Runs commands one after the other, up to the first that fails.
 * @param {...(() => Promise<import('./project.mjs').Outcome>)} commands
 */
async function inTurn(...commands) {
  let output = '';
  for (const command of commands) {
    const outcome = await command();
    output += outcome.output;
    if (outcome.code !== 0) return { code: outcome.code, output };
  }
  return { code: 0, output };
}

async function architecture() {
  const args = [join(root, 'tools', 'test.mjs'), '--node', nodeMajors[0], '--from', 'src', 'test/architecture'];
  return run(nodeBinary(), args, { capture: true, env: plainEnv, timeout: 300_000 });
}

const plainEnv = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_OPTIONS: undefined };

/** @type {readonly Step[]} */
const steps = [
  {
    name: 'types',
    mend: 'tsc -p . (the whole repository), tsc -p tools (the plain JavaScript in tools/)',
    run: () =>
      inTurn(
        () => tool('typescript', 'tsc', '--noEmit', '-p', 'tsconfig.json'),
        () => tool('typescript', 'tsc', '--noEmit', '-p', 'tools/tsconfig.json'),
      ),
  },
  {
    name: 'lint',
    mend: 'npm run lint -- --fix mends some of it',
    run: () =>
      tool(
        'oxlint',
        'oxlint',
        '--type-aware',
        '--deny-warnings',
        '--report-unused-disable-directives',
        '--format=unix',
      ),
  },
  {
    name: 'format',
    mend: 'npm run format',
    run: () => tool('@biomejs/biome', 'biome', 'format', '--colors=off', '--reporter=summary', '.'),
  },
  {
    name: 'dead code',
    mend: 'take out what nothing uses (knip.json names the entries)',
    run: () => tool('knip', 'knip', '--no-progress'),
  },
  {
    name: 'architecture',
    mend: 'the message names the rule; test/architecture/README.md says why it is there',
    run: architecture,
  },
  { name: 'build', mend: 'tsc -p tsconfig.build.json', run: build },
  {
    name: 'package',
    mend: 'publint (fields of package.json) and attw (whether the types resolve)',
    after: ['build'],
    run: () =>
      inTurn(
        () => tool('publint', 'publint', '--strict'),
        () => tool('@arethetypeswrong/cli', 'attw', '--pack', '.', '--profile', 'esm-only', '--no-emoji', '--no-color'),
      ),
  },
];

await ensureInstalled();
const asked = process.argv.slice(2);
const names = steps.map((step) => step.name.replace(' ', '-'));
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) stop(`No such step: ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
const wanted = steps.filter((_, index) => asked.length === 0 || asked.includes(names[index] ?? ''));

const started = performance.now();
/** @type {Map<string, Promise<boolean>>} */
const results = new Map();
/** @type {(() => void)[]} */
const waiting = [];
let free = Math.max(2, availableParallelism());
const enter = async () => {
  if (free > 0) free -= 1;
  else await new Promise((/** @type {(value: void) => void} */ resolve) => waiting.push(resolve));
};
const leave = () => {
  const next = waiting.shift();
  if (next === undefined) free += 1;
  else next();
};

/** @param {Step} step */
async function perform(step) {
  for (const earlier of step.after ?? []) {
    if ((await results.get(earlier)) !== false) continue;
    console.log(`- ${step.name.padEnd(14)} not run: needs "${earlier}"`);
    return false;
  }
  await enter();
  const from = performance.now();
  const { code, output } = await step.run().catch((error) => ({ code: 1, output: `${error.stack}\n` }));
  leave();
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  console.log(`${code === 0 ? '✔' : '✖'} ${step.name.padEnd(14)} ${seconds.padStart(5)} s`);
  if (code === 0) return true;
  console.log(output.trimEnd().replace(/^/gm, '    '));
  console.log(`    to mend: ${step.mend}\n`);
  return false;
}

for (const step of wanted) results.set(step.name, perform(step));
const passed = await Promise.all(results.values());
const failed = wanted.filter((_, index) => passed[index] === false).map((step) => step.name);
const total = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  failed.length === 0
    ? `All ${wanted.length} checks passed in ${total} s.`
    : `Failed: ${failed.join(', ')} (${total} s).`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
