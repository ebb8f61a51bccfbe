import { isObject, type Json } from "../json.ts";

/** `[start, end)` of a value. */
export interface JsonRange {
  start: number;
  end: number;
}

/** A field of a map in flow style. */
export interface FlowField {
  name: string | undefined;
  key: JsonRange;
  value: JsonRange;
}

/** Where the parts of a ResourceList in JSON stand. */
export interface JsonOutline extends JsonRange {
  /** Top-level fields in their order; each name once. */
  fields: FlowField[];
  items: (JsonRange & { kind: string | undefined })[];
}

/**
 * Outline of a text that is one JSON object; undefined for anything else, also for doubled top-level keys and `items`
 * that are no list: those are left to the YAML parser, which takes far longer.
 */
export function jsonOutlineOf(text: string): JsonOutline | undefined {
  const base = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  if (!/^\s*\{/.test(text.slice(base, base + 256))) return undefined;
  const data = parsed(text.slice(base));
  if (!isObject(data) || !Array.isArray(data.items)) return undefined;
  const start = skipSpace(text, base);
  const fields = fieldsOf(text, start);
  const items = fields.find(({ name }) => name === "items")?.value;
  if (items === undefined || new Set(fields.map(({ name }) => name)).size < fields.length) return undefined;
  const kinds = data.items.map((item) => (isObject(item) && typeof item.kind === "string" ? item.kind : undefined));
  const ranges = elements(text, items.start).map((range, index) => ({ ...range, kind: kinds[index] }));
  return { start, end: collectionEnd(text, start), fields, items: ranges };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/*
 * What follows reads text that JSON.parse took: it only has to find ends.
 */

function fieldsOf(text: string, open: number): FlowField[] {
  const found: FlowField[] = [];
  for (let at = skipSpace(text, open + 1); text[at] === '"'; ) {
    const key = { start: at, end: stringEnd(text, at) };
    const value = valueRange(text, skipSpace(text, key.end) + 1);
    found.push({ name: JSON.parse(text.slice(key.start, key.end)), key, value });
    at = skipSpace(text, value.end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return found;
}

function elements(text: string, open: number): JsonRange[] {
  const found: JsonRange[] = [];
  for (let at = skipSpace(text, open + 1); text[at] !== "]"; ) {
    const range = valueRange(text, at);
    found.push(range);
    at = skipSpace(text, range.end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return found;
}

function valueRange(text: string, from: number): JsonRange {
  const start = skipSpace(text, from);
  const first = text[start];
  if (first === '"') return { start, end: stringEnd(text, start) };
  if (first === "{" || first === "[") return { start, end: collectionEnd(text, start) };
  const end = /[\s,\]}]|$/g;
  end.lastIndex = start;
  return { start, end: end.exec(text)?.index ?? text.length };
}

function collectionEnd(text: string, start: number): number {
  const pattern = /["{}[\]]/g;
  pattern.lastIndex = start;
  let depth = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] === '"') pattern.lastIndex = stringEnd(text, match.index);
    else if (match[0] === "{" || match[0] === "[") depth++;
    else if (--depth === 0) return match.index + 1;
  }
  return text.length;
}

/** Offset behind the closing quote. */
function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? "")) at++;
  return at;
}
