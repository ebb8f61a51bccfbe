import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from "diff";
import { lineStart, nextLine } from "../source/position.ts";

/** Lines shown before and behind a change. */
const CONTEXT = 3;

/**
 * The unified diff of two texts that differ, under one name. Only what stands between their common beginning and end is
 * compared: lines of huge files would take many times their size.
 */
export function unifiedDiff(name: string, before: string, after: string): string {
  const same = commonStart(before, after);
  const start = linesAbove(before, same);
  const behind = before.length - commonEnd(before, after, Math.min(before.length, after.length) - same);
  const end = linesBelow(before, behind);
  const [old, now] = [before.slice(start, end), after.slice(start, after.length - (before.length - end))];
  const patch = structuredPatch(name, name, old, now, undefined, undefined, { context: CONTEXT });
  const above = linesIn(before, start);
  for (const hunk of patch.hunks) {
    hunk.oldStart += above;
    hunk.newStart += above;
  }
  return formatPatch(patch, FILE_HEADERS_ONLY);
}

/** Characters that are compared in one go. */
const BLOCK = 2 ** 16;

function commonStart(one: string, other: string): number {
  const limit = Math.min(one.length, other.length);
  let at = 0;
  while (at + BLOCK <= limit && one.slice(at, at + BLOCK) === other.slice(at, at + BLOCK)) at += BLOCK;
  while (at < limit && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  return at;
}

/** Number of characters at the end. */
function commonEnd(one: string, other: string, limit: number): number {
  const tail = (text: string, length: number): string => text.slice(text.length - length - BLOCK, text.length - length);
  let length = 0;
  while (length + BLOCK <= limit && tail(one, length) === tail(other, length)) length += BLOCK;
  while (length < limit && one.charCodeAt(one.length - 1 - length) === other.charCodeAt(other.length - 1 - length))
    length++;
  return length;
}

/** Start of the lines to show above the one that holds the offset. */
function linesAbove(text: string, offset: number): number {
  let start = lineStart(text, offset);
  for (let line = 0; line < CONTEXT; line++) start = lineStart(text, start - 1);
  return start;
}

/** End of the lines to show below the one that holds the offset. */
function linesBelow(text: string, offset: number): number {
  let end = nextLine(text, offset);
  for (let line = 0; line < CONTEXT; line++) end = nextLine(text, end);
  return end;
}

function linesIn(text: string, end: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
