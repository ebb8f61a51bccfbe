import type { TextEdit } from "./edit.ts";
import { RawScalar, type Written } from "./emit.ts";
import type { Child } from "./remove.ts";
import { replaceValue } from "./replace.ts";
import { spliceChildren } from "./splice.ts";
import { blockStyleAt } from "./style.ts";
import type { MapNode, Node, ScalarNode, SeqNode } from "./tree.ts";

/** Where a new entry goes; nowhere given: behind the last one. */
export interface EntryPlace {
  /** Right before the entry of this key, where the map has one. */
  before?: string;
}

const NOTHING: ReadonlySet<Child> = new Set();

/**
 * Adds an entry to a map in the map's own style: in block style on a line of its own behind the last entry's whole
 * value, in flow style behind a comma. A map that is empty, or a null in its place, is written anew as block style
 * does, inside flow style as flow style does.
 */
export function insertEntry(
  text: string,
  map: MapNode | ScalarNode,
  key: string,
  value: Written,
  place: EntryPlace = {},
): TextEdit[] {
  const style = blockStyleAt(text, map);
  if (map.kind === "scalar" || map.entries.length === 0) return replaceValue(text, map, { [key]: value }, style);
  const before = place.before === undefined ? undefined : map.entries.find((entry) => entry.name === place.before);
  return spliceChildren(text, map, NOTHING, [{ key, value, before }], style);
}

/** Adds entries behind the last one of a map, else as `insertEntry`. */
export function insertEntries(
  text: string,
  map: MapNode | ScalarNode,
  entries: ReadonlyMap<string, Written>,
): TextEdit[] {
  const style = blockStyleAt(text, map);
  if (map.kind === "scalar" || map.entries.length === 0)
    return replaceValue(text, map, Object.fromEntries(entries), style);
  const additions = [...entries].map(([key, value]) => ({ key, value, before: undefined }));
  return spliceChildren(text, map, NOTHING, additions, style);
}

/**
 * Adds an item to a list in the list's own style, before the item at `index` (and the full-line comments right above
 * it) or behind the last one. An empty list, or a null in its place, is written anew.
 */
export function insertItem(text: string, list: SeqNode | ScalarNode, value: Written, index?: number): TextEdit[] {
  const style = blockStyleAt(text, list);
  if (list.kind === "scalar" || list.items.length === 0) return replaceValue(text, list, [value], style);
  const before = index === undefined ? undefined : list.items[index];
  return spliceChildren(text, list, NOTHING, [{ value, before, aboveComments: true }], style);
}

/** Writes a value where another stands, in the style of its surroundings. */
export function setValue(text: string, node: Node, value: Written): TextEdit[] {
  return replaceValue(text, node, value, blockStyleAt(text, node));
}

/** A scalar's notation, to be written at another place. */
export function rawScalar(text: string, node: ScalarNode): Written {
  const source = text.slice(node.start, node.end);
  if (node.style !== "literal" && node.style !== "folded") {
    return source === "" || /[\r\n]/.test(source) ? node.value : new RawScalar(source, node.value);
  }
  const [header = "", ...body] = source.split(/\r?\n/);
  const first = body.find((line) => line.trim() !== "");
  // An explicit indentation or kept blank lines bind the notation to its place.
  if (first === undefined || /\d|\+/.test(header)) return node.value;
  const indent = first.length - first.trimStart().length;
  const lines = body.map((line) => line.slice(indent));
  return new RawScalar(/^[|>]-?/.exec(header)?.[0] ?? "|", node.value, lines);
}
