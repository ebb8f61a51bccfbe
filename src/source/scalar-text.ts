import { parseDocument } from "yaml";
import { applyEdits, type TextEdit } from "./edit.ts";
import { pushFlowLines } from "./low-flow-lines.ts";
import { parsePlain } from "./plain-parse.ts";
import { lineEnd, lineStart, nextLine } from "./position.ts";
import { collectionOf } from "./remove.ts";
import { withTidyEnds } from "./text-edges.ts";
import { type ScalarNode, textAt } from "./tree.ts";

/**
 * Where each character of a scalar's string comes from in the source. Kept as runs, as a script may be many megabytes:
 * most characters stand for themselves, next to their neighbours.
 */
class CharMap {
  readonly text: string;
  private readonly runs: readonly Run[];

  constructor(text: string, runs: readonly Run[]) {
    this.text = text;
    this.runs = runs;
  }

  private runOf(index: number): Run | undefined {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.runs[middle] as Run).index <= index) low = middle + 1;
      else high = middle;
    }
    const run = this.runs[low - 1];
    return run !== undefined && index < run.index + run.length ? run : undefined;
  }

  /** Start of the source of a character; undefined behind the last one. */
  startOf(index: number): number | undefined {
    const run = this.runOf(index);
    return run && (run.isRaw ? run.start + index - run.index : run.start);
  }

  /** Behind the source of a character. */
  endOf(index: number): number | undefined {
    const run = this.runOf(index);
    return run && (run.isRaw ? run.start + index - run.index + 1 : run.end);
  }

  /** Whether a character is the first of its source line. */
  isFirst(index: number): boolean {
    const run = this.runOf(index);
    return run?.isFirst === true && run.index === index;
  }

  /** Behind the source of the last character. */
  end(): number | undefined {
    return this.runs.at(-1)?.end;
  }

  /** Start of the first character that begins a source line, else of the first one. */
  firstLine(): number | undefined {
    return (this.runs.find(({ isFirst }) => isFirst) ?? this.runs[0])?.start;
  }
}

/** Characters of the string from `index` on, and their source. */
interface Run {
  index: number;
  length: number;
  start: number;
  end: number;
  /** Each stands for itself; else there is one, and all of the source stands for it. */
  isRaw: boolean;
  /** The first one is the first of its source line. */
  isFirst: boolean;
}

/**
 * Source edits that make `edits` (offsets into the scalar's string) within the scalar's own style: block scalars
 * line by line, quoted ones inside their quotes; a plain scalar that would need quotes gets them.
 * Undefined where the notation is one whose characters cannot be told apart with certainty. What the edits would leave
 * at the ends of the string is tidied up (see withTidyEnds).
 */
export function editScalar(source: string, node: ScalarNode, edits: readonly TextEdit[]): TextEdit[] | undefined {
  const map = charMap(source, node);
  if (map.text !== node.text) return undefined;
  const tidy = withTidyEnds(node.text, edits);
  return editsOf(source, node, map, tidy) ?? (tidy === edits ? undefined : editsOf(source, node, map, edits));
}

function editsOf(source: string, node: ScalarNode, map: CharMap, edits: readonly TextEdit[]): TextEdit[] | undefined {
  const after = applyEdits(node.text, edits);
  const result = edits.map((edit) => ({
    ...sourceRange(source, node, map, edit),
    text: encode(source, node, map, edit),
  }));
  // The indentation between two neighbours belongs to the first.
  for (const [i, edit] of result.entries()) edit.start = Math.max(edit.start, result[i - 1]?.end ?? 0);
  if (reads(source, node, result, after)) return result;
  if (node.style === "plain") return [{ start: node.start, end: node.end, text: quoted(after) }];
  if (node.style !== "double") return undefined;
  // Folded lines that do not let a part be taken out: the whole string on one line, with escapes.
  const whole = [{ start: node.start, end: node.end, text: JSON.stringify(after) }];
  return reads(source, node, whole, after) ? whole : undefined;
}

