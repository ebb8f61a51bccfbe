import { plainValue } from "./plain-value.ts";
import type { Entry, Item, MapNode, Node, ScalarNode, SeqNode } from "./tree.ts";

/*
 * JSON is YAML, but a YAML parser takes some twenty times as long for it. This reads what JSON.parse would take and
 * leaves everything else, also what YAML sees in another way, to the full parser. json-parse.test.ts holds both to the
 * same tree.
 */

/** Thrown, without a stack, where the text is for the full parser. */
const GIVE_UP = new Error("no JSON");

/**
 * The tree of a document that is one JSON object or list; undefined for anything else.
 * @param source one document. @param base offset of the source in its file.
 */
export function parseJson(source: string, base: number): Node | undefined {
  const start = JSON_START.exec(source)?.[0].length;
  if (start === undefined) return undefined;
  try {
    return new JsonParser(source, base, start).document();
  } catch (error) {
    if (error === GIVE_UP) return undefined;
    throw error;
  }
}

const JSON_START = /^(?:[ \t\r\n]*(?:---[ \t]*\r?\n[ \t\r\n]*)?)(?=[[{][ \t\r\n]*["[{\]}\d-])/;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[ \t\r\n,\]}])/y;
const WORD = /(?:true|false|null)(?=[ \t\r\n,\]}])/y;
const QUOTE = 34;
const BACKSLASH = 92;
const MAX_DEPTH = 200;
/** A key of YAML must end within 1,024 characters (YAML 1.2.2, 7.4.2). */
const MAX_KEY = 1000;

class JsonParser {
  private readonly source: string;
  private readonly base: number;
  private at: number;
  private depth = 0;

  constructor(source: string, base: number, at: number) {
    this.source = source;
    this.base = base;
    this.at = at;
  }

  document(): Node {
    const node = this.value();
    if (this.skip() !== undefined) throw GIVE_UP;
    return node;
  }

  /** Moves to the next character that is no white space. */
  private skip(): string | undefined {
    for (; this.at < this.source.length; this.at++) {
      const code = this.source.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return this.source[this.at];
    }
    return undefined;
  }

  private value(): Node {
    switch (this.skip()) {
      case "{":
        return this.map();
      case "[":
        return this.list();
      case '"':
        return this.string();
      default:
        return this.plain();
    }
  }

  private map(): MapNode {
    const start = this.open();
    const map: MapNode = { kind: "map", start, end: start, propsStart: start, flow: true, entries: [] };
    const names = new Set<string>();
    for (let next = this.skip(); next !== "}"; next = this.next("}")) {
      if (next !== '"') throw GIVE_UP;
      const key = this.string();
      if (names.has(key.text) || key.end - key.start > MAX_KEY || this.source[this.at] !== ":") throw GIVE_UP;
      names.add(key.text);
      this.at++;
      const value = this.value();
      const entry: Entry = { start: key.start, key, name: key.text, value, map };
      value.parent = entry;
      map.entries.push(entry);
    }
    map.end = this.close();
    return map;
  }

  private list(): SeqNode {
    const start = this.open();
    const seq: SeqNode = { kind: "seq", start, end: start, propsStart: start, flow: true, items: [] };
    for (let next = this.skip(); next !== "]"; next = this.next("]")) {
      const value = this.value();
      const item: Item = { start: value.start, value, seq };
      value.parent = item;
      seq.items.push(item);
    }
    seq.end = this.close();
    return seq;
  }

  private open(): number {
    if (++this.depth > MAX_DEPTH) throw GIVE_UP;
    return this.at++ + this.base;
  }

  private close(): number {
    this.depth--;
    return ++this.at + this.base;
  }

  /** Behind a value: the closing bracket, or what follows the comma. */
  private next(close: string): string | undefined {
    const char = this.skip();
    if (char === close) return char;
    if (char !== ",") throw GIVE_UP;
    this.at++;
    const behind = this.skip();
    if (behind === close) throw GIVE_UP;
    return behind;
  }

  private string(): ScalarNode {
    let end = this.at + 1;
    let isEscaped = false;
    for (let code = this.source.charCodeAt(end); code !== QUOTE; code = this.source.charCodeAt(end)) {
      // Control characters must be escaped; NaN is the end of the text.
      if (!(code >= 32)) throw GIVE_UP;
      isEscaped ||= code === BACKSLASH;
      end += code === BACKSLASH ? 2 : 1;
    }
    const raw = this.source.slice(this.at, end + 1);
    const text = isEscaped ? unescaped(raw) : raw.slice(1, -1);
    return this.scalar("double", raw, text, text);
  }

  private plain(): ScalarNode {
    const pattern = /[a-z]/.test(this.source[this.at] ?? "") ? WORD : NUMBER;
    pattern.lastIndex = this.at;
    const raw = pattern.exec(this.source)?.[0];
    if (raw === undefined) throw GIVE_UP;
    const value = plainValue(raw);
    return this.scalar("plain", raw, raw, value);
  }

  private scalar(style: ScalarNode["style"], raw: string, text: string, value: ScalarNode["value"]): ScalarNode {
    const start = this.at + this.base;
    this.at += raw.length;
    return { kind: "scalar", start, end: this.at + this.base, propsStart: start, style, text, value };
  }
}

function unescaped(raw: string): string {
  try {
    return JSON.parse(raw);
  } catch {
    throw GIVE_UP;
  }
}
