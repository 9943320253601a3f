/**
 * The TypeScript in Markdown: fenced blocks that open with ```` ```ts run ````.
 * @module
 */

/** A block that is meant to run as it stands. */
export interface CodeBlock {
  /** Line of its first line of code. */
  readonly line: number;
  readonly code: string;
}

/** Blocks of a page that are marked as runnable, in order. */
export function runnableBlocks(page: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  for (const match of page.matchAll(/^```ts[ \t]+run[ \t]*\n(?<code>[\s\S]*?)^```[ \t]*$/gm)) {
    const line = page.slice(0, match.index).split('\n').length + 1;
    blocks.push({ line, code: match.groups?.['code'] ?? '' });
  }
  return blocks;
}
