/**
 * `npm run demo`: installs what is missing and runs examples/demo/run.ts on the project's own Node.
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, nodeBinary, root, run } from './project.mjs';

await ensureInstalled();
const folder = join(root, 'examples', 'demo');
// The demo may bring packages of its own, so that the library's stay few
if (existsSync(join(folder, 'package.json'))) await ensureInstalled(folder);
const args = [join(folder, 'run.ts'), ...process.argv.slice(2)];
process.exitCode = (await run(nodeBinary(), args, { stdin: 'inherit' })).code;
