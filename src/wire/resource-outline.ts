import type { TextEdit } from "../source/edit.ts";

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

/**
 * The outline of a text whose items were edited, without looking through all of it again. The same as `outlineOf`,
 * which this asks where it cannot tell.
 * @param text the text after the edits.
 * @param edits as applied to the text of `before`, sorted and not overlapping.
 */
export function outlineAfter(before: Outline, text: string, edits: readonly TextEdit[]): Outline | undefined {
  const outline = new EditedOutline(before, text, edits).outline();
  if (outline === undefined) return outlineOf(text);
  latest = { text, outline };
  return outline;
}

/** Moves the parts of an outline; the items that were edited are looked through again. */
class EditedOutline {
  private readonly before: Outline;
  private readonly text: string;
  private readonly edits: readonly TextEdit[];

  constructor(before: Outline, text: string, edits: readonly TextEdit[]) {
    this.before = before;
    this.text = text;
    this.edits = edits;
  }

  outline(): Outline | undefined {
    const { before } = this;
    const section = before.sections.find(({ name }) => name === "items");
    const [first] = before.items;
    if (section === undefined || first === undefined) return undefined;
    if (this.edits.some(({ start, end }) => start <= first.dash || end > section.end)) return undefined;
    const items = this.movedItems(section);
    if (items === undefined) return undefined;
    // What is inserted where the items end belongs to them.
    const delta = this.edits.reduce((sum, { start, end, text }) => sum + text.length - (end - start), 0);
    const moved = (offset: number): number => (offset < section.end ? offset : offset + delta);
    const sections = before.sections.map(({ name, start, end }) => ({ name, start: moved(start), end: moved(end) }));
    return { sections, items, column: before.column, end: moved(before.end) };
  }

  /** undefined where an edit leaves anything but the one item that it was made in. */
  private movedItems(section: Section): ItemStart[] | undefined {
    const { before, edits } = this;
    const items: ItemStart[] = [];
    let delta = 0;
    let next = 0;
    for (let n = 0; n < before.items.length; n++) {
      const { dash, kind } = before.items[n] as ItemStart;
      const end = before.items[n + 1]?.dash ?? section.end;
      const from = next;
      const moved = dash + delta;
      for (let edit = edits[next]; edit !== undefined && isWithin(edit, end); edit = edits[++next]) {
        if (edit.start <= dash || edit.end > end) return undefined;
        delta += edit.text.length - (edit.end - edit.start);
      }
      if (next === from) items.push({ dash: moved, kind });
      else {
        const item = this.soleItem(moved, end + delta);
        if (item === undefined) return undefined;
        items.push(item);
      }
    }
    return next === edits.length ? items : undefined;
  }

  /** The item that a range of lines holds, if it is one at the list's own column. */
  private soleItem(dash: number, end: number): ItemStart | undefined {
    const start = dash - this.before.column;
    const scan = new OutlineScan(`items:\n${this.text.slice(start, end)}`);
    const [item, ...others] = scan.run() ? scan.outline.items : [];
    const isSole = others.length === 0 && scan.outline.sections.length === 1 && scan.outline.end === scan.text.length;
    return item !== undefined && isSole && scan.outline.column === this.before.column
      ? { dash, kind: item.kind }
      : undefined;
  }
}

/** An edit before an offset; what is inserted there belongs to what stands before it. */
function isWithin(edit: TextEdit, end: number): boolean {
  return edit.start < end || (edit.start === end && edit.end === end);
}

class OutlineScan {
  readonly outline: Outline;
  readonly text: string;
  private readonly names = new Set<string>();
  private isOpened = false;
  private section: Section | undefined;
  private isEmptyList = false;
  /** Column of the keys of the item being read; -1 while unknown. */
  private keyColumn = -1;
  private hasKind = false;
  /** Finds the lines that matter among those of items whose keys stand right behind the dash. */
  private telling: RegExp | undefined;

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
      at = this.skip(next);
    }
    this.closeSection(outline.end);
    return this.section !== undefined;
  }

  /** From the start of a line to that of the next one that may tell something: one search in place of many lines. */
  private skip(at: number): number {
    const { text, outline, keyColumn } = this;
    const { column } = outline;
    if (this.section?.name !== "items" || column < 0 || keyColumn !== column + 2) return at;
    this.telling ??= new RegExp(`\\n(?: {0,${column}}[^ \\n]| {${keyColumn}}kind:)`, "g");
    this.telling.lastIndex = at - 1;
    const found = this.telling.exec(text);
    return found === null ? outline.end : found.index + 1;
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
    if (this.keyColumn < 0 && !this.findKeyColumn(start + column, start)) return false;
    const { keyColumn } = this;
    const at = start + keyColumn;
    if (keyColumn < 0 || text.charCodeAt(at) !== LOWER_K || column > keyColumn || !text.startsWith("kind:", at))
      return true;
    for (let i = start + column; i < at; i++) if (text.charCodeAt(i) !== SPACE) return true;
    this.readKind(at);
    return true;
  }

  /**
   * The first line below a lone dash that is no comment holds the item's first key. False where it is a marker, as
   * which only an item by itself would take it.
   */
  private findKeyColumn(from: number, start: number): boolean {
    const { text } = this;
    let at = from;
    while (text.charCodeAt(at) === SPACE) at++;
    const code = text.charCodeAt(at);
    if (code !== HASH && !isBreakOrSpace(code)) this.keyColumn = at - start;
    return !text.startsWith("---", at) && !text.startsWith("...", at);
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
