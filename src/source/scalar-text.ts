import { parseDocument } from "yaml";
import { applyEdits, type TextEdit } from "./edit.ts";
import { lineEnd, lineStart, nextLine } from "./position.ts";
import { collectionOf } from "./remove.ts";
import type { ScalarNode } from "./tree.ts";

/**
 * Where each character of a scalar's string comes from in the source.
 * `starts[i]`/`ends[i]` bound the source of character i; `firsts[i]` is true where it is the first of its source line.
 */
interface CharMap {
  text: string;
  starts: number[];
  ends: number[];
  firsts: boolean[];
}

/**
 * Source edits that make `edits` (offsets into the scalar's string) within the scalar's own style: block scalars
 * line by line, quoted ones inside their quotes; a plain scalar that would need quotes gets them.
 * Undefined where the notation is one whose characters cannot be told apart with certainty.
 */
export function editScalar(source: string, node: ScalarNode, edits: readonly TextEdit[]): TextEdit[] | undefined {
  const map = charMap(source, node);
  if (map === undefined || map.text !== node.text) return undefined;
  const after = applyEdits(node.text, edits);
  const result = edits.map((edit) => ({
    ...sourceRange(source, node, map, edit),
    text: encode(source, node, map, edit),
  }));
  if (reads(source, node, result, after)) return result;
  return node.style === "plain" ? [{ start: node.start, end: node.end, text: quoted(after) }] : undefined;
}

/** Where a character of a scalar's string stands in the source; undefined where that cannot be told for certain. */
export function sourceOffset(source: string, node: ScalarNode, offset: number): number | undefined {
  const map = charMap(source, node);
  return map === undefined || map.text !== node.text ? undefined : map.starts[offset];
}

/**
 * Where a part of a scalar's string ([start, end), not empty) stands in the source; undefined where that cannot be
 * told for certain.
 */
export function sourceSpan(
  source: string,
  node: ScalarNode,
  start: number,
  end: number,
): { start: number; end: number } | undefined {
  const map = charMap(source, node);
  if (map === undefined || map.text !== node.text) return undefined;
  const first = map.starts[start];
  const behind = map.ends[end - 1];
  return first === undefined || behind === undefined ? undefined : { start: first, end: behind };
}

/** Whether the edited notation denotes the wanted string: the parser, not the map above, has the last word. */
function reads(source: string, node: ScalarNode, edits: readonly TextEdit[], wanted: string): boolean {
  const start = Math.min(node.start, ...edits.map((edit) => edit.start));
  const end = Math.max(lineEnd(source, node.end), ...edits.map((edit) => edit.end));
  const isBlock = node.style === "literal" || node.style === "folded";
  const stop = isBlock ? end : Math.max(node.end, ...edits.map((edit) => edit.end));
  const inside = edits.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
  const fragment = applyEdits(source.slice(start, stop), inside);
  const lineBreak = isBlock && source[stop] !== undefined ? "\n" : "";
  const indicator = /^[|>][+-]?([1-9])/.exec(fragment)?.[1];
  const indent = indicator === undefined ? 0 : Math.max(0, blockIndent(source, node) - Number(indicator));
  const [open, close] = isInFlow(node) ? ["{", "}"] : ["", ""];
  const text = `${open}${" ".repeat(indent)}k: ${fragment}${lineBreak}${close}`;
  return (["1.1", "1.2"] as const).every((version) => {
    const document = parseDocument(text, { version, logLevel: "silent" });
    return document.errors.length === 0 && document.get("k") === wanted;
  });
}

function isInFlow(node: ScalarNode): boolean {
  for (let up = node.parent; up !== undefined; up = collectionOf(up).parent) if (collectionOf(up).flow) return true;
  return false;
}

function sourceRange(source: string, node: ScalarNode, map: CharMap, edit: TextEdit): { start: number; end: number } {
  const { starts, ends, firsts, text } = map;
  const behind = ends.at(-1) ?? node.end;
  const tight = (i: number): number => (i < text.length ? (starts[i] as number) : behind);
  if (edit.end === edit.start) return { start: tight(edit.start), end: tight(edit.start) };
  const endsLine = edit.end === text.length || firsts[edit.end] === true;
  const isWholeLines = firsts[edit.start] === true && endsLine && isOwnLine(source, node, tight(edit.start));
  const last = ends[edit.end - 1] as number;
  if (isWholeLines) {
    const end = edit.end === text.length ? last : lineStart(source, tight(edit.end));
    return { start: lineStart(source, tight(edit.start)), end };
  }
  return { start: tight(edit.start), end: endsLine && edit.end < text.length ? tight(edit.end) : last };
}

