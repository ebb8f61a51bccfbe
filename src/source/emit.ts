import type { Json } from "../json.ts";
import { doubleQuoted, literalHeader, numberText, stringText } from "./quote.ts";
import type { BlockStyle, FlowStyle } from "./style.ts";

/** A value in the notation of its author. */
export class RawScalar {
  /** The scalar as written; of a block scalar its header (`|-`). */
  readonly raw: string;
  /** Lines of a block scalar without their indentation. */
  readonly lines: readonly string[] | undefined;
  /** What it means, for places that cannot hold the notation. */
  readonly value: Json;

  constructor(raw: string, value: Json, lines?: readonly string[]) {
    this.raw = raw;
    this.value = value;
    this.lines = lines;
  }
}

/** An item of a block list in the text of its author, comments above and in it included. */
export class RawItem {
  /** Lines without the indentation of the dash, line breaks cut off; full-line comments come before the dash. */
  readonly lines: readonly string[];
  /** What it means, for places that cannot hold the text. */
  readonly value: Json;
  /** The full-line comments among the lines. */
  readonly comments: readonly string[];

  constructor(lines: readonly string[], value: Json, comments: readonly string[]) {
    this.lines = lines;
    this.value = value;
    this.comments = comments;
  }
}

/** Data to be written; scalars may carry their notation, items of lists their whole text. */
export type Written = null | boolean | number | string | RawScalar | RawItem | Written[] | WrittenMap;
export interface WrittenMap {
  [key: string]: Written | undefined;
}

/** Block style plus what the place allows. */
export interface EmitStyle extends BlockStyle {
  /** False where text that follows could be taken for a literal's own. */
  literals: boolean;
}

/** A key longer than this must be explicit: YAML limits implicit ones to 1,024 characters. */
const MAX_IMPLICIT_KEY = 1000;

/** True for a map or list with something in it: what block style writes on lines of its own. */
export function isFilled(value: Written): value is Written[] | WrittenMap {
  if (typeof value !== "object" || value === null || value instanceof RawScalar || value instanceof RawItem) {
    return false;
  }
  if (Array.isArray(value)) return value.length > 0;
  for (const key of Object.keys(value)) if (value[key] !== undefined) return true;
  return false;
}

/** `key: value` at `column`; the first line comes without indentation, the last without line break. */
export function entryText(key: string, value: Written, column: number, style: EmitStyle): string {
  const name = stringText(key, false);
  if (name.length > MAX_IMPLICIT_KEY) return `? ${name}${newLine(column, style)}:${valueText(value, column, style)}`;
  return `${name}:${valueText(value, column, style)}`;
}

/** `- value`, the dash at `column`; first and last line as of `entryText`. */
export function itemText(value: Written, column: number, style: EmitStyle): string {
  if (value instanceof RawItem) return rawItemText(value, column, style);
  const dash = `-${" ".repeat(style.dashWidth - 1)}`;
  if (isFilled(value)) return dash + compactText(value, column + style.dashWidth, style);
  return `- ${scalarText(value, column + style.dashWidth, style)}`;
}

function rawItemText(item: RawItem, column: number, style: EmitStyle): string {
  const start = newLine(column, style);
  const mayEndInLiteral = item.lines.some((line) => /[|>]/.test(line));
  if (mayEndInLiteral && !style.literals) {
    return [...item.comments, itemText(item.value as Written, column, style)].join(start);
  }
  return item.lines.map((line, at) => (at === 0 ? line : line === "" ? style.lineBreak : start + line)).join("");
}

/** A filled map or list whose first line begins right at `column`. */
export function compactText(value: Written[] | WrittenMap, column: number, style: EmitStyle): string {
  return bodyText(value, column, style).slice(style.lineBreak.length + column);
}

/** A filled map or list at `column`, each line behind a line break. */
export function bodyText(value: Written[] | WrittenMap, column: number, style: EmitStyle): string {
  const start = newLine(column, style);
  let text = "";
  if (Array.isArray(value)) {
    for (const item of value) text += start + itemText(item, column, style);
    return text;
  }
  for (const key of Object.keys(value)) {
    const own = value[key];
    if (own !== undefined) text += start + entryText(key, own, column, style);
  }
  return text;
}

