/**
 * `npm run docs`: draws what is drawn from code into the documents.
 * @module
 */
import { ensureInstalled, nodeBinary, run } from './project.mjs';

await ensureInstalled();
process.exitCode = (await run(nodeBinary(), ['tools/draw-layers.ts'])).code;
