import { keyName, plainValue } from "./plain-value.ts";
import type { Entry, Item, MapNode, Node, ScalarNode, SeqNode } from "./tree.ts";

/*
 * Most manifests use a small part of YAML: block maps and lists, one-line scalars and flow collections, literals. This
 * reads that part some ten times faster than a full parser and gives up on everything else, also on everything
 * that might be a fault, so that the full parser has the word. plain-parse.test.ts holds both to the same tree.
 */

/** Thrown, without a stack, where the text is for the full parser. */
const GIVE_UP = new Error("not plain");

/**
 * The tree of a document in plain notation; undefined where a full parse is needed, also for an empty document.
 * @param source one document. @param base offset of the source in its file.
 */
export function parsePlain(source: string, base: number): Node | undefined {
  try {
    return new PlainParser(source, base).document();
  } catch (error) {
    if (error === GIVE_UP) return undefined;
    throw error;
  }
}

const SPACE = 32;
const HASH = 35;
const DASH = 45;
const COLON = 58;
const LINE_FEED = 10;
const QUOTE = 34;
const BACKSLASH = 92;
const KEY = /[\w./-]+(?=:(?:[ \n]|$))/y;
const MAX_DEPTH = 200;

class PlainParser {
  private readonly source: string;
  private readonly base: number;
  /** Start of the content at the cursor; the source's length at the end. */
  private at = 0;
  /** Column of `at`; -1 at the end. */
  private column = 0;
  private depth = 0;

  constructor(source: string, base: number) {
    this.source = source;
    this.base = base;
  }

