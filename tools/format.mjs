/**
 * `npm run format`: formats every file in place, or those named after `--`.
 * @module
 */
import { commandFile, ensureInstalled, nodeBinary, run } from './project.mjs';

await ensureInstalled();
const asked = process.argv.slice(2);
const args = [commandFile('@biomejs/biome', 'biome'), 'format', '--write', ...(asked.length === 0 ? ['.'] : asked)];
process.exitCode = (await run(nodeBinary(), args)).code;
