import { bytesOf, isAscii } from "./go-string.ts";
import { isPrintable } from "./quote.ts";

const HTML: ReadonlyMap<string, string> = new Map([
  ['"', "&#34;"],
  ["'", "&#39;"],
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ["\0", "\ufffd"],
]);
const JS: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["'", "\\'"],
  ['"', '\\"'],
  ["<", "\\u003C"],
  [">", "\\u003E"],
  ["&", "\\u0026"],
  ["=", "\\u003D"],
]);

/** Text for HTML (text/template, HTMLEscapeString). */
export function escapeHtml(text: string): string {
  return text.replace(/["'&<>\0]/g, (char) => HTML.get(char) as string);
}

/** Text for a JavaScript string (text/template, JSEscapeString). */
export function escapeJs(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are escaped
  return text.replace(/[\\'"<>&=\0-\x1f]|[^\0-\x7f]/gu, (char) => {
    const known = JS.get(char);
    if (known !== undefined) return known;
    if (!isAscii(char) && (isPrintable(char) || /[\ud800-\udfff]/u.test(char))) return char;
    return `\\u${(char.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0")}`;
  });
}

/** Text for the query of a URL (net/url, QueryEscape). */
export function escapeQuery(text: string): string {
  return escapeBytes(text, /[A-Za-z0-9\-_.~]/).replaceAll("%20", "+");
}

/** Every byte but those of some characters as %XX. */
function escapeBytes(text: string, kept: RegExp): string {
  let escaped = "";
  for (const byte of bytesOf(text)) {
    const char = String.fromCharCode(byte);
    escaped += byte < 0x80 && kept.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}