/** Where a character of a scalar's string stands in the source; undefined where that cannot be told for certain. */
export function sourceOffset(source: string, node: ScalarNode, offset: number): number | undefined {
  const map = charMap(source, node);
  return map.text === node.text ? map.startOf(offset) : undefined;
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
  if (map.text !== node.text) return undefined;
  const first = map.startOf(start);
  const behind = map.endOf(end - 1);
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
  // A line of a quoted or plain scalar must be indented further than what holds it.
  const outer = isBlock ? 0 : blockColumn(source, node);
  const indent = indicator === undefined ? outer : Math.max(0, blockIndent(source, node) - Number(indicator));
  const [open, close] = isInFlow(node) ? ["k: {", "}"] : ["", ""];
  const path = isInFlow(node) ? ["k", "k"] : ["k"];
  const text = `${" ".repeat(indent)}${open}k: ${fragment}${lineBreak}${close}`;
  // For strings that say so by their style, the fast parser's word is as good.
  const plain = node.style === "plain" ? undefined : parsePlain(text, 0);
  if (plain !== undefined) return textAt(plain, path) === wanted;
  // What go-yaml takes, lines that are hardly indented among it, this parser has to be given in its own way.
  const strict = (!isBlock && fragment.includes("\n") && pushFlowLines(text)?.text) || text;
  return (["1.1", "1.2"] as const).every((version) => {
    const document = parseDocument(strict, { version, logLevel: "silent" });
    return document.errors.length === 0 && document.getIn(path) === wanted;
  });
}

function isInFlow(node: ScalarNode): boolean {
  for (let up = node.parent; up !== undefined; up = collectionOf(up).parent) if (collectionOf(up).flow) return true;
  return false;
}

/** Column of the innermost block entry or item that holds the node. */
function blockColumn(source: string, node: ScalarNode): number {
  let up = node.parent;
  while (up !== undefined && collectionOf(up).flow) up = collectionOf(up).parent;
  return up === undefined ? 0 : up.start - lineStart(source, up.start);
}

function sourceRange(source: string, node: ScalarNode, map: CharMap, edit: TextEdit): { start: number; end: number } {
  const { text } = map;
  const behind = map.end() ?? node.end;
  const tight = (i: number): number => map.startOf(i) ?? behind;
  if (edit.end === edit.start) return { start: tight(edit.start), end: tight(edit.start) };
  const endsLine = edit.end === text.length || map.isFirst(edit.end);
  const isWholeLines = map.isFirst(edit.start) && endsLine && isOwnLine(source, node, tight(edit.start));
  const last = map.endOf(edit.end - 1) ?? behind;
  if (isWholeLines && edit.end === text.length && node.style !== "literal" && node.style !== "folded") {
    // The closing quote keeps the indentation.
    return { start: tight(edit.start), end: last };
  }
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
  const at = map.firstLine() ?? node.start;
  return edit.text.replaceAll("\n", `\n${" ".repeat(at - lineStart(source, at))}`);
}

function quoted(text: string): string {
  return /[\n\r\t']/.test(text) ? JSON.stringify(text) : `'${text}'`;
}

function charMap(source: string, node: ScalarNode): CharMap {
  const builder = new MapBuilder();
  if (node.style === "literal" || node.style === "folded") mapBlock(source, node, builder);
  else mapFlow(source, node, builder);
  return builder.map();
}

class MapBuilder {
  private readonly parts: string[] = [];
  private readonly runs: Run[] = [];
  private length = 0;

  /** One UTF-16 unit of the string, standing at [start, end) of the source. */
  add(char: string, start: number, end: number, isFirst = false): void {
    this.push(char, { index: this.length, length: 1, start, end, isRaw: false, isFirst });
  }

  /** Source text that stands for itself. */
  addRaw(source: string, start: number, end: number, isFirst = false): void {
    if (end <= start) return;
    const last = this.runs.at(-1);
    if (!isFirst && last?.isRaw === true && last.end === start) {
      last.length += end - start;
      last.end = end;
      this.parts.push(source.slice(start, end));
      this.length += end - start;
    } else
      this.push(source.slice(start, end), {
        index: this.length,
        length: end - start,
        start,
        end,
        isRaw: true,
        isFirst,
      });
  }

  private push(part: string, run: Run): void {
    this.parts.push(part);
    this.runs.push(run);
    this.length += run.length;
  }

  /** Takes back the last character. */
  drop(): void {
    const run = this.runs.at(-1);
    const part = this.parts.pop();
    if (run === undefined || part === undefined) return;
    this.length--;
    if (--run.length === 0) this.runs.pop();
    else {
      run.end--;
      this.parts.push(part.slice(0, -1));
    }
  }

  map(): CharMap {
    return new CharMap(this.parts.join(""), this.runs);
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
  for (const { start, end, next } of lines) {
    if (next === end + 1) builder.addRaw(source, start, next, true);
    else {
      builder.addRaw(source, start, end, true);
      if (next > end) builder.add("\n", end, next, start === end);
    }
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

/** Characters that stand for themselves in every notation. */
const ORDINARY = /[^ \t\r\n\\'"]*/y;

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
      ORDINARY.lastIndex = at;
      const next = Math.min(at + Math.max(ORDINARY.exec(source)?.[0].length ?? 0, 1), end);
      builder.addRaw(source, at, next, first);
      at = next;
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
