/**
 * Tokens of a template (text/template/parse/lex.go, Go 1.24). Offsets count UTF-16 units of the text; lines and columns are
 * derived where an error needs them.
 */
export type TokenType =
  | "error"
  | "bool"
  | "char"
  | "charConstant"
  | "complex"
  | "assign"
  | "declare"
  | "eof"
  | "field"
  | "identifier"
  | "leftDelim"
  | "leftParen"
  | "number"
  | "pipe"
  | "rawString"
  | "rightDelim"
  | "rightParen"
  | "space"
  | "string"
  | "text"
  | "variable"
  | "dot"
  | "nil"
  | Keyword;
export type Keyword = "block" | "break" | "continue" | "define" | "else" | "end" | "if" | "range" | "template" | "with";

export interface Token {
  type: TokenType;
  /** Offset of the first character. */
  at: number;
  value: string;
}

export interface Delimiters {
  left: string;
  right: string;
}

const KEYWORDS: ReadonlyMap<string, TokenType> = new Map([
  [".", "dot"],
  ["nil", "nil"],
  ["block", "block"],
  ["break", "break"],
  ["continue", "continue"],
  ["define", "define"],
  ["else", "else"],
  ["end", "end"],
  ["if", "if"],
  ["range", "range"],
  ["template", "template"],
  ["with", "with"],
]);
const WORD = /[\p{L}\p{Nd}_]/u;
const WORDS = /[\p{L}\p{Nd}_]*/uy;
const SPACES = " \t\r\n";

/** A scanner: where it is, and the tokens so far. */
interface Scan {
  text: string;
  delimiters: Delimiters;
  /** Names of functions that take the place of a keyword (break, continue). */
  functions: (name: string) => boolean;
  at: number;
  parens: number;
  tokens: Token[];
}

/** The last token is of type eof or error; an error's value is its message. */
export function lex(text: string, delimiters: Delimiters, functions: (name: string) => boolean): Token[] {
  const scan: Scan = { text, delimiters, functions, at: 0, parens: 0, tokens: [] };
  while (lexText(scan) && lexAction(scan));
  return scan.tokens;
}

function emit(scan: Scan, type: TokenType, start: number, end = scan.at): true {
  scan.tokens.push({ type, at: start, value: scan.text.slice(start, end) });
  return true;
}

function fail(scan: Scan, at: number, message: string): false {
  scan.tokens.push({ type: "error", at, value: message });
  return false;
}

/** Text up to and with the next left delimiter, comments left out. False at the end. */
function lexText(scan: Scan): boolean {
  const { text, delimiters } = scan;
  for (;;) {
    const start = scan.at;
    const found = text.indexOf(delimiters.left, start);
    if (found < 0) {
      scan.at = text.length;
      if (scan.at > start) emit(scan, "text", start);
      emit(scan, "eof", scan.at);
      return false;
    }
    const inside = found + delimiters.left.length;
    const trim = text[inside] === "-" && isSpace(text[inside + 1]);
    const end = trim ? trimmedEnd(text, start, found) : found;
    if (end > start) emit(scan, "text", start, end);
    scan.at = inside + (trim ? 2 : 0);
    if (!text.startsWith("/*", scan.at)) return emit(scan, "leftDelim", found, inside);
    if (!lexComment(scan)) return false;
  }
}

function lexComment(scan: Scan): boolean {
  const { text, delimiters } = scan;
  const start = scan.at;
  const close = text.indexOf("*/", start + 2);
  if (close < 0) return fail(scan, start, "unclosed comment");
  scan.at = close + 2;
  const trim = atTrimmedRightDelim(scan);
  if (!trim && !text.startsWith(delimiters.right, scan.at)) {
    return fail(scan, start, "comment ends before closing delimiter");
  }
  scan.at += delimiters.right.length + (trim ? 2 : 0);
  if (trim) skipSpaces(scan);
  return true;
}

/** The inside of an action, with the right delimiter. False at an error. */
function lexAction(scan: Scan): boolean {
  scan.parens = 0;
  for (;;) {
    const trim = atTrimmedRightDelim(scan);
    if (trim || scan.text.startsWith(scan.delimiters.right, scan.at)) {
      if (scan.parens > 0) return fail(scan, scan.at, "unclosed left paren");
      return lexRightDelim(scan, trim);
    }
    if (!lexItem(scan)) return false;
  }
}

function lexRightDelim(scan: Scan, trim: boolean): true {
  if (trim) scan.at += 2;
  const start = scan.at;
  scan.at += scan.delimiters.right.length;
  emit(scan, "rightDelim", start);
  if (trim) skipSpaces(scan);
  return true;
}

function lexItem(scan: Scan): boolean {
  const { text } = scan;
  const start = scan.at;
  const char = codePointAt(text, start);
  scan.at += char.length;
  switch (char) {
    case "":
      return fail(scan, start, "unclosed action");
    case " ":
    case "\t":
    case "\r":
    case "\n":
      return lexSpace(scan, start);
    case "=":
      return emit(scan, "assign", start);
    case ":":
      if (text[scan.at++] !== "=") return fail(scan, start, "expected :=");
      return emit(scan, "declare", start);
    case "|":
      return emit(scan, "pipe", start);
    case '"':
      return lexQuoted(scan, start, '"', "string", "unterminated quoted string");
    case "'":
      return lexQuoted(scan, start, "'", "charConstant", "unterminated character constant");
    case "`":
      return lexRaw(scan, start);
    case "$":
      return lexName(scan, start, "variable");
    case "(":
      scan.parens++;
      return emit(scan, "leftParen", start);
    case ")":
      if (--scan.parens < 0) return fail(scan, start, "unexpected right paren");
      return emit(scan, "rightParen", start);
  }
  if (char === "." && !isDigit(text[scan.at]) && scan.at < text.length) return lexName(scan, start, "field");
  if (char === "." || char === "+" || char === "-" || isDigit(char)) return lexNumber(scan, start);
  if (WORD.test(char)) return lexWord(scan, start);
  if (char > " " && char <= "~") return emit(scan, "char", start);
  return fail(scan, start, `unrecognized character in action: ${unicodeName(char)}`);
}

