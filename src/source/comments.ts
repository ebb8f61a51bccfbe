import type { TextEdit } from "./edit.ts";
import { lineEnd, lineStart, nextLine } from "./position.ts";
import { childrenOf } from "./remove.ts";
import { breakBefore } from "./style.ts";
import type { Node } from "./tree.ts";

/** A full-line comment, its indentation and line break cut off. */
export type CommentLine = string;

/**
 * Full-line comments that begin in `[from, to)`, in order.
 * @param within nodes of this range: a `#` line of their multi-line scalars is text, no comment.
 */
export function fullLineComments(text: string, from: number, to: number, within: readonly Node[]): CommentLine[] {
  if (!/\n[ \t]*#/.test(text.slice(Math.max(0, from - 1), to))) return [];
  const scalars = within.flatMap((node) => multiLineScalars(text, node));
  const comments: CommentLine[] = [];
  for (let at = lineStart(text, from) === from ? from : nextLine(text, from); at < to; at = nextLine(text, at)) {
    const line = text.slice(at, lineEnd(text, at)).trim();
    if (line.startsWith("#") && !scalars.some(([start, end]) => at >= start && at < end)) comments.push(line);
    if (nextLine(text, at) === at) break;
  }
  return comments;
}

/** Lines that are taken elsewhere: from the start of the first to the end of the last, without its line break. */
export interface LineRange {
  start: number;
  end: number;
}

/** Full-line comments as of `fullLineComments`, but for those in lines that go elsewhere, comments and all. */
export function remainingComments(
  text: string,
  from: number,
  to: number,
  within: readonly Node[],
  taken: readonly LineRange[],
): CommentLine[] {
  const comments: CommentLine[] = [];
  let at = from;
  for (const { start, end } of taken) {
    if (start >= to || end <= at) continue;
    if (start > at) comments.push(...fullLineComments(text, at, start, within));
    at = nextLine(text, end);
  }
  return at < to ? [...comments, ...fullLineComments(text, at, to, within)] : comments;
}

function multiLineScalars(text: string, node: Node): [number, number][] {
  if (node.kind === "alias") return [];
  if (node.kind === "scalar") return text.slice(node.start, node.end).includes("\n") ? [[node.start, node.end]] : [];
  return childrenOf(node).flatMap((child) => {
    const key = "map" in child ? multiLineScalars(text, child.key) : [];
    return [...key, ...multiLineScalars(text, child.value)];
  });
}

/** Column of the comment that is all of the line beginning at `start`; undefined for other lines. */
export function commentColumn(text: string, start: number): number | undefined {
  let at = start;
  while (text[at] === " " || text[at] === "\t") at++;
  return text[at] === "#" ? at - start : undefined;
}

export function isBlankLine(text: string, start: number): boolean {
  return text.slice(start, lineEnd(text, start)).trim() === "";
}

/** The line break before the blank lines that end at the line break `at`; none before `bound`. */
export function aboveBlankLines(text: string, at: number, bound: number): number {
  let start = at;
  while (start > bound && isBlankLine(text, lineStart(text, start))) {
    const above = breakBefore(text, lineStart(text, start));
    if (above < bound) break;
    start = above;
  }
  return start;
}

/**
 * Edits that bring comments and blanks below the line that ends at `offset` to `column` where they go further:
 * whatever block scalar comes to stand before them would take them for its text.
 */
export function outdentBelow(text: string, offset: number, column: number): TextEdit[] {
  const edits: TextEdit[] = [];
  for (let at = nextLine(text, offset); at < text.length; at = nextLine(text, at)) {
    const end = lineEnd(text, at);
    const comment = commentColumn(text, at);
    if (isBlankLine(text, at)) {
      if (end - at > column) edits.push({ start: at, end, text: "" });
    } else if (comment !== undefined && comment > column) {
      edits.push({ start: at, end: at + comment, text: " ".repeat(column) });
    } else break;
  }
  return edits;
}

/** End of the last line, from the one that holds `offset` on, that is a comment further in than `column`. */
export function innerCommentsEnd(text: string, offset: number, column: number): number {
  let end = lineEnd(text, offset);
  for (let at = nextLine(text, end); at < text.length; at = nextLine(text, at)) {
    const comment = commentColumn(text, at);
    if (comment !== undefined && comment > column) end = lineEnd(text, at);
    else if (!isBlankLine(text, at)) break;
  }
  return end;
}

/** True where the node's text ends in a block scalar whose trailing blank lines count (`|+`). */
export function endsInKeptBlanks(text: string, node: Node): boolean {
  if (node.kind === "alias") return false;
  if (node.kind === "scalar") {
    if (node.style !== "literal" && node.style !== "folded") return false;
    return /^[|>]\d?\+/.test(text.slice(node.start, node.start + 3));
  }
  const last = node.flow ? undefined : childrenOf(node).at(-1);
  return last !== undefined && endsInKeptBlanks(text, last.value);
}
