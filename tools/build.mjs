/**
 * Builds dist/ from src/ with tsc.
 *
 * How it works  Into a folder beside it, which then takes dist/'s place, so that whatever runs from dist/ meanwhile never sees
 *               half of it and a failed build leaves the last one standing.
 * @module
 */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commandFile, ensureInstalled, nodeBinary, readJson, root, run } from './project.mjs';

/** @returns {Promise<import('./project.mjs').Outcome>} */
export async function build() {
  const dist = join(root, 'dist');
  const fresh = join(root, '.cache', `dist-${process.pid}`);
  const old = `${fresh}-old`;
  mkdirSync(join(root, '.cache'), { recursive: true });
  try {
    const args = [commandFile('typescript', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', fresh];
    const outcome = await run(nodeBinary(), args, { capture: true });
    if (outcome.code !== 0) return outcome;
    /** @type {Record<string, string>} */
    const commands = readJson(join(root, 'package.json')).bin ?? {};
    for (const file of Object.values(commands)) {
      const built = join(fresh, file.replace(/^(\.\/)?dist\//, ''));
      if (existsSync(built)) chmodSync(built, 0o755);
    }
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
    return outcome;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await ensureInstalled();
  const { code, output } = await build();
  if (output !== '') console.error(output.trimEnd());
  process.exitCode = code;
}
