/** A top-level key of a block-style document: from the start of its line to the next key or the document's end. */
export interface Section {
  name: string;
  start: number;
  end: number;
}

/** One item of a block list that stands directly under `items:`. */
export interface ItemStart {
  /** Offset of the `-`. */
  dash: number;
  /** The item's own top-level `kind` where its line tells it for certain. */
  kind: string | undefined;
}

/** Where the parts of a ResourceList stand, found line by line. */
export interface Outline {
  sections: Section[];
  items: ItemStart[];
  /** Column of the items' dashes; -1 where there is no item. */
  column: number;
  /** End of the document: the `...` or `---` line behind it, or the end of the text. */
  end: number;
}

const SPACE = 32;
const TAB = 9;
const DASH = 45;
const HASH = 35;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BANG = 33;
const AMPERSAND = 38;
const LOWER_K = 107;

/** Plain keys only; anything else is left to a parser. */
const KEY = /([A-Za-z][\w.-]*):(?=[ \t\r\n]|$)/y;
/** What may follow `items:` on its line for the list to stand below it, or to be empty. */
const ITEMS_HEAD = /items:(?:[ \t]+(\[[ \t]*\]))?[ \t]*(?:[ \t]#[^\n]*)?\r?(?:\n|$)/y;
const MARKER = /(---|\.\.\.)[ \t]*(?:[ \t]#[^\n]*)?\r?(?:\n|$)/y;
const KIND = /kind:[ \t]+(["']?)(\w+)\1[ \t]*(?:[ \t]#[^\n]*)?\r?(?:\n|$)/y;

/**
 * Outline of a text that holds one block-style document of plain top-level keys; undefined where only a parse can
 * tell: flow or JSON style, quoted or doubled keys, directives, tags, odd indentation, several documents.
 *
 * Lines alone are enough because YAML keeps everything below an item further in than its dash: only comments and
 * blank lines may stand at or before the dash's column.
 */
export function outlineOf(text: string): Outline | undefined {
  if (latest?.text !== text) {
    const scan = new OutlineScan(text);
    latest = { text, outline: scan.run() ? scan.outline : undefined };
  }
  return latest.outline;
}

/** A list is read, and its results written, by the same outline: large ones are looked through once for both. */
let latest: { text: string; outline: Outline | undefined } | undefined;

class OutlineScan {
  readonly outline: Outline;
  private readonly text: string;
  private readonly names = new Set<string>();
  private isOpened = false;
  private section: Section | undefined;
  private isEmptyList = false;
  /** Column of the keys of the item being read; -1 while unknown. */
  private keyColumn = -1;
  private hasKind = false;

  constructor(text: string) {
    this.text = text;
    this.outline = { sections: [], items: [], column: -1, end: text.length };
  }

  /** False where only a parse can tell. */
  run(): boolean {
    const { text, outline } = this;
    let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
    while (at < outline.end) {
      const lineFeed = text.indexOf("\n", at);
      const next = lineFeed < 0 ? text.length : lineFeed + 1;
      if (!this.line(at, next)) return false;
      at = next;
    }
    this.closeSection(outline.end);
    return this.section !== undefined;
  }

  private line(start: number, next: number): boolean {
    const { text } = this;
    const limit = this.section?.name === "items" ? this.outline.column : 0;
    let column = 0;
    while (column <= limit && text.charCodeAt(start + column) === SPACE) column++;
    if (column > limit && limit >= 0) return this.deeper(start, column);
    while (text.charCodeAt(start + column) === SPACE) column++;
    const first = text.charCodeAt(start + column);
    if (start + column >= next || first === LINE_FEED || first === HASH) return true;
    if (first === CARRIAGE_RETURN || first === TAB) return text.slice(start, next).trim() === "";
    if (this.section?.name === "items" && first === DASH && isBreakOrSpace(text.charCodeAt(start + column + 1)))
      return this.item(start, column);
    return column === 0 && this.topLevel(start, next);
  }

  /** A line further in than what holds it: of an item only its `kind` is of interest. */
  private deeper(start: number, column: number): boolean {
    const { text } = this;
    if (this.section === undefined) return false;
    if (this.section.name !== "items") return true;
    if (this.keyColumn < 0) this.findKeyColumn(start + column, start);
    const { keyColumn } = this;
    const at = start + keyColumn;
    if (keyColumn < 0 || text.charCodeAt(at) !== LOWER_K || column > keyColumn || !text.startsWith("kind:", at))
      return true;
    for (let i = start + column; i < at; i++) if (text.charCodeAt(i) !== SPACE) return true;
    this.readKind(at);
    return true;
  }

  /** The first line below a lone dash that is no comment holds the item's first key. */
  private findKeyColumn(from: number, start: number): void {
    const { text } = this;
    let at = from;
    while (text.charCodeAt(at) === SPACE) at++;
    const code = text.charCodeAt(at);
    if (code !== HASH && !isBreakOrSpace(code)) this.keyColumn = at - start;
  }

  private readKind(at: number): void {
    const item = this.outline.items.at(-1);
    if (item === undefined) return;
    KIND.lastIndex = at;
    // A second `kind` at this column: the YAML is broken, which only a parse may say.
    item.kind = this.hasKind ? undefined : KIND.exec(this.text)?.[2];
    this.hasKind = true;
  }

  private item(start: number, column: number): boolean {
    const { outline, text } = this;
    if (this.isEmptyList || (outline.column >= 0 && column !== outline.column)) return false;
    outline.column = column;
    outline.items.push({ dash: start + column, kind: undefined });
    this.hasKind = false;
    let key = start + column + 1;
    while (text.charCodeAt(key) === SPACE) key++;
    if (text.charCodeAt(key) === TAB) return false;
    const code = text.charCodeAt(key);
    const isAlone = Number.isNaN(code) || code === LINE_FEED || code === CARRIAGE_RETURN || code === HASH;
    // kpt writes a resource's head comment behind the dash, and its keys on the lines below.
    this.keyColumn = isAlone || code === AMPERSAND || code === BANG ? -1 : key - start;
    if (text.startsWith("kind:", key)) this.readKind(key);
    return true;
  }

  private topLevel(start: number, next: number): boolean {
    const { text } = this;
    MARKER.lastIndex = start;
    const marker = MARKER.exec(text)?.[1];
    if (marker !== undefined) return this.marker(marker, start, next);
    if (text.charCodeAt(start) === DASH && isBreakOrSpace(text.charCodeAt(start + 1)))
      return this.section !== undefined && this.section.name !== "items";
    KEY.lastIndex = start;
    const name = KEY.exec(text)?.[1];
    if (name === undefined || this.names.has(name)) return false;
    this.names.add(name);
    this.closeSection(start);
    this.section = { name, start, end: text.length };
    this.outline.sections.push(this.section);
    if (name !== "items") return true;
    ITEMS_HEAD.lastIndex = start;
    const head = ITEMS_HEAD.exec(text);
    this.isEmptyList = head?.[1] !== undefined;
    return head !== null;
  }

  private marker(marker: string, start: number, next: number): boolean {
    if (this.section === undefined) {
      const isFirst = marker === "---" && !this.isOpened;
      this.isOpened = true;
      return isFirst;
    }
    this.outline.end = start;
    return isBlank(this.text, next);
  }

  private closeSection(end: number): void {
    if (this.section !== undefined) this.section.end = end;
  }
}

function isBreakOrSpace(code: number): boolean {
  return code === SPACE || code === TAB || code === LINE_FEED || code === CARRIAGE_RETURN || Number.isNaN(code);
}

/** Nothing but blank lines, comments and document markers from here on. */
function isBlank(text: string, from: number): boolean {
  return text
    .slice(from)
    .split("\n")
    .every((line) => BLANK.test(line));
}

const BLANK = /^(?:[ \t]*(?:#.*)?|(?:---|\.\.\.)[ \t]*(?:[ \t]#.*)?)\r?$/;
