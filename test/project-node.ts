/**
 * The project's own Nodes: those that its tests run programs on.
 * @module
 */
import { join } from 'node:path';

/** Folder of the repository. */
export const root: string = join(import.meta.dirname, '..');

/** Supported majors. */
export const majors = ['26', '24', '22'] as const;

/** A supported major. */
export type Major = (typeof majors)[number];

/** Path of a major's binary, which a development dependency brings. */
export function nodeOf(major: Major): string {
  const name = major === '26' ? 'node' : `node-${major}`;
  return join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
