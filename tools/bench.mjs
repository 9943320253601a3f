/**
 * `npm run bench`: installs what is missing, the rivals in bench/ among it, and runs bench/run.ts on the project's own Node.
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, nodeBinary, root, run } from './project.mjs';

await ensureInstalled();
const folder = join(root, 'bench');
if (existsSync(join(folder, 'package.json'))) await ensureInstalled(folder);
const args = [join(folder, 'run.ts'), ...process.argv.slice(2)];
process.exitCode = (await run(nodeBinary(), args, { stdin: 'inherit' })).code;
