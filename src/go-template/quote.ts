import { bytesOf, fromBytes, isAscii, rawByte, rejoined } from "./go-string.ts";

/** Go's string and character literals (strconv/quote.go). */

const PLAIN = /^[ !#-[\]-~]*$/;
const PRINTABLE = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);
const UNESCAPES: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
]);

/** Whether a character is one that Go prints as it is (strconv.IsPrint). */
export function isPrintable(char: string): boolean {
  return PRINTABLE.test(char) && rawByte(char) === undefined;
}

/**
 * A string as a literal in double quotes (strconv.Quote), or a character in single ones.
 * @param ascii escape what is no ASCII as well
 */
export function quote(text: string, ascii = false, mark: '"' | "'" = '"'): string {
  if (mark === '"' && PLAIN.test(text)) return `"${text}"`;
  let quoted = mark as string;
  for (const char of text) quoted += escaped(char, ascii, mark);
  return quoted + mark;
}

function escaped(char: string, ascii: boolean, mark: string): string {
  if (char === mark || char === "\\") return `\\${char}`;
  const raw = rawByte(char);
  if (raw !== undefined) return `\\x${raw.toString(16)}`;
  if ((!ascii || isAscii(char)) && PRINTABLE.test(char)) return char;
  const short = ESCAPES.get(char);
  if (short !== undefined) return short;
  const code = char.codePointAt(0) as number;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}

/** What a literal in double or back quotes means; undefined for a bad one (strconv.Unquote). */
export function unquote(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  if (literal.startsWith("`")) return body.replaceAll("\r", "");
  if (!body.includes("\\")) return body.includes('"') || body.includes("\n") ? undefined : body;
  let text = "";
  for (let at = 0; at < body.length; ) {
    const char = unquoteChar(body, at, '"');
    if (char === undefined) return undefined;
    text += char.text;
    at = char.end;
  }
  return rejoined(text);
}

/** The code of a character literal with its quotes; undefined for a bad one. */
export function unquoteRune(literal: string): number | undefined {
  const char = unquoteChar(literal, 1, "'");
  if (char === undefined || literal.slice(char.end) !== "'") return undefined;
  return char.code;
}

function unquoteChar(text: string, at: number, mark: string): { text: string; code: number; end: number } | undefined {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (char === mark || at >= text.length) return undefined;
  if (char !== "\\") return { text: char, code: char.codePointAt(0) as number, end: at + char.length };
  const kind = text[at + 1] ?? "";
  const simple = kind === mark ? mark : UNESCAPES.get(kind);
  if (simple !== undefined) return { text: simple, code: simple.charCodeAt(0), end: at + 2 };
  const [start, length, base] =
    kind === "x" ? [2, 2, 16] : kind === "u" ? [2, 4, 16] : kind === "U" ? [2, 8, 16] : [1, 3, 8];
  const digits = text.slice(at + start, at + start + length);
  if (digits.length < length || !(base === 16 ? /^[0-9a-fA-F]+$/ : /^[0-7]+$/).test(digits)) return undefined;
  const code = Number.parseInt(digits, base);
  const end = at + start + length;
  if (kind === "x" || base === 8) {
    return code > 255
      ? undefined
      : { text: code < 0x80 ? String.fromCharCode(code) : fromBytes(Buffer.of(code)), code, end };
  }
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
  return { text: String.fromCodePoint(code), code, end };
}

/** Whether a string can stand between back quotes (strconv.CanBackquote). */
export function canBackquote(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return !/[\x00-\x08\x0a-\x1f`\x7f\ufeff\ud800-\udfff]/u.test(text);
}

/** The bytes in hexadecimal. */
export function hexOf(text: string): string[] {
  return [...bytesOf(text)].map((byte) => byte.toString(16).padStart(2, "0"));
}