/** The scalar's first line shares its source line with the key or dash. */
function isOwnLine(source: string, node: ScalarNode, offset: number): boolean {
  return lineStart(source, offset) > node.start;
}

function encode(source: string, node: ScalarNode, map: CharMap, edit: TextEdit): string {
  if (edit.text === "") return "";
  if (node.style === "double") return JSON.stringify(edit.text).slice(1, -1);
  if (node.style === "single") return edit.text.replaceAll("'", "''");
  if (!edit.text.includes("\n")) return edit.text;
  const first = map.firsts.indexOf(true);
  const at = map.starts[Math.max(first, 0)] ?? node.start;
  return edit.text.replaceAll("\n", `\n${" ".repeat(at - lineStart(source, at))}`);
}

function quoted(text: string): string {
  return /[\n\r\t']/.test(text) ? JSON.stringify(text) : `'${text}'`;
}

function charMap(source: string, node: ScalarNode): CharMap | undefined {
  const builder = new MapBuilder();
  if (node.style === "literal" || node.style === "folded") mapBlock(source, node, builder);
  else mapFlow(source, node, builder);
  return builder.map();
}

class MapBuilder {
  private readonly chars: string[] = [];
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly firsts: boolean[] = [];

  /** One UTF-16 unit of the string, standing at [start, end) of the source. */
  add(char: string, start: number, end: number, first = false): void {
    this.chars.push(char);
    this.starts.push(start);
    this.ends.push(end);
    this.firsts.push(first);
  }

  /** Source text that stands for itself. */
  addRaw(source: string, start: number, end: number, first = false): void {
    for (let at = start; at < end; at++) this.add(source[at] as string, at, at + 1, first && at === start);
  }

  drop(): void {
    for (const list of [this.chars, this.starts, this.ends, this.firsts]) list.pop();
  }

  map(): CharMap {
    return { text: this.chars.join(""), starts: this.starts, ends: this.ends, firsts: this.firsts };
  }
}

interface Line {
  /** First character of the line's text, its indentation skipped. */
  start: number;
  end: number;
  /** Behind the line break. */
  next: number;
}

function linesBetween(source: string, from: number, to: number): Line[] {
  const lines: Line[] = [];
  for (let at = from; at < to; ) {
    const lineFeed = source.indexOf("\n", at);
    const next = lineFeed < 0 || lineFeed >= to ? to : lineFeed + 1;
    const bare = lineFeed < 0 || lineFeed >= to ? to : lineFeed;
    const end = bare > at && source[bare - 1] === "\r" ? bare - 1 : bare;
    lines.push({ start: at, end, next });
    at = next;
  }
  return lines;
}

function mapBlock(source: string, node: ScalarNode, builder: MapBuilder): void {
  const headerEnd = source.indexOf("\n", node.start);
  if (headerEnd < 0 || headerEnd >= node.end) return;
  // The value's end lies before its last line break; that break is the string's final newline (clip, keep).
  const lineFeed = source.indexOf("\n", node.end);
  const raw = linesBetween(source, headerEnd + 1, lineFeed < 0 ? source.length : lineFeed + 1);
  const indent = indentOf(source, raw, node.text);
  const lines = raw.map((line) => ({ ...line, start: Math.min(line.start + indent, line.end) }));
  if (node.style === "literal") mapLiteral(source, lines, builder);
  else mapFolded(source, lines, builder);
  trimTo(node, builder, lines.at(-1));
}

/** Columns that the text of a block scalar is indented by. */
function blockIndent(source: string, node: ScalarNode): number {
  return indentOf(source, linesBetween(source, nextLine(source, node.start), node.end), node.text);
}

/** The first line of text may be indented itself, where an indicator (`|2`) says by how much all of it is. */
function indentOf(source: string, lines: readonly Line[], text: string): number {
  const first = lines.find((line) => source.slice(line.start, line.end).trim() !== "");
  if (first === undefined) return 0;
  const own = /^ *(?=[^ \n])/m.exec(text)?.[0].length ?? 0;
  return Math.max(0, source.slice(first.start, first.end).search(/[^ ]/) - own);
}

function mapLiteral(source: string, lines: readonly Line[], builder: MapBuilder): void {
  for (const line of lines) {
    builder.addRaw(source, line.start, line.end, true);
    if (line.next > line.end) builder.add("\n", line.end, line.next, line.start === line.end);
  }
}

/** YAML 1.2.2, 8.1.3: a break between two lines of text folds to a space, blank lines and indented lines keep theirs. */
function mapFolded(source: string, lines: readonly Line[], builder: MapBuilder): void {
  const isBlank = (line: Line): boolean => line.start === line.end;
  const isIndented = (line: Line): boolean => /[ \t]/.test(source[line.start] ?? "");
  let previous: Line | undefined;
  let blanks: Line[] = [];
  for (const line of lines) {
    if (isBlank(line)) {
      blanks.push(line);
      continue;
    }
    if (previous !== undefined) {
      const keeps = isIndented(previous) || isIndented(line);
      if (keeps) builder.add("\n", previous.end, previous.next);
      else if (blanks.length === 0) builder.add(" ", previous.end, previous.next);
    }
    for (const blank of blanks) builder.add("\n", blank.end, blank.next, true);
    builder.addRaw(source, line.start, line.end, true);
    previous = line;
    blanks = [];
  }
  if (previous !== undefined && previous.next > previous.end) builder.add("\n", previous.end, previous.next);
  for (const blank of blanks) builder.add("\n", blank.end, blank.next, true);
}

/** Chomping: a string without the final newline has none in its map either. */
function trimTo(node: ScalarNode, builder: MapBuilder, last: Line | undefined): void {
  if (last === undefined) return;
  const { text } = builder.map();
  if (text === `${node.text}\n`) builder.drop();
  // A file may end without the line break that the string ends with.
  else if (`${text}\n` === node.text) builder.add("\n", last.end, last.end);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "/": "/",
  "\\": "\\",
  N: "\x85",
  _: "\xa0",
  L: "\u2028",
  P: "\u2029",
};
const CODE_LENGTH: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function mapFlow(source: string, node: ScalarNode, builder: MapBuilder): void {
  const isQuoted = node.style !== "plain";
  const end = isQuoted ? node.end - 1 : node.end;
  let first = false;
  for (let at = isQuoted ? node.start + 1 : node.start; at < end; ) {
    const char = source[at] as string;
    if (node.style === "double" && char === "\\") at = mapEscape(source, at, end, builder);
    else if (node.style === "single" && char === "'") {
      builder.add("'", at, at + 2, first);
      at += 2;
    } else if (/[ \t\r\n]/.test(char)) {
      const gap = mapGap(source, at, end, builder, first);
      at = gap.end;
      first = gap.folded;
      continue;
    } else {
      builder.add(char, at, at + 1, first);
      at++;
    }
    first = false;
  }
}

/** White space inside a flow scalar: on one line it stays, around line breaks it folds. */
function mapGap(
  source: string,
  start: number,
  limit: number,
  builder: MapBuilder,
  first: boolean,
): { end: number; folded: boolean } {
  let end = start;
  while (end < limit && /[ \t\r\n]/.test(source[end] as string)) end++;
  const gap = source.slice(start, end);
  const breaks = gap.split("\n").length - 1;
  if (breaks === 0) builder.addRaw(source, start, end, first);
  else if (breaks === 1) builder.add(" ", start, end);
  else {
    // n breaks make n - 1 newlines; the first one's source is the whole gap but for what the others take.
    for (let n = 1; n < breaks; n++) builder.add("\n", n === 1 ? start : end, end);
  }
  return { end, folded: breaks > 0 };
}

/** One escape of a double-quoted scalar; returns the offset behind it. */
function mapEscape(source: string, at: number, limit: number, builder: MapBuilder): number {
  const code = source[at + 1] ?? "";
  const length = CODE_LENGTH[code];
  if (length !== undefined) {
    const end = at + 2 + length;
    const point = Number.parseInt(source.slice(at + 2, end), 16);
    const chars = Number.isNaN(point) || point > 0x10ffff ? "�" : String.fromCodePoint(point);
    for (const unit of chars.split("")) builder.add(unit, at, end);
    return end;
  }
  if (code === "\n" || code === "\r") {
    // An escaped line break joins the lines: break and indentation stand for nothing.
    let end = at + 1;
    while (end < limit && /[ \t\r\n]/.test(source[end] as string)) end++;
    return end;
  }
  builder.add(ESCAPES[code] ?? code, at, at + 2);
  return at + 2;
}