/** A run of spaces; the space of a right trim marker is not part of it. */
function lexSpace(scan: Scan, start: number): boolean {
  skipSpaces(scan);
  const before = scan.at - 1;
  if (scan.text[scan.at] === "-" && scan.text.startsWith(scan.delimiters.right, scan.at + 1)) {
    scan.at = before;
    if (before === start) return true;
  }
  return emit(scan, "space", start);
}

function lexWord(scan: Scan, start: number): boolean {
  skipWord(scan, start);
  if (!atTerminator(scan)) return badCharacter(scan, start);
  const word = scan.text.slice(start, scan.at);
  const keyword = KEYWORDS.get(word);
  if (keyword !== undefined) {
    const hidden = (keyword === "break" || keyword === "continue") && scan.functions(keyword);
    return emit(scan, hidden ? "identifier" : keyword, start);
  }
  return emit(scan, word === "true" || word === "false" ? "bool" : "identifier", start);
}

/** `.Name` or `$name`, or the lone sign. */
function lexName(scan: Scan, start: number, type: "field" | "variable"): boolean {
  if (atTerminator(scan)) return emit(scan, type === "field" ? "dot" : "variable", start);
  skipWord(scan, scan.at);
  return atTerminator(scan) ? emit(scan, type, start) : badCharacter(scan, start);
}

function badCharacter(scan: Scan, start: number): false {
  return fail(scan, start, `bad character ${unicodeName(codePointAt(scan.text, scan.at))}`);
}

function atTerminator(scan: Scan): boolean {
  const char = scan.text[scan.at];
  if (char === undefined || isSpace(char) || ".,|:)(".includes(char)) return true;
  return scan.text.startsWith(scan.delimiters.right, scan.at);
}

function lexQuoted(scan: Scan, start: number, quote: string, type: TokenType, message: string): boolean {
  for (;;) {
    const char = scan.text[scan.at++];
    if (char === quote) return emit(scan, type, start);
    const escaped = char === "\\" ? scan.text[scan.at++] : char;
    if (escaped === undefined || escaped === "\n") return fail(scan, start, message);
  }
}

function lexRaw(scan: Scan, start: number): boolean {
  const close = scan.text.indexOf("`", scan.at);
  if (close < 0) return fail(scan, start, "unterminated raw quoted string");
  scan.at = close + 1;
  return emit(scan, "rawString", start);
}

function lexNumber(scan: Scan, start: number): boolean {
  scan.at = start;
  let good = scanNumber(scan);
  let type: TokenType = "number";
  const sign = scan.text[scan.at];
  if (good && (sign === "+" || sign === "-")) {
    good = scanNumber(scan) && scan.text[scan.at - 1] === "i";
    type = "complex";
  }
  if (good) return emit(scan, type, start);
  return fail(scan, start, `bad number syntax: ${JSON.stringify(scan.text.slice(start, scan.at))}`);
}

/** Anything that looks like a number; whether it is one shows when it is read. */
function scanNumber(scan: Scan): boolean {
  let digits = "0123456789_";
  accept(scan, "+-");
  if (accept(scan, "0")) {
    if (accept(scan, "xX")) digits = "0123456789abcdefABCDEF_";
    else if (accept(scan, "oO")) digits = "01234567_";
    else if (accept(scan, "bB")) digits = "01_";
  }
  acceptRun(scan, digits);
  if (accept(scan, ".")) acceptRun(scan, digits);
  const exponent = digits.length === 11 ? "eE" : digits.length === 23 ? "pP" : "";
  if (accept(scan, exponent)) {
    accept(scan, "+-");
    acceptRun(scan, "0123456789_");
  }
  accept(scan, "i");
  const next = codePointAt(scan.text, scan.at);
  if (!WORD.test(next)) return true;
  scan.at += next.length;
  return false;
}

function accept(scan: Scan, chars: string): boolean {
  const char = scan.text[scan.at];
  if (char === undefined || !chars.includes(char)) return false;
  scan.at++;
  return true;
}

function acceptRun(scan: Scan, chars: string): void {
  while (accept(scan, chars));
}

function skipSpaces(scan: Scan): void {
  while (isSpace(scan.text[scan.at])) scan.at++;
}

function skipWord(scan: Scan, start: number): void {
  WORDS.lastIndex = start;
  WORDS.test(scan.text);
  scan.at = WORDS.lastIndex;
}

function atTrimmedRightDelim(scan: Scan): boolean {
  const { text, at } = scan;
  return isSpace(text[at]) && text[at + 1] === "-" && text.startsWith(scan.delimiters.right, at + 2);
}

function trimmedEnd(text: string, start: number, end: number): number {
  while (end > start && isSpace(text[end - 1])) end--;
  return end;
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && SPACES.includes(char);
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}

function codePointAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** As %#U prints a character. */
function unicodeName(char: string): string {
  if (char === "") return "U+FFFFFFFFFFFFFFFF";
  const hex = (char.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
  return /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char) ? `U+${hex} '${char}'` : `U+${hex}`;
}
