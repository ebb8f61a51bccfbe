import { NestingError, parseBounded } from "./bounded-parse.ts";
import { applyEdits, type TextEdit } from "./edit.ts";
import { pushFlowLines } from "./low-flow-lines.ts";
import { parsePlain } from "./plain-parse.ts";
import { lineEnd, lineStart, nextLine } from "./position.ts";
import { collectionOf } from "./remove.ts";
import { withTidyEnds } from "./text-edges.ts";
import { type ScalarNode, textAt } from "./tree.ts";

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

/** Numbers that a run is kept as. */
const FIELDS = 5;

/** Runs in their order. A script of many megabytes has hundreds of thousands, which take too much room as objects. */
class Runs {
  length = 0;
  private numbers = new Int32Array(16 * FIELDS);

  push({ index, length, start, end, isRaw, isFirst }: Run): void {
    const at = this.length++ * FIELDS;
    if (at === this.numbers.length) {
      const larger = new Int32Array(2 * at);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[at] = index;
    this.numbers[at + 1] = length;
    this.numbers[at + 2] = start;
    this.numbers[at + 3] = end;
    this.numbers[at + 4] = (isRaw ? 1 : 0) + (isFirst ? 2 : 0);
  }

  /** The run that holds a character of the string. */
  holding(index: number): Run | undefined {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.numbers[middle * FIELDS] as number) <= index) low = middle + 1;
      else high = middle;
    }
    const run = low === 0 ? undefined : this.at(low - 1);
    return run !== undefined && index < run.index + run.length ? run : undefined;
  }

  private at(place: number): Run {
    const [index = 0, length = 0, start = 0, end = 0, kind = 0] = this.numbers.subarray(
      place * FIELDS,
      (place + 1) * FIELDS,
    );
    return { index, length, start, end, isRaw: (kind & 1) !== 0, isFirst: (kind & 2) !== 0 };
  }
}

/**
 * Where each character of a scalar's string comes from in the source. Kept as runs, as a script may be many megabytes:
 * most characters stand for themselves, next to their neighbours.
 */
interface CharMap {
  /** Whether the source, read in this way, denotes the scalar's string: else nothing here can be relied on. */
  isCertain: boolean;
  /** Start of the source of a character; undefined behind the last one. */
  startOf(index: number): number | undefined;
  /** Behind the source of a character. */
  endOf(index: number): number | undefined;
  /** Whether a character is the first of its source line. */
  isFirst(index: number): boolean;
  /** Behind the source of the last character. */
  end: number | undefined;
  /** Start of the first character that begins a source line, else of the first one. */
  firstLine: number | undefined;
}

/**
 * Source edits that make `edits` (offsets into the scalar's string) within the scalar's own style: block scalars
 * line by line, quoted ones inside their quotes; a plain scalar that would need quotes gets them.
 * Undefined where the notation is one whose characters cannot be told apart with certainty. What the edits would leave
 * at the ends of the string is tidied up (see withTidyEnds). The same edits, asked for again by who plans them and by who
 * carries them out, are worked out once.
 */
export function editScalar(
  source: string,
  node: ScalarNode,
  edits: readonly TextEdit[],
): readonly TextEdit[] | undefined {
  if (edits.length === 0) return edits;
  const known = worked.get(edits);
  if (known?.node === node && known.source === source) return known.result;
  const result = workedOut(source, node, edits);
  worked.set(edits, { source, node, result });
  return result;
}

const worked = new WeakMap<
  readonly TextEdit[],
  { source: string; node: ScalarNode; result: readonly TextEdit[] | undefined }
>();

function workedOut(source: string, node: ScalarNode, edits: readonly TextEdit[]): TextEdit[] | undefined {
  const after = applyEdits(node.text, edits);
  const tidy = withTidyEnds(node.text, edits, after);
  const map = charMap(source, node, around([...edits, ...tidy]));
  if (!map.isCertain) return undefined;
  const wanted = tidy === edits ? after : applyEdits(node.text, tidy);
  return (
    editsOf(source, node, map, tidy, wanted) ?? (tidy === edits ? undefined : editsOf(source, node, map, edits, after))
  );
}

/** From the first to the last character that edits touch, and their neighbours. */
function around(edits: readonly TextEdit[]): { start: number; end: number } {
  return edits.reduce(
    (hull, { start, end }) => ({ start: Math.min(hull.start, start - 1), end: Math.max(hull.end, end + 1) }),
    { start: Number.POSITIVE_INFINITY, end: 0 },
  );
}

