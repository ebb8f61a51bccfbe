import { isUtf8 } from "node:buffer";

/**
 * Go's strings are bytes, JavaScript's are UTF-16. A byte that is no part of valid UTF-8 stands here as the lone surrogate
 * U+DC00 + byte (U+DC80 to U+DCFF), as Python's surrogateescape has it; all else is plain text.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;
const SURROGATE = /[\ud800-\udfff]/;
const LONE = /[\u{d800}-\u{dfff}]/u;
const LONE_ALL = /[\u{d800}-\u{dfff}]/gu;
const CONTINUATION = 0x80;

export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** The bytes of a string, one character each. */
export function bytesOf(text: string): Buffer {
  if (!LONE.test(text)) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    const raw = code >= 0xdc80 && code <= 0xdcff;
    parts.push(raw ? Buffer.of(code - 0xdc00) : Buffer.from(char, "utf8"));
  }
  return Buffer.concat(parts);
}

export function fromBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  let text = "";
  for (let at = 0; at < buffer.length; ) {
    const length = runeLength(buffer, at);
    text +=
      length === 0 ? String.fromCharCode(0xdc00 + (buffer[at] as number)) : buffer.toString("utf8", at, at + length);
    at += length || 1;
  }
  return text;
}

/** Length in bytes of the character that starts at an offset; 0 where none does. */
function runeLength(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

/** Bytes that came together may have become characters. */
export function rejoined(text: string): string {
  return LONE.test(text) ? fromBytes(bytesOf(text)) : text;
}

/** Text for the outside: what is no UTF-8 becomes U+FFFD, byte by byte. */
export function wellFormed(text: string): string {
  return LONE.test(text) ? rejoined(text).replace(LONE_ALL, "\ufffd") : text;
}

/** Length in bytes. */
export function byteLength(text: string): number {
  return isAscii(text) ? text.length : bytesOf(text).length;
}

/** The bytes from one offset to another. */
export function byteSlice(text: string, start: number, end?: number): string {
  if (isAscii(text)) return text.slice(start, end);
  return fromBytes(bytesOf(text).subarray(start, end));
}

/** Order by bytes. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : 1;
  return Buffer.compare(bytesOf(a), bytesOf(b));
}

export function sortedKeys(map: object): string[] {
  return Object.keys(map).sort(compareStrings);
}

/** Characters as Go ranges over them: what is no UTF-8 is U+FFFD, byte by byte. */
export function runesOf(text: string): string[] {
  return [...text].map((char) => (LONE.test(char) ? "\ufffd" : char));
}

/** Number of characters (utf8.RuneCountInString). */
export function runeCount(text: string): number {
  if (!SURROGATE.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Code points that stand for a single byte of no character. */
export function rawByte(char: string): number | undefined {
  const code = char.charCodeAt(0);
  return char.length === 1 && code >= 0xdc00 + CONTINUATION && code <= 0xdcff ? code - 0xdc00 : undefined;
}