/** What stands behind `key:`, its leading blank or line break included. */
function valueText(value: Written, column: number, style: EmitStyle): string {
  if (!isFilled(value)) return ` ${scalarText(value, column + style.step, style)}`;
  return bodyText(value, column + (Array.isArray(value) ? style.listOffset : style.step), style);
}

/** Anything but a filled map or list; `column` is that of the lines of a literal. */
export function scalarText(value: Written, column: number, style: EmitStyle): string {
  const { head, lines } = scalarParts(value, style.literals);
  return lines.length === 0 ? head : head + literalBody(lines, column, style);
}

/** First line and literal lines of anything but a filled map or list. */
export function scalarParts(value: Written, literals: boolean): { head: string; lines: readonly string[] } {
  if (typeof value === "string") {
    const header = literals ? literalHeader(value) : undefined;
    if (header === undefined) return { head: stringText(value, false), lines: [] };
    return { head: header, lines: (header === "|" ? value.slice(0, -1) : value).split("\n") };
  }
  if (value instanceof RawScalar) {
    if (value.lines === undefined) return { head: value.raw, lines: [] };
    return literals ? { head: value.raw, lines: value.lines } : scalarParts(value.value, false);
  }
  if (value instanceof RawItem) return scalarParts(value.value as Written, literals);
  return { head: simpleText(value), lines: [] };
}

/** Lines of a literal, each behind a line break. */
export function literalBody(lines: readonly string[], column: number, style: BlockStyle): string {
  const start = newLine(column, style);
  let text = "";
  for (const line of lines) text += line === "" ? style.lineBreak : start + line;
  return text;
}

const BLANKS = Array.from({ length: 64 }, (_, column) => " ".repeat(column));

function newLine(column: number, style: BlockStyle): string {
  return style.lineBreak + (BLANKS[column] ?? " ".repeat(column));
}

/** Null, a boolean, a number, an empty map or list. */
function simpleText(value: Exclude<Written, string | RawScalar | RawItem>): string {
  if (value === null) return "null";
  if (typeof value === "number") return numberText(value);
  if (typeof value === "boolean") return String(value);
  return Array.isArray(value) ? "[]" : "{}";
}

/** `key: value` of a flow map. */
export function flowEntryText(key: string, value: Written, style: FlowStyle): string {
  const name = style.json ? doubleQuoted(key) : stringText(key, true);
  return name + style.colon + flowText(value, style);
}

/** A value in flow style, over several lines where its surroundings are. */
export function flowText(value: Written, style: FlowStyle): string {
  if (typeof value === "string") return style.json ? doubleQuoted(value) : stringText(value, true);
  if (value instanceof RawScalar) {
    if (value.lines !== undefined || style.json || !/^(?:["']|[\w./-]+$)/.test(value.raw))
      return flowText(value.value, style);
    return value.raw;
  }
  if (value instanceof RawItem) return flowText(value.value as Written, style);
  if (!isFilled(value))
    return value === null || Number.isFinite(value) || !style.json ? simpleText(value) : jsonText(value);
  const pretty = style.pretty;
  const inner = pretty === undefined ? style : { ...style, pretty: { ...pretty, indent: pretty.indent + pretty.step } };
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item) => flowText(item, inner))
    : Object.keys(value).flatMap((key) => flowEntries(key, value[key], inner));
  const [open, close] = isList ? "[]" : "{}";
  if (pretty === undefined) {
    const pad = isList ? style.listPad : style.mapPad;
    return open + pad + parts.join(style.comma) + pad + close;
  }
  const start = pretty.lineBreak + inner.pretty?.indent;
  return open + start + parts.join(`,${start}`) + pretty.lineBreak + pretty.indent + close;
}

function flowEntries(key: string, value: Written | undefined, style: FlowStyle): string[] {
  return value === undefined ? [] : [flowEntryText(key, value, style)];
}

/** JSON has no word for infinities: null, as JSON.stringify does. */
function jsonText(value: Exclude<Written, string | RawScalar | RawItem>): string {
  return typeof value === "number" ? "null" : simpleText(value);
}
