/**
 * `npm run lint`: oxlint with the rules that need types. What follows `--` goes to it, `--fix` for example.
 * @module
 */
import { commandFile, ensureInstalled, nodeBinary, run } from './project.mjs';

await ensureInstalled();
const args = [commandFile('oxlint'), '--type-aware', '--deny-warnings', ...process.argv.slice(2)];
process.exitCode = (await run(nodeBinary(), args)).code;
