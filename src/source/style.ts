import { lineBreakOf, lineStart } from "./position.ts";
import { type Child, childrenOf, collectionOf } from "./remove.ts";
import type { MapNode, Node, SeqNode } from "./tree.ts";

/** How a document's author indents block YAML. */
export interface BlockStyle {
  /** Columns from a key to the keys below it. */
  step: number;
  /** Columns from a key to the dashes of its list: 0 where they stand below the key itself. */
  listOffset: number;
  /** Columns from a dash to what it holds: 2 but for `-   name`. */
  dashWidth: number;
  lineBreak: "\n" | "\r\n";
}

/** How one flow collection and its surroundings are written. */
export interface FlowStyle {
  /** Every string and key in double quotes. */
  json: boolean;
  colon: ": " | ":";
  comma: ", " | ",";
  /** Blanks inside `{ }`. */
  mapPad: string;
  /** Blanks inside `[ ]`. */
  listPad: string;
  /** Set where children stand on lines of their own. */
  pretty: { indent: string; step: string; lineBreak: string } | undefined;
}

const DEFAULT_STEP = 2;
const MAX_STEP = 8;

/** Column of an offset, 0-based; a byte order mark takes none. */
export function columnOf(text: string, offset: number): number {
  const start = lineStart(text, offset);
  return offset - start - (text.charCodeAt(start) === 0xfeff ? 1 : 0);
}

/** Nothing but white space before it on its line. */
export function startsLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === "";
}

/** Offset of the line break (CR of a CRLF) before the line that starts at `start`. */
export function breakBefore(text: string, start: number): number {
  if (start === 0) return 0;
  return text[start - 2] === "\r" ? start - 2 : start - 1;
}

/** The white space that the line holding `offset` begins with. */
export function indentOf(text: string, offset: number): string {
  const start = lineStart(text, offset);
  let end = start;
  while (text[end] === " " || text[end] === "\t") end++;
  return text.slice(start, end);
}

interface Seen {
  step?: number;
  listOffset?: number;
  dashWidth?: number;
}

/** The block style used in and, where a node does not show it, around a node. */
export function blockStyleAt(text: string, node: Node): BlockStyle {
  const seen: Seen = {};
  let here: Node | undefined = node;
  while (here !== undefined && !isComplete(seen)) {
    look(text, here, seen);
    here = here.parent === undefined ? undefined : collectionOf(here.parent);
  }
  const step = seen.step ?? (seen.listOffset || DEFAULT_STEP);
  return {
    step,
    listOffset: seen.listOffset ?? step,
    dashWidth: seen.dashWidth ?? 2,
    lineBreak: lineBreakOf(text),
  };
}

function isComplete(seen: Seen): boolean {
  return seen.step !== undefined && seen.listOffset !== undefined && seen.dashWidth !== undefined;
}

function look(text: string, node: Node, seen: Seen): void {
  if ((node.kind !== "map" && node.kind !== "seq") || node.flow) return;
  for (const child of childrenOf(node)) {
    const { value } = child;
    if ((value.kind !== "map" && value.kind !== "seq") || value.flow || isComplete(seen)) continue;
    measure(text, child, value, seen);
    look(text, value, seen);
  }
}

function measure(text: string, child: Child, value: MapNode | SeqNode, seen: Seen): void {
  const inner = childrenOf(value)[0]?.start;
  if (inner === undefined) return;
  const distance = columnOf(text, inner) - columnOf(text, child.start);
  if (distance < 0 || distance > MAX_STEP) return;
  if ("seq" in child) {
    if (distance > 1 && !startsLine(text, inner)) seen.dashWidth ??= distance;
  } else if (value.kind === "seq") seen.listOffset ??= distance;
  else if (distance > 0) seen.step ??= distance;
}

/** The flow style of a collection, learnt from it and the flow collections around it. */
export function flowStyleAt(text: string, node: MapNode | SeqNode, lineBreak: string): FlowStyle {
  let keyed: MapNode | undefined;
  let listed: SeqNode | undefined;
  let several: MapNode | SeqNode | undefined;
  for (let here: MapNode | SeqNode | undefined = node; here?.flow; here = enclosing(here)) {
    const children = childrenOf(here);
    if (here.kind === "map" && children.length > 0) keyed ??= here;
    if (here.kind === "seq" && children.length > 0) listed ??= here;
    if (children.length > 1) several ??= here;
    if (keyed !== undefined && several !== undefined) break;
  }
  const colon = keyed === undefined ? ": " : colonOf(text, keyed);
  return {
    json: keyed === undefined ? holdsDoubleQuoted(listed) : isDoubleQuoted(keyed.entries[0]?.key),
    colon,
    comma: several === undefined ? (colon === ":" ? "," : ", ") : commaOf(text, several),
    mapPad: keyed === undefined ? "" : padOf(text, keyed),
    listPad: listed === undefined ? "" : padOf(text, listed),
    pretty: prettyOf(text, node, lineBreak),
  };
}

function enclosing(node: Node): MapNode | SeqNode | undefined {
  return node.parent === undefined ? undefined : collectionOf(node.parent);
}

function isDoubleQuoted(node: Node | undefined): boolean {
  return node?.kind === "scalar" && node.style === "double";
}

function holdsDoubleQuoted(list: SeqNode | undefined): boolean {
  return isDoubleQuoted(
    list?.items.find((item) => typeof (item.value as { value?: unknown }).value === "string")?.value,
  );
}

function colonOf(text: string, map: MapNode): ": " | ":" {
  const entry = map.entries[0];
  return entry !== undefined && /^\s*:[^\s,}]/.test(text.slice(entry.key.end, entry.value.propsStart + 1)) ? ":" : ": ";
}

function commaOf(text: string, collection: MapNode | SeqNode): ", " | "," {
  const [first, second] = childrenOf(collection);
  return first !== undefined && second !== undefined && text[second.start - 1] === "," ? "," : ", ";
}

function padOf(text: string, collection: MapNode | SeqNode): string {
  return /^.[ ]+\S/.test(text.slice(collection.start, collection.start + 10)) ? " " : "";
}

function prettyOf(text: string, node: MapNode | SeqNode, lineBreak: string): FlowStyle["pretty"] {
  let holder: MapNode | SeqNode | undefined = node;
  while (holder?.flow && childrenOf(holder).length === 0) holder = enclosing(holder);
  const first = holder === undefined || !holder.flow ? undefined : childrenOf(holder)[0];
  if (holder === undefined || first === undefined || !text.slice(holder.start, first.start).includes("\n"))
    return undefined;
  if (!startsLine(text, first.start)) return undefined;
  const outer = indentOf(text, holder.start);
  const inner = indentOf(text, first.start);
  const step = inner.length > outer.length && inner.startsWith(outer) ? inner.slice(outer.length) : "  ";
  return { indent: indentOf(text, node.start), step, lineBreak };
}
