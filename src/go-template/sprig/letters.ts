/** Letters and spaces as Go's unicode and strings packages take them: character by character. */

const SPACE = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

export function isSpace(char: string): boolean {
  return SPACE.test(char);
}

/** A character that has no one-character counterpart stays as it is. */
export function upperRune(char: string): string {
  const upper = char.toUpperCase();
  return upper.length === char.length || [...upper].length === 1 ? upper : char;
}

export function lowerRune(char: string): string {
  // İ is the one letter whose counterpart has two characters here.
  return char === "\u0130" ? "i" : char.toLowerCase();
}

const TITLE: ReadonlyMap<string, string> = new Map([
  ["\u01c4", "\u01c5"],
  ["\u01c6", "\u01c5"],
  ["\u01c7", "\u01c8"],
  ["\u01c9", "\u01c8"],
  ["\u01ca", "\u01cb"],
  ["\u01cc", "\u01cb"],
  ["\u01f1", "\u01f2"],
  ["\u01f3", "\u01f2"],
]);

export function titleRune(char: string): string {
  return TITLE.get(char) ?? (/\p{Lt}/u.test(char) ? char : upperRune(char));
}

export function toUpper(text: string): string {
  return eachRune(text, upperRune);
}

export function toLower(text: string): string {
  return eachRune(text, lowerRune);
}

function eachRune(text: string, change: (char: string) => string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII is meant
  if (/^[\x00-\x7f]*$/.test(text)) return change === upperRune ? text.toUpperCase() : text.toLowerCase();
  return [...text].map((char) => (/[\u{d800}-\u{dfff}]/u.test(char) ? "\ufffd" : change(char))).join("");
}

/** strings.Title: the first letter of each word. */
export function title(text: string): string {
  let previous = " ";
  return [...text]
    .map((char) => {
      const starts = separates(previous);
      previous = char;
      return starts ? titleRune(char) : char;
    })
    .join("");
}

function separates(char: string): boolean {
  if (/[\p{L}\p{Nd}_]/u.test(char)) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII is meant
  return /^[\x00-\x7f]$/.test(char) || isSpace(char);
}
