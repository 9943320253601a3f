/**
 * Relative links in Markdown lead somewhere.
 * @module
 */
import { posix } from 'node:path';
import type { SourceTree } from '../source-tree.ts';

/** What the guard saw. */
export interface LinkReport {
  readonly violations: readonly string[];
  readonly linksSeen: number;
}

/** Checks every relative link of every Markdown file in the tree; `exists` answers for files that are not in it. */
export function checkLinks(tree: SourceTree, exists: (path: string) => boolean): LinkReport {
  const violations: string[] = [];
  let linksSeen = 0;
  for (const [path, text] of tree) {
    if (!path.endsWith('.md')) continue;
    for (const { target, line } of linksOf(text)) {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
      linksSeen += 1;
      const [filePart = '', anchor] = target.split('#');
      const file = filePart === '' ? path : posix.normalize(posix.join(posix.dirname(path), decodeURI(filePart)));
      const place = `${path}:${line}`;
      if (file.startsWith('..')) violations.push(`${place}: ${target} leads out of the repository`);
      else if (!tree.has(file) && !exists(file)) violations.push(`${place}: ${target} leads to nothing`);
      else if (anchor !== undefined && file.endsWith('.md') && !anchorsOf(tree.get(file) ?? '').has(anchor)) {
        violations.push(`${place}: ${file} has no heading for #${anchor}`);
      }
    }
  }
  return { violations, linksSeen };
}

function linksOf(text: string): { target: string; line: number }[] {
  const found: { target: string; line: number }[] = [];
  const prose = withoutCode(text);
  for (const match of prose.matchAll(
    /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s*(\S+)|\b(?:src|href)="([^"]+)"/gm,
  )) {
    const target = match[1] ?? match[2] ?? match[3];
    if (target !== undefined) found.push({ target, line: prose.slice(0, match.index).split('\n').length });
  }
  return found;
}

/** Blanks fenced blocks and code spans, keeping line ends. */
function withoutCode(text: string): string {
  const blank = (match: string): string => match.replace(/[^\n]/g, ' ');
  return text.replace(/^(?<fence>```+|~~~+)[\s\S]*?^\k<fence>/gm, blank).replace(/`[^`\n]+`/g, blank);
}

/** The anchors that the headings of a Markdown file get. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const lines = text.replace(/^(?<fence>```+|~~~+)[\s\S]*?^\k<fence>/gm, '').split('\n');
  for (const line of lines) {
    const title = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (title === undefined) continue;
    const slug = title
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let unique = slug;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${slug}-${count}`;
    anchors.add(unique);
  }
  for (const match of text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) if (match[1] !== undefined) anchors.add(match[1]);
  return anchors;
}
