import type { Json, JsonObject } from "../../json.ts";
import { parseGoYaml } from "../templates/go-yaml.ts";
import { plain } from "../templates/scalars.ts";
import { YAML_WORD } from "./yaml-words.ts";

/**
 * YAML as injection templates make it, read line by line: blocks, plain and quoted scalars of one line, literal texts, flow maps
 * and lists. What goes beyond that is left to the YAML library, which takes ten times as long; the two read the same, but for
 * the order of keys, which here is the text's.
 * @throws YamlError for what is no YAML, or nests too deeply
 */
export function readYaml(text: string, known?: KnownBlocks): Json {
  return readSimple(text, known) ?? parseGoYaml(text);
}

/**
 * List items that were read before, by their text. One template makes the same volumes and variables for every Pod; the
 * values are shared, and must not be changed.
 */
export type KnownBlocks = Map<string, Json>;

/** Longer items are mostly of one Pod alone, as are those beyond so many. */
const KNOWN_LENGTH = 1500;
const KNOWN_BLOCKS = 2000;

/** Undefined for a text that is not as simple. */
export function readSimple(text: string, known?: KnownBlocks): Json | undefined {
  if (UNUSUAL_TEXT.test(text)) return undefined;
  const reader: Reader = { text, indent: -1, start: 0, end: -1, known };
  try {
    nextLine(reader);
    if (reader.indent < 0) return null;
    const value = readBlock(reader);
    return reader.indent < 0 ? value : undefined;
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}

/** A text that is not as simple. */
class Unusual extends Error {}

/** Where the reader is: the line's indentation (-1 at the end of the text), where its content starts and where it ends. */
interface Reader {
  text: string;
  indent: number;
  start: number;
  end: number;
  known: KnownBlocks | undefined;
}

/** Tabs, other line ends, documents and directives, keys of several lines. */
const UNUSUAL_TEXT = /[\t\r\u0085\u2028\u2029\ufeff]|^(?:---|\.\.\.|%)/m;
const KEY = /([A-Za-z_][A-Za-z0-9_./-]*|"[^"\\\n]*"):(?=[ \n]|$)/y;
const PLAIN_STRING = /^[A-Za-z_$(/][A-Za-z0-9_./$()=@+-]*$/;
const BAD_START = /^[&*!|>'"%@`?{}[\],#]|^-(?: |$)|^[?:](?: |$)/;

function unusual(): never {
  throw new Unusual();
}

/** The next line that is neither empty nor a comment. */
function nextLine(reader: Reader): void {
  const { text } = reader;
  for (let from = reader.end + 1; from < text.length; ) {
    let end = text.indexOf("\n", from);
    if (end < 0) end = text.length;
    let start = from;
    while (start < end && text.charCodeAt(start) === 32) start++;
    if (start < end && text[start] !== "#") {
      reader.indent = start - from;
      reader.start = start;
      reader.end = end;
      return;
    }
    from = end + 1;
  }
  reader.indent = -1;
  reader.start = reader.end = text.length;
}

function isItem({ text, start }: Reader): boolean {
  if (text[start] !== "-") return false;
  const next = text[start + 1];
  return next === " " || next === "\n" || next === undefined;
}

/** Blocks further in are left to the library, which bounds what nests. */
const MAX_INDENT = 400;

function readBlock(reader: Reader): Json {
  const { indent } = reader;
  if (indent > MAX_INDENT) unusual();
  const value = isItem(reader) ? readList(reader, indent) : readMap(reader, indent);
  if (reader.indent > indent) unusual();
  return value;
}

function readList(reader: Reader, indent: number): Json[] {
  const items: Json[] = [];
  while (reader.indent === indent && isItem(reader)) {
    items.push(reader.known === undefined ? readItem(reader, indent) : readKnownItem(reader, indent, reader.known));
  }
  return items;
}

/** An item is all up to the next line that is no further in than its hyphen. */
function readKnownItem(reader: Reader, indent: number, known: KnownBlocks): Json {
  const { text, start } = reader;
  const end = itemEnd(reader, indent);
  if (end - start > KNOWN_LENGTH) return readItem(reader, indent);
  // What stands before the hyphen counts as well: the lines below are as far in.
  const block = text.slice(start - indent, end);
  const value = known.get(block);
  if (value !== undefined) {
    reader.end = end - 1;
    nextLine(reader);
    return value;
  }
  const read = readItem(reader, indent);
  // Where lines are left over the text is no such YAML.
  if (reader.indent >= 0 && reader.start - reader.indent < end) return read;
  if (known.size >= KNOWN_BLOCKS) known.clear();
  known.set(block, read);
  return read;
}

/** What may stand first in the line behind an item; comments and closing brackets may be in the midst of one. */
const NEXT_LINE = /[-A-Za-z_"]/;

/** Start of the first line behind an item that does not belong to it; beyond the text where that cannot be told. */
function itemEnd({ text, end }: Reader, indent: number): number {
  let from = end + 1;
  while (from < text.length) {
    let start = from;
    while (text.charCodeAt(start) === 32) start++;
    if (start - from <= indent && start < text.length && text.charCodeAt(start) !== 10)
      return NEXT_LINE.test(text[start] as string) ? from : Number.POSITIVE_INFINITY;
    const next = text.indexOf("\n", start);
    if (next < 0) return text.length + 1;
    from = next + 1;
  }
  return Math.max(from, text.length + 1);
}

function readItem(reader: Reader, indent: number): Json {
  const { text, end } = reader;
  let start = reader.start + 1;
  while (start < end && text[start] === " ") start++;
  if (start === end || text[start] === "#") {
    nextLine(reader);
    return reader.indent > indent ? readBlock(reader) : null;
  }
  const inner = indent + start - reader.start;
  reader.start = start;
  KEY.lastIndex = start;
  if (isItem(reader)) return unusual();
  if (!KEY.test(text)) return readValue(reader, start, indent);
  reader.indent = inner;
  return readMap(reader, inner);
}

function readMap(reader: Reader, indent: number): JsonObject {
  const map: JsonObject = Object.create(null);
  while (reader.indent === indent && !isItem(reader)) {
    KEY.lastIndex = reader.start;
    const written = KEY.exec(reader.text)?.[1];
    if (written === undefined) return unusual();
    const after = KEY.lastIndex;
    const key = keyOf(written);
    map[key] = readEntry(reader, after, indent);
  }
  if (reader.indent > indent) unusual();
  return map;
}

function keyOf(written: string): string {
  if (written.startsWith('"')) return written.slice(1, -1);
  // A merge key is not among those that are read here.
  return YAML_WORD.test(written) ? unusual() : written;
}

/** What stands after a key and its colon. */
function readEntry(reader: Reader, after: number, indent: number): Json {
  const { text, end } = reader;
  let start = after;
  while (start < end && text[start] === " ") start++;
  if (start < end && !(text[start] === "#" && start > after)) return readValue(reader, start, indent);
  nextLine(reader);
  if (reader.indent > indent) return readBlock(reader);
  return reader.indent === indent && isItem(reader) ? readList(reader, indent) : null;
}

/** A value that starts in the line; the reader goes on to the line after it. */
function readValue(reader: Reader, start: number, indent: number): Json {
  const { text } = reader;
  const first = text[start];
  if (first === "|") return readLiteral(reader, start, indent);
  let value: Json;
  let end = reader.end;
  if (first === '"' || first === "'") [value, end] = readQuoted(text, start);
  else if (first === "{" || first === "[") [value, end] = readFlow(text, start, 0);
  else {
    nextLineAfterScalar(reader, indent, reader.end);
    return plainScalar(cutComment(text.slice(start, end)));
  }
  if (first === "{" || first === "[") checkIndentation(text.slice(start, end), indent);
  const lineEnd = text.indexOf("\n", end);
  const stop = lineEnd < 0 ? text.length : lineEnd;
  if (!/^ *(?: #.*)?$/.test(text.slice(end, stop))) unusual();
  nextLineAfterScalar(reader, indent, stop);
  return value;
}

/** The lines of a flow collection are further in than what it belongs to; its end may stand below that. */
function checkIndentation(flow: string, indent: number): void {
  const lines = flow.split("\n");
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] as string;
    const column = line.search(/[^ ]/);
    if (column < 0) continue;
    if (column < indent || (column === indent && !(at === lines.length - 1 && /^ *[}\]]$/.test(line)))) unusual();
  }
}

/** A scalar may go on in lines that are further in. */
function nextLineAfterScalar(reader: Reader, indent: number, end: number): void {
  reader.end = end;
  nextLine(reader);
  if (reader.indent > indent) unusual();
}

function cutComment(text: string): string {
  const comment = text.indexOf(" #");
  return (comment < 0 ? text : text.slice(0, comment)).trimEnd();
}

function plainScalar(text: string): Json {
  if (PLAIN_STRING.test(text) && !YAML_WORD.test(text)) return text;
  if (BAD_START.test(text) || /: |:$/.test(text)) unusual();
  const value = plain(text);
  return value === undefined || (typeof value === "object" && value !== null) ? unusual() : value;
}

/** A quoted scalar of one line, and the offset after it. */
function readQuoted(text: string, start: number): [string, number] {
  const quote = text[start] as string;
  for (let at = start + 1; ; at++) {
    const char = text[at];
    if (char === undefined || char === "\n") return unusual();
    if (char === "\\" && quote === '"') return readEscaped(text, start);
    if (char !== quote) continue;
    if (quote === "'" && text[at + 1] === "'") at++;
    else {
      const body = text.slice(start + 1, at);
      return [quote === "'" ? body.replaceAll("''", "'") : body, at + 1];
    }
  }
}

/** Escapes that JSON has too mean the same. */
function readEscaped(text: string, start: number): [string, number] {
  const literal = /^"(?:[^"\\\n]|\\["\\/bnrt]|\\u(?!d[89a-f])[0-9a-fA-F]{4})*"/i.exec(
    text.slice(start, start + 100_000),
  )?.[0];
  return literal === undefined ? unusual() : [JSON.parse(literal) as string, start + literal.length];
}

/** A literal text: its lines without their indentation. */
function readLiteral(reader: Reader, start: number, indent: number): string {
  const { text } = reader;
  const header = text.slice(start, reader.end).trimEnd();
  if (header !== "|" && header !== "|-") unusual();
  const lines: string[] = [];
  let own = -1;
  let from = reader.end + 1;
  for (; from < text.length; ) {
    let end = text.indexOf("\n", from);
    if (end < 0) end = text.length;
    let content = from;
    while (content < end && text[content] === " ") content++;
    if (content < end) {
      if (own < 0) own = content - from;
      if (own <= indent || content - from < own) {
        if (content - from > indent) unusual();
        break;
      }
    } else if (content - from > own) unusual();
    lines.push(text.slice(Math.min(from + Math.max(own, 0), end), end));
    from = end + 1;
  }
  reader.end = from - 1;
  nextLine(reader);
  if (own <= indent) unusual();
  while (lines.at(-1) === "") lines.pop();
  const body = lines.join("\n");
  return header === "|" ? `${body}\n` : body;
}

const MAX_FLOW = 20;

/** A flow map or list, over lines; and the offset after it. */
function readFlow(text: string, start: number, depth: number): [Json, number] {
  if (depth > MAX_FLOW) unusual();
  const isList = text[start] === "[";
  const close = isList ? "]" : "}";
  const items: Json[] = [];
  const map: JsonObject = Object.create(null);
  let at = skipSpace(text, start + 1);
  while (text[at] !== close) {
    let value: Json;
    if (isList) [value, at] = readFlowValue(text, at, depth);
    else {
      KEY.lastIndex = at;
      const written = KEY.exec(text)?.[1];
      if (written === undefined) return unusual();
      [value, at] = readFlowValue(text, skipSpace(text, KEY.lastIndex), depth);
      map[keyOf(written)] = value;
    }
    items.push(value);
    at = skipSpace(text, at);
    if (text[at] === ",") at = skipSpace(text, at + 1);
    else if (text[at] !== close) unusual();
  }
  return [isList ? items : map, at + 1];
}

function readFlowValue(text: string, start: number, depth: number): [Json, number] {
  const first = text[start];
  if (first === '"' || first === "'") return readQuoted(text, start);
  if (first === "{" || first === "[") return readFlow(text, start, depth + 1);
  const found = /[,\]}\n]/g;
  found.lastIndex = start;
  const end = found.exec(text)?.index ?? text.length;
  const scalar = text.slice(start, end).trimEnd();
  if (scalar === "" || /[#:{["']/.test(scalar) || text[skipSpace(text, end)] === undefined) unusual();
  if (text[end] === "\n" && !/[,\]}]/.test(text[skipSpace(text, end)] as string)) unusual();
  return [plainScalar(scalar), end];
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n") at++;
  // A comment within a flow collection.
  if (text[at] === "#") unusual();
  return at;
}
