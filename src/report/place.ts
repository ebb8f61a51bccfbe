import { sourceSpan } from "../source/scalar-text.ts";
import { type Node, resolve, type ScalarNode } from "../source/tree.ts";
import type { Finding } from "../transform/finding.ts";

/** Part of a file's text; UTF-16 offsets, `end` exclusive. */
export interface Place {
  start: number;
  end: number;
}

/** Values of more lines are pointed at by their first line: nobody reads a whole Pod spec in a report. */
const MAX_LINES = 6;

/** What a finding points at: in a script the call itself, else the value, or its first line where it is long. */
export function placeOf({ resource, site }: Finding): Place {
  const scalar = resolve(site.node);
  const part = scalar.kind === "scalar" ? partOf(site, scalar) : undefined;
  const span = part && sourceSpan(resource.text, scalar as ScalarNode, part.start, part.end);
  return span ?? headOf(resource.text, site.node);
}

/** The part of a scalar's string that is meant; undefined for the whole. */
function partOf({ offset, end, operations }: Finding["site"], scalar: ScalarNode): Place | undefined {
  const isBlock = scalar.style === "literal" || scalar.style === "folded";
  for (const operation of operations) {
    if (operation.kind === "edit-script" && operation.scalar === scalar && operation.call.start === offset)
      return trimmed(scalar.text, operation.call);
    if (operation.kind === "edit-text" && operation.scalar === scalar)
      return trimmed(scalar.text, hull(operation.edits));
  }
  if (offset !== undefined && end !== undefined) return trimmed(scalar.text, { start: offset, end });
  if (offset === undefined || (offset === 0 && !isBlock)) return undefined;
  // Where no end is known it is shown to the end of its line.
  const lineFeed = scalar.text.indexOf("\n", offset);
  return trimmed(scalar.text, { start: offset, end: lineFeed < 0 ? scalar.text.length : lineFeed });
}

function hull(edits: readonly Place[]): Place {
  return { start: Math.min(...edits.map(({ start }) => start)), end: Math.max(...edits.map(({ end }) => end)) };
}

/** Without white space at either end; undefined where nothing is left. */
function trimmed(text: string, { start, end }: Place): Place | undefined {
  const part = text.slice(start, end);
  const bare = part.trim();
  if (bare === "") return undefined;
  const first = start + part.indexOf(bare);
  return { start: first, end: first + bare.length };
}

function headOf(text: string, { start, end }: Node): Place {
  const whole = text.slice(start, end).trimEnd();
  const lines = whole.split("\n", MAX_LINES + 1);
  const shown = lines.length > MAX_LINES ? (lines[0] ?? "").trimEnd() : whole;
  return { start, end: start + shown.length };
}