  document(): Node | undefined {
    if (/[\t\r]|^(?:\.\.\.|%)/m.test(this.source)) throw GIVE_UP;
    const marker = /^---(?=\n|$)/m.exec(this.source);
    if (marker !== null) {
      if (/^[ ]*[^\s#]/m.test(this.source.slice(0, marker.index))) throw GIVE_UP;
      this.at = marker.index + 3;
    } else if (/^---/m.test(this.source)) {
      throw GIVE_UP;
    }
    this.toContent(marker === null);
    if (this.column < 0) return undefined;
    const node = this.block();
    if (this.column >= 0) throw GIVE_UP;
    return node;
  }

  /** Moves to the next content; `here`: the cursor stands at the start of a line, else at the end of one. */
  private toContent(here = false): void {
    let line = here ? this.at : this.source.indexOf("\n", this.at) + 1;
    if (!here && line === 0) return this.toEnd();
    for (;;) {
      let at = line;
      while (this.source.charCodeAt(at) === SPACE) at++;
      const code = this.source.charCodeAt(at);
      if (code === LINE_FEED) line = at + 1;
      else if (code === HASH) {
        line = this.source.indexOf("\n", at) + 1;
        if (line === 0) return this.toEnd();
      } else if (at >= this.source.length) return this.toEnd();
      else {
        this.at = at;
        this.column = at - line;
        return;
      }
    }
  }

  private toEnd(): void {
    this.at = this.source.length;
    this.column = -1;
  }

  private block(): Node {
    if (++this.depth > MAX_DEPTH) throw GIVE_UP;
    const node = this.isDash() ? this.list() : this.map();
    this.depth--;
    return node;
  }

  private isDash(): boolean {
    if (this.source.charCodeAt(this.at) !== DASH) return false;
    const next = this.source.charCodeAt(this.at + 1);
    return next === SPACE || next === LINE_FEED || Number.isNaN(next);
  }

  private map(): MapNode {
    const column = this.column;
    const start = this.at + this.base;
    const map: MapNode = { kind: "map", start, end: start, propsStart: start, flow: false, entries: [] };
    const names = new Set<string>();
    while (this.column === column) {
      const entry = this.entry(map, column);
      if (names.has(entry.name as string)) throw GIVE_UP;
      names.add(entry.name as string);
      map.entries.push(entry);
    }
    if (this.column > column) throw GIVE_UP;
    map.end = (map.entries.at(-1) as Entry).value.end;
    return map;
  }

  private entry(map: MapNode, column: number): Entry {
    const key = this.key();
    const colon = key.end - this.base;
    const value = this.value(colon + 1, column, true);
    const entry: Entry = { start: key.start, key, name: nameOf(key), value, map };
    value.parent = entry;
    return entry;
  }

  private key(): ScalarNode {
    const code = this.source.charCodeAt(this.at);
    if (code === 34 || code === 39) {
      const key = this.quoted(this.at);
      const end = key.end - this.base;
      const next = this.source.charCodeAt(end + 1);
      const isKey =
        this.source.charCodeAt(end) === COLON && (next === SPACE || next === LINE_FEED || Number.isNaN(next));
      if (!isKey) throw GIVE_UP;
      return key;
    }
    KEY.lastIndex = this.at;
    const match = KEY.exec(this.source);
    if (match === null || match[0] === "-" || match[0].startsWith("---")) throw GIVE_UP;
    return this.plain(match[0], this.at);
  }

  private list(): SeqNode {
    const column = this.column;
    const start = this.at + this.base;
    const seq: SeqNode = { kind: "seq", start, end: start, propsStart: start, flow: false, items: [] };
    while (this.column === column && this.isDash()) {
      const dash = this.at + this.base;
      const value = this.itemValue(column);
      const item: Item = { start: dash, value, seq };
      value.parent = item;
      seq.items.push(item);
    }
    if (this.column > column) throw GIVE_UP;
    const last = seq.items.at(-1) as Item;
    seq.end = Math.max(last.value.end, last.start + 1);
    return seq;
  }

  /** What follows a dash; a map or list may begin on its line. */
  private itemValue(column: number): Node {
    let at = this.at + 1;
    while (this.source.charCodeAt(at) === SPACE) at++;
    const isNested = this.isNested(at);
    if (!isNested) return this.value(this.at + 1, column, false);
    this.column += at - this.at;
    this.at = at;
    return this.block();
  }

  private isNested(at: number): boolean {
    const code = this.source.charCodeAt(at);
    if (code === DASH) {
      const next = this.source.charCodeAt(at + 1);
      return next === SPACE || next === LINE_FEED || Number.isNaN(next);
    }
    KEY.lastIndex = at;
    if (KEY.test(this.source)) return true;
    // A quoted word before a colon is a key; the map finds out.
    return (code === 34 || code === 39) && /^(?:"[^"\\\n]*"|'[^'\n]*'):/.test(this.source.slice(at, this.lineEnd(at)));
  }

  private lineEnd(at: number): number {
    const end = this.source.indexOf("\n", at);
    return end < 0 ? this.source.length : end;
  }

  /** The value that begins behind `from` (a colon or dash) on this line, or on the lines below. */
  private value(from: number, column: number, inMap: boolean): Node {
    let at = from;
    while (this.source.charCodeAt(at) === SPACE) at++;
    const code = this.source.charCodeAt(at);
    this.at = at;
    const isBelow = Number.isNaN(code) || code === LINE_FEED || (code === HASH && at > from);
    if (isBelow) return this.valueBelow(from, column, inMap);
    if (code === 124) return this.literal(column);
    const node = this.inline(at);
    this.endLine(node.end - this.base);
    this.toContent();
    // Deeper text below would be a further line of this scalar.
    if (this.column > column) throw GIVE_UP;
    return node;
  }

  private valueBelow(from: number, column: number, inMap: boolean): Node {
    this.toContent();
    if (this.column > column || (inMap && this.column === column && this.isDash())) return this.block();
    return this.scalar("plain", "", null, from, from);
  }

  /** Nothing but white space or a comment may follow. */
  private endLine(end: number): void {
    let at = end;
    while (this.source.charCodeAt(at) === SPACE) at++;
    const code = this.source.charCodeAt(at);
    const isClear = Number.isNaN(code) || code === LINE_FEED || (code === HASH && at > end);
    if (!isClear) throw GIVE_UP;
    this.at = at;
  }

  private inline(at: number): Node {
    const code = this.source.charCodeAt(at);
    if (code === 34 || code === 39) return this.quoted(at);
    if (code === 91 || code === 123) return new FlowParser(this.source, this.base, at, this).collection(0);
    const line = this.source.slice(at, this.lineEnd(at));
    const comment = line.indexOf(" #");
    const text = (comment < 0 ? line : line.slice(0, comment)).trimEnd();
    if (!isPlainText(text)) throw GIVE_UP;
    return this.plain(text, at);
  }

  quoted(at: number): ScalarNode {
    const quote = this.source[at] as string;
    const end = this.source.indexOf(quote, at + 1);
    const text = this.source.slice(at + 1, end);
    if (quote === '"' && text.includes("\\")) return this.escaped(at);
    // A backslash is text between single quotes; a doubled quote is not the end.
    const isSimple = end > at && !text.includes("\n") && this.source[end + 1] !== quote;
    if (!isSimple) throw GIVE_UP;
    return this.scalar(quote === '"' ? "double" : "single", text, text, at, end + 1);
  }

  /** A double-quoted scalar of one line whose escapes JSON has too: they mean the same. */
  private escaped(at: number): ScalarNode {
    let end = at + 1;
    for (let code = this.source.charCodeAt(end); code !== QUOTE; code = this.source.charCodeAt(end)) {
      // Control characters, line breaks among them; NaN is the end of the text.
      if (!(code >= SPACE)) throw GIVE_UP;
      end += code === BACKSLASH ? 2 : 1;
    }
    if (this.source[end + 1] === '"') throw GIVE_UP;
    const text = jsonString(this.source.slice(at, end + 1));
    return this.scalar("double", text, text, at, end + 1);
  }

  plain(text: string, at: number): ScalarNode {
    return this.scalar("plain", text, plainValue(text), at, at + text.length);
  }

  private scalar(
    style: ScalarNode["style"],
    text: string,
    value: ScalarNode["value"],
    from: number,
    to: number,
  ): ScalarNode {
    const start = from + this.base;
    const shown = style === "plain" && typeof value === "string" ? value : text;
    return { kind: "scalar", start, end: to + this.base, propsStart: start, style, text: shown, value };
  }

  private literal(column: number): ScalarNode {
    const start = this.at;
    const headerEnd = this.lineEnd(start);
    const header = this.source.slice(start, headerEnd).trimEnd();
    if (header !== "|" && header !== "|-") throw GIVE_UP;
    const { indent, first, end, next, hasShort } = this.literalLines(headerEnd, column);
    // Texts may be huge: they are cut in one go with the line break behind them, so that nothing has to be joined.
    const isCut = header === "|" && this.source.charCodeAt(end) === LINE_FEED;
    const { source } = this;
    const textOf = (): string => {
      const body = dedented(source, first, isCut ? end + 1 : end, indent, hasShort);
      return header === "|" && !isCut ? `${body}\n` : body;
    };
    this.at = next;
    this.toContent(true);
    return end - first > HUGE
      ? this.hugeLiteral(() => hugeText(source, first, textOf), start, end)
      : this.literalOf(textOf(), start, end);
  }

  private literalOf(text: string, start: number, end: number): ScalarNode {
    return this.scalar("literal", text, text, start, end);
  }

  /** A text of megabytes is made when someone asks for it: most are dashboards and the like, which nobody reads. */
  private hugeLiteral(textOf: () => string, start: number, end: number): ScalarNode {
    let text: string | undefined;
    const known = (): string => {
      text ??= textOf();
      return text;
    };
    const lazy = { get: known, enumerable: true, configurable: true };
    return Object.defineProperties(this.literalOf("", start, end), { text: lazy, value: lazy });
  }

  /**
   * Where the text of a literal stands: `first` behind its first line's indentation, `end` behind its last line that is
   * not blank, `next` at the line behind it; `hasShort`: some blank line is not indented as the text is. Texts may be
   * huge, so no line of them is kept.
   */
  private literalLines(headerEnd: number, column: number): LiteralLines {
    const { source } = this;
    let hasShort = false;
    let indent = -1;
    let first = -1;
    let end = headerEnd;
    let at = headerEnd + 1;
    while (at < source.length) {
      const stop = this.lineEnd(at);
      let own = at;
      while (source.charCodeAt(own) === SPACE) own++;
      if (own >= stop) {
        // Blanks beyond the indentation would count as text, and so may any before the first line of text.
        if (stop > at && (indent < 0 || stop - at > indent)) throw GIVE_UP;
        hasShort ||= stop > at;
      } else {
        if (own - at <= column) break;
        if (indent < 0) {
          indent = own - at;
          // Blank lines before the first line of text are text too.
          first = headerEnd + 1 === at ? own : headerEnd + 1;
        } else if (own - at < indent) throw GIVE_UP;
        if (isOddSpace(source.charCodeAt(own)) && source.slice(own, stop).trim() === "") throw GIVE_UP;
        end = stop;
      }
      at = stop + 1;
    }
    if (indent < 0) throw GIVE_UP;
    return { indent, first, end, next: at, hasShort };
  }
}

/** Characters from which on a literal's text is made when it is asked for. */
const HUGE = 2 ** 18;
/** Characters that lose their indentation in one go: the pieces that the engine makes of them are short-lived then. */
const BLOCK = 2 ** 16;

/** Lines from the middle of the first one on, without their indentation. */
function dedented(source: string, from: number, to: number, indent: number, hasShort: boolean): string {
  const indented = `\n${" ".repeat(indent)}`;
  const isWide = WIDE.test(source);
  const parts: string[] = [];
  for (let start = from; start < to; ) {
    // A block ends before a line break, and the next one begins with it.
    const lineFeed = source.indexOf("\n", start + BLOCK);
    const end = lineFeed < 0 || lineFeed >= to ? to : lineFeed;
    const lines = source.slice(start, end);
    // A replacement would be a tree of pieces until someone reads it.
    const block = indent === 0 ? lines : lines.split(indented).join("\n");
    const text = hasShort ? block.split(SHORT_BLANKS).join("\n") : block;
    parts.push(isWide ? narrow(text) : text);
    start = end;
  }
  return parts.length === 1 ? (parts[0] as string) : parts.join("");
}

const WIDE = /[\u0100-\uffff]/;

/** One such character anywhere has the engine take two bytes for each of a text: its other parts need not. */
function narrow(text: string): string {
  return WIDE.test(text) ? text : Buffer.from(text, "latin1").toString("latin1");
}

/** The huge text that was asked for last: several readers of a document each parse it. */
let latest: { source: string; from: number; text: string } | undefined;

function hugeText(source: string, from: number, make: () => string): string {
  if (latest?.from !== from || latest.source !== source) {
    latest = undefined;
    latest = { source, from, text: make() };
  }
  return latest.text;
}

interface LiteralLines {
  indent: number;
  first: number;
  end: number;
  next: number;
  hasShort: boolean;
}

function jsonString(raw: string): string {
  try {
    return JSON.parse(raw) as string;
  } catch {
    throw GIVE_UP;
  }
}

/** A blank line between others that has fewer blanks than the text is indented by; behind a block there is another. */
const SHORT_BLANKS = /\n +(?=\n|$)/;

/** May be white space of a kind that YAML takes for text. */
function isOddSpace(code: number): boolean {
  return code < SPACE || code > 126;
}

/** A flow collection on one line. */
class FlowParser {
  private readonly source: string;
  private readonly base: number;
  private readonly owner: PlainParser;
  private at: number;

  constructor(source: string, base: number, at: number, owner: PlainParser) {
    this.source = source;
    this.base = base;
    this.at = at;
    this.owner = owner;
  }

  collection(depth: number): Node {
    if (depth > MAX_DEPTH) throw GIVE_UP;
    return this.source[this.at] === "[" ? this.list(depth) : this.map(depth);
  }

  private skip(): string {
    while (this.source.charCodeAt(this.at) === SPACE) this.at++;
    return this.source[this.at] ?? "\n";
  }

  private list(depth: number): SeqNode {
    const start = this.at + this.base;
    const seq: SeqNode = { kind: "seq", start, end: start, propsStart: start, flow: true, items: [] };
    this.at++;
    while (this.skip() !== "]") {
      const value = this.value(depth);
      const item: Item = { start: value.start, value, seq };
      value.parent = item;
      seq.items.push(item);
      this.comma("]");
    }
    seq.end = ++this.at + this.base;
    return seq;
  }

  private map(depth: number): MapNode {
    const start = this.at + this.base;
    const map: MapNode = { kind: "map", start, end: start, propsStart: start, flow: true, entries: [] };
    const names = new Set<string>();
    this.at++;
    while (this.skip() !== "}") {
      const key = this.scalar(true);
      if (this.source[this.at] !== ":" || names.has(key.text)) throw GIVE_UP;
      names.add(key.text);
      this.at++;
      if (this.source[this.at] !== " ") throw GIVE_UP;
      this.skip();
      const value = this.value(depth);
      const entry: Entry = { start: key.start, key, name: nameOf(key), value, map };
      value.parent = entry;
      map.entries.push(entry);
      this.comma("}");
    }
    map.end = ++this.at + this.base;
    return map;
  }

  /** Behind a value: a comma and more, or the end. */
  private comma(close: string): void {
    const next = this.skip();
    if (next === close) return;
    if (next !== ",") throw GIVE_UP;
    this.at++;
    if (this.skip() === close) throw GIVE_UP;
  }

  private value(depth: number): Node {
    const char = this.source[this.at];
    return char === "[" || char === "{" ? this.collection(depth + 1) : this.scalar(false);
  }

  private scalar(isKey: boolean): ScalarNode {
    const char = this.source[this.at];
    if (char === '"' || char === "'") {
      const node = this.owner.quoted(this.at);
      this.at = node.end - this.base;
      return node;
    }
    FLOW_PLAIN.lastIndex = this.at;
    const text = FLOW_PLAIN.exec(this.source)?.[0].trimEnd() ?? "";
    if (!isPlainText(text)) throw GIVE_UP;
    const node = this.owner.plain(text, this.at);
    this.at += text.length;
    if (!isKey && this.source[this.at] === ":") throw GIVE_UP;
    return node;
  }
}

const FLOW_PLAIN = /(?:[^\n,[\]{}:#"'&*!|>%@`?]|:(?![ ,[\]{}\n]|$))+/y;

/** A plain scalar on one line that is one for sure. */
function isPlainText(text: string): boolean {
  if (text === "") return false;
  const first = text[0] as string;
  if (!/[\w./$(~+\\^;=-]/.test(first)) return false;
  if (first === "-" && (text.length === 1 || text[1] === " " || text.startsWith("---"))) return false;
  return !text.includes(": ") && !text.endsWith(":") && text !== "=" && text !== "<<";
}

function nameOf({ style, text }: ScalarNode): string {
  return style === "plain" ? keyName(text) : text;
}