/** @param after the string that is wanted. */
function editsOf(
  source: string,
  node: ScalarNode,
  map: CharMap,
  edits: readonly TextEdit[],
  after: string,
): TextEdit[] | undefined {
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

/** How often a scalar was asked about, and the map of one that is asked about again and again. */
const asked = new WeakMap<ScalarNode, { source: string; times: number; map?: CharMap }>();

/** One finding's place is asked for a few times: where it is put in order, where it is told, where it is shown. */
const FEW = 4;

/** A huge text mostly has one finding, for which a map of all of it need not be kept; a script may have hundreds. */
function mapFor(source: string, node: ScalarNode, wanted: { start: number; end: number }): CharMap {
  const before = asked.get(node);
  const known = before?.source === source ? before : { source, times: 0 };
  asked.set(node, known);
  if (known.times++ < FEW) return charMap(source, node, wanted);
  known.map ??= charMap(source, node);
  return known.map;
}

/** Where a character of a scalar's string stands in the source; undefined where that cannot be told for certain. */
export function sourceOffset(source: string, node: ScalarNode, offset: number): number | undefined {
  const map = mapFor(source, node, { start: offset, end: offset + 1 });
  return map.isCertain ? map.startOf(offset) : undefined;
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
  const map = mapFor(source, node, { start, end });
  if (!map.isCertain) return undefined;
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
  const lineBreak = isBlock && source[stop] !== undefined ? "\n" : "";
  // No edit touches the header of a block scalar.
  const indicator = isBlock ? /^[|>][+-]?([1-9])/.exec(source.slice(node.start, node.start + 3))?.[1] : undefined;
  // A line of a quoted or plain scalar must be indented further than what holds it.
  const outer = isBlock ? 0 : blockColumn(source, node);
  const indent = indicator === undefined ? outer : Math.max(0, blockIndent(source, node) - Number(indicator));
  const [open, close] = isInFlow(node) ? ["k: {", "}"] : ["", ""];
  const path = isInFlow(node) ? ["k", "k"] : ["k"];
  // All in one go: the notation may be many megabytes.
  const text = applyEdits(source.slice(start, stop), [
    { start: 0, end: 0, text: `${" ".repeat(indent)}${open}k: ` },
    ...inside,
    { start: stop - start, end: stop - start, text: lineBreak + close },
  ]);
  // For strings that say so by their style, the fast parser's word is as good.
  const plain = node.style === "plain" ? undefined : parsePlain(text, 0);
  if (plain !== undefined) return textAt(plain, path) === wanted;
  // What go-yaml takes, lines that are hardly indented among it, this parser has to be given in its own way.
  const strict = (!isBlock && text.includes("\n") && pushFlowLines(text)?.text) || text;
  return (["1.1", "1.2"] as const).every((version) => readsAs(strict, version, path, wanted));
}

function readsAs(text: string, version: "1.1" | "1.2", path: readonly string[], wanted: string): boolean {
  try {
    const document = parseBounded(text, { version, prettyErrors: false, logLevel: "silent" });
    return document.errors.length === 0 && document.getIn(path) === wanted;
  } catch (error) {
    if (error instanceof NestingError) return false;
    throw error;
  }
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
  const { text } = node;
  const behind = map.end ?? node.end;
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
  const at = map.firstLine ?? node.start;
  return edit.text.replaceAll("\n", `\n${" ".repeat(at - lineStart(source, at))}`);
}

function quoted(text: string): string {
  return /[\n\r\t']/.test(text) ? JSON.stringify(text) : `'${text}'`;
}

/** @param wanted the part of the string that is asked about; where everything else comes from is not kept. */
function charMap(source: string, node: ScalarNode, wanted?: { start: number; end: number }): CharMap {
  const builder = new MapBuilder(node.text, wanted ?? { start: 0, end: Number.POSITIVE_INFINITY });
  if (node.style === "literal" || node.style === "folded") mapBlock(source, node, builder);
  else mapFlow(source, node, builder);
  return builder.map();
}

/** Holds what the source denotes against the scalar's string as it goes: a copy of the string may be many megabytes. */
class MapBuilder {
  private readonly text: string;
  private readonly wanted: { start: number; end: number };
  private readonly runs = new Runs();
  /** The first run, the first of a source line, and the last one that is settled, kept or not. */
  private first: Run | undefined;
  private firstOfLine: Run | undefined;
  private last: Run | undefined;
  /** The last run: source that follows may be a part of it. */
  private open: Run | undefined;
  private length = 0;
  private differs = false;
  /** A line feed too many: the string may have been chomped. */
  private hasExtra = false;

  constructor(text: string, wanted: { start: number; end: number }) {
    this.text = text;
    this.wanted = wanted;
  }

  /** One UTF-16 unit of the string, standing at [start, end) of the source. */
  add(char: string, start: number, end: number, isFirst = false): void {
    this.push(char, { index: this.length, length: 1, start, end, isRaw: false, isFirst });
  }

  /** Source text that stands for itself. */
  addRaw(source: string, start: number, end: number, isFirst = false): void {
    if (end <= start) return;
    const { open } = this;
    const part = source.slice(start, end);
    if (isFirst || open?.isRaw !== true || open.end !== start)
      this.push(part, { index: this.length, length: end - start, start, end, isRaw: true, isFirst });
    else {
      this.compare(part);
      open.length += part.length;
      open.end = end;
      this.length += part.length;
    }
  }

  private push(part: string, run: Run): void {
    this.compare(part);
    this.settle();
    this.open = run;
    this.length += run.length;
  }

  /** Keeps the last run where it is asked about. */
  private settle(): void {
    const { open, wanted } = this;
    if (open === undefined) return;
    this.first ??= open;
    if (open.isFirst) this.firstOfLine ??= open;
    this.last = open;
    if (open.index <= wanted.end && open.index + open.length >= wanted.start) this.runs.push(open);
    this.open = undefined;
  }

  private compare(part: string): void {
    if (this.hasExtra) this.differs = true;
    else if (this.length + part.length === this.text.length + 1 && part.endsWith("\n")) {
      this.hasExtra = true;
      this.differs ||= !this.text.startsWith(part.slice(0, -1), this.length);
    } else this.differs ||= !this.text.startsWith(part, this.length);
  }

  /** Settles whether the string ends with a line feed, as its notation says; a file may end without one. */
  chomp(end: number | undefined): void {
    if (this.hasExtra) this.dropLast();
    else if (end !== undefined && this.length === this.text.length - 1) this.add("\n", end, end);
  }

  private dropLast(): void {
    this.hasExtra = false;
    this.length--;
    if (this.open === undefined) return;
    this.open.end--;
    if (--this.open.length === 0) this.open = undefined;
  }

  map(): CharMap {
    this.settle();
    const { runs, last } = this;
    return {
      isCertain: !this.differs && !this.hasExtra && this.length === this.text.length,
      startOf(index) {
        const run = runs.holding(index);
        return run && (run.isRaw ? run.start + index - run.index : run.start);
      },
      endOf(index) {
        const run = runs.holding(index);
        return run && (run.isRaw ? run.start + index - run.index + 1 : run.end);
      },
      isFirst(index) {
        const run = runs.holding(index);
        return run?.isFirst === true && run.index === index;
      },
      end: last?.end,
      firstLine: (this.firstOfLine ?? this.first)?.start,
    };
  }
}

interface Line {
  /** First character of the line's text, its indentation skipped. */
  start: number;
  end: number;
  /** Behind the line break. */
  next: number;
}

function* linesBetween(source: string, from: number, to: number, indent = 0): Generator<Line> {
  for (let at = from; at < to; ) {
    const lineFeed = source.indexOf("\n", at);
    const next = lineFeed < 0 || lineFeed >= to ? to : lineFeed + 1;
    const bare = lineFeed < 0 || lineFeed >= to ? to : lineFeed;
    const end = bare > at && source[bare - 1] === "\r" ? bare - 1 : bare;
    yield { start: Math.min(at + indent, end), end, next };
    at = next;
  }
}

function mapBlock(source: string, node: ScalarNode, builder: MapBuilder): void {
  const headerEnd = source.indexOf("\n", node.start);
  if (headerEnd < 0 || headerEnd >= node.end) return;
  // The value's end lies before its last line break; that break is the string's final newline (clip, keep).
  const lineFeed = source.indexOf("\n", node.end);
  const [from, to] = [headerEnd + 1, lineFeed < 0 ? source.length : lineFeed + 1];
  const lines = linesBetween(source, from, to, indentOf(source, linesBetween(source, from, to), node.text));
  const last = node.style === "literal" ? mapLiteral(source, lines, builder) : mapFolded(source, lines, builder);
  builder.chomp(last?.end);
}

/** Columns that the text of a block scalar is indented by. */
function blockIndent(source: string, node: ScalarNode): number {
  return indentOf(source, linesBetween(source, nextLine(source, node.start), node.end), node.text);
}

/** The first line of text may be indented itself, where an indicator (`|2`) says by how much all of it is. */
function indentOf(source: string, lines: Iterable<Line>, text: string): number {
  let first: Line | undefined;
  for (const line of lines) {
    if (source.slice(line.start, line.end).trim() === "") continue;
    first = line;
    break;
  }
  if (first === undefined) return 0;
  const own = /^ *(?=[^ \n])/m.exec(text)?.[0].length ?? 0;
  return Math.max(0, source.slice(first.start, first.end).search(/[^ ]/) - own);
}

/** @returns the last line */
function mapLiteral(source: string, lines: Iterable<Line>, builder: MapBuilder): Line | undefined {
  let last: Line | undefined;
  for (const line of lines) {
    const { start, end, next } = line;
    last = line;
    if (next === end + 1) builder.addRaw(source, start, next, true);
    else {
      builder.addRaw(source, start, end, true);
      if (next > end) builder.add("\n", end, next, start === end);
    }
  }
  return last;
}

/** YAML 1.2.2, 8.1.3: a break between two lines of text folds to a space, blank lines and indented lines keep theirs. */
function mapFolded(source: string, lines: Iterable<Line>, builder: MapBuilder): Line | undefined {
  let last: Line | undefined;
  const isBlank = (line: Line): boolean => line.start === line.end;
  const isIndented = (line: Line): boolean => /[ \t]/.test(source[line.start] ?? "");
  let previous: Line | undefined;
  let blanks: Line[] = [];
  for (const line of lines) {
    last = line;
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
  return last;
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
    if (node.style === "double" && char === "\\") {
      const isBreak = /[\r\n]/.test(source[at + 1] ?? "");
      at = mapEscape(source, at, end, builder);
      first = isBreak;
      continue;
    }
    if (node.style === "single" && char === "'") {
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
