import { FunctionError } from "../template-error.ts";

/** Regular expressions as Go writes them (regexp/syntax, Perl flags), as a tree. */
export type Tree =
  | { type: "empty" }
  | { type: "class"; ranges: Ranges; fold: boolean; negated: boolean }
  | { type: "assertion"; kind: Assertion }
  | { type: "group"; index: number; body: Tree }
  | { type: "sequence"; items: Tree[] }
  | { type: "choice"; items: Tree[] }
  | { type: "repeat"; body: Tree; min: number; max: number; lazy: boolean };
/** Where nothing is consumed: of the text, of a line, of a word. */
export type Assertion = "textStart" | "textEnd" | "lineStart" | "lineEnd" | "word" | "noWord";
/** Characters of a class: code points from … to, or a Unicode property. */
export type Ranges = (readonly [number, number] | { property: RegExp; negated: boolean })[];

export interface Expression {
  tree: Tree;
  /** Names of the groups by number; "" for those without. */
  names: string[];
}

interface Flags {
  fold: boolean;
  multiline: boolean;
  dotAll: boolean;
  ungreedy: boolean;
}
interface Parser {
  pattern: string;
  chars: string[];
  at: number;
  names: string[];
  flags: Flags;
  depth: number;
}

const MAX_REPEAT = 1000;
const MAX_DEPTH = 250;
const DIGIT: Ranges = [[48, 57]];
const WORD: Ranges = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE: Ranges = [
  [9, 10],
  [12, 13],
  [32, 32],
];
const PERL: ReadonlyMap<string, Ranges> = new Map([
  ["d", DIGIT],
  ["w", WORD],
  ["s", SPACE],
]);
const POSIX: ReadonlyMap<string, Ranges> = new Map([
  ["alnum", ranges("09AZaz")],
  ["alpha", ranges("AZaz")],
  ["ascii", [[0, 127]]],
  ["blank", ranges("\t\t  ")],
  [
    "cntrl",
    [
      [0, 31],
      [127, 127],
    ],
  ],
  ["digit", DIGIT],
  ["graph", ranges("!~")],
  ["lower", ranges("az")],
  ["print", ranges(" ~")],
  ["punct", ranges("!/:@[`{~")],
  [
    "space",
    [
      [9, 13],
      [32, 32],
    ],
  ],
  ["upper", ranges("AZ")],
  ["word", WORD],
  ["xdigit", ranges("09AFaf")],
]);
const ESCAPES: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
]);
const MAX_RUNE = 0x10ffff;

function ranges(pairs: string): Ranges {
  const list: [number, number][] = [];
  for (let at = 0; at < pairs.length; at += 2) list.push([pairs.charCodeAt(at), pairs.charCodeAt(at + 1)]);
  return list;
}

/** The complement, for classes without properties. */
function complement(list: Ranges): Ranges {
  const pairs = list.filter((range): range is readonly [number, number] => Array.isArray(range));
  pairs.sort(([a], [b]) => a - b);
  const rest: [number, number][] = [];
  let next = 0;
  for (const [low, high] of pairs) {
    if (low > next) rest.push([next, low - 1]);
    next = Math.max(next, high + 1);
  }
  if (next <= MAX_RUNE) rest.push([next, MAX_RUNE]);
  return rest;
}

/** @throws FunctionError with Go's text for what is no expression */
export function parseExpression(pattern: string): Expression {
  const flags = { fold: false, multiline: false, dotAll: false, ungreedy: false };
  const parser: Parser = { pattern, chars: [...pattern], at: 0, names: [""], flags, depth: 0 };
  const tree = parseChoice(parser);
  if (parser.at < parser.chars.length) fail("unexpected )", pattern);
  return { tree, names: parser.names };
}

function fail(message: string, about: string): never {
  throw new FunctionError(`error parsing regexp: ${message}: \`${about}\``);
}

function peek({ chars, at }: Parser): string {
  return chars[at] ?? "";
}
function rest({ chars, at }: Parser): string {
  return chars.slice(at).join("");
}
function slice({ chars, at }: Parser, start: number): string {
  return chars.slice(start, at).join("");
}
function follows({ chars, at }: Parser, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (chars[at + index] !== text[index]) return false;
  return true;
}

function parseChoice(parser: Parser): Tree {
  if (++parser.depth > MAX_DEPTH) fail("expression nests too deeply", parser.pattern);
  const items = [parseSequence(parser)];
  while (peek(parser) === "|") {
    parser.at++;
    items.push(parseSequence(parser));
  }
  parser.depth--;
  return items.length === 1 ? (items[0] as Tree) : { type: "choice", items };
}

function parseSequence(parser: Parser): Tree {
  const items: Tree[] = [];
  while (parser.at < parser.chars.length && peek(parser) !== "|" && peek(parser) !== ")") {
    const start = parser.at;
    if (follows(parser, "\\Q")) {
      parseQuoted(parser, items);
      continue;
    }
    const atom = parseAtom(parser);
    if (atom !== undefined) items.push(atom);
    parseRepeats(parser, items, atom !== undefined, start);
  }
  return items.length === 1 ? (items[0] as Tree) : items.length === 0 ? { type: "empty" } : { type: "sequence", items };
}

function parseQuoted(parser: Parser, items: Tree[]): void {
  parser.at += 2;
  while (parser.at < parser.chars.length && !follows(parser, "\\E")) {
    items.push(character(parser, (parser.chars[parser.at++] as string).codePointAt(0) as number));
  }
  if (follows(parser, "\\E")) parser.at += 2;
  const start = parser.at;
  parseRepeats(parser, items, items.length > 0, start);
}

function character({ flags }: Parser, code: number): Tree {
  const rune = code >= 0xdc80 && code <= 0xdcff ? fail("invalid UTF-8", "") : code;
  return { type: "class", ranges: [[rune, rune]], fold: flags.fold, negated: false };
}

/** Undefined for a group of flags, which matches nothing by itself. */
function parseAtom(parser: Parser): Tree | undefined {
  const { flags } = parser;
  const char = peek(parser);
  switch (char) {
    case "(":
      return parseGroup(parser);
    case "[":
      return parseClass(parser);
    case "^":
      parser.at++;
      return { type: "assertion", kind: flags.multiline ? "lineStart" : "textStart" };
    case "$":
      parser.at++;
      return { type: "assertion", kind: flags.multiline ? "lineEnd" : "textEnd" };
    case ".":
      parser.at++;
      return { type: "class", ranges: flags.dotAll ? [] : [[10, 10]], fold: false, negated: true };
    case "\\":
      return parseEscape(parser);
    case "*":
    case "+":
    case "?":
      return fail("missing argument to repetition operator", char);
    case "{": {
      const start = parser.at;
      if (readBounds(parser) !== undefined) fail("missing argument to repetition operator", slice(parser, start));
      parser.at = start;
    }
  }
  parser.at++;
  return character(parser, char.codePointAt(0) as number);
}

function parseRepeats(parser: Parser, items: Tree[], hasArgument: boolean, start: number): void {
  let before = -1;
  for (;;) {
    const operator = parser.at;
    const bounds = repeatBounds(parser);
    if (bounds === undefined) return;
    if (!hasArgument) fail("missing argument to repetition operator", slice(parser, operator));
    const lazy = peek(parser) === "?";
    if (lazy) parser.at++;
    if (before >= 0) fail("invalid nested repetition operator", slice(parser, before));
    const [min, max] = bounds;
    if (min > MAX_REPEAT || max > MAX_REPEAT || (max >= 0 && min > max)) {
      fail("invalid repeat count", slice(parser, operator));
    }
    const body = items.pop() as Tree;
    const repeat: Tree = { type: "repeat", body, min, max, lazy: lazy !== parser.flags.ungreedy };
    if (min > 1 || max > 1) checkRepeats(repeat, MAX_REPEAT, () => slice(parser, start));
    items.push(repeat);
    before = operator;
  }
}

/** Repetitions in repetitions multiply; Go allows a thousand in all. */
function checkRepeats(tree: Tree, allowed: number, about: () => string): void {
  switch (tree.type) {
    case "repeat": {
      const count = Math.max(tree.max, tree.min);
      if (count > allowed) fail("invalid repeat count", about());
      checkRepeats(tree.body, tree.max === 0 || count === 0 ? allowed : Math.trunc(allowed / count), about);
      return;
    }
    case "group":
      checkRepeats(tree.body, allowed, about);
      return;
    case "sequence":
    case "choice":
      for (const item of tree.items) checkRepeats(item, allowed, about);
  }
}

/** Bounds of the repetition operator that follows, if one does; -1 is no upper bound. */
function repeatBounds(parser: Parser): [number, number] | undefined {
  const char = peek(parser);
  if (char === "*" || char === "+" || char === "?") {
    parser.at++;
    return char === "*" ? [0, -1] : char === "+" ? [1, -1] : [0, 1];
  }
  if (char !== "{") return undefined;
  const start = parser.at;
  const bounds = readBounds(parser);
  if (bounds === undefined) parser.at = start;
  return bounds;
}

function readBounds(parser: Parser): [number, number] | undefined {
  parser.at++;
  const min = readCount(parser);
  if (min === undefined) return undefined;
  let max = min;
  if (peek(parser) === ",") {
    parser.at++;
    const upper = peek(parser) === "}" ? -1 : readCount(parser);
    if (upper === undefined) return undefined;
    max = upper;
  }
  if (peek(parser) !== "}") return undefined;
  parser.at++;
  return [min, max];
}

function readCount(parser: Parser): number | undefined {
  const start = parser.at;
  while (/^[0-9]$/.test(peek(parser))) parser.at++;
  const text = slice(parser, start);
  if (text === "" || (text.length > 1 && text.startsWith("0"))) return undefined;
  return text.length > 8 ? MAX_REPEAT + 1 : Number(text);
}

function parseGroup(parser: Parser): Tree | undefined {
  const { flags } = parser;
  const start = parser.at;
  parser.at++;
  let index: number | undefined;
  if (follows(parser, "?P<") || follows(parser, "?<")) {
    parser.at += follows(parser, "?P<") ? 3 : 2;
    index = parser.names.push(groupName(parser, start)) - 1;
  } else if (peek(parser) === "?") {
    parser.flags = readFlags(parser, start);
    if (peek(parser) === ")") {
      parser.at++;
      return undefined;
    }
    parser.at++;
  } else index = parser.names.push("") - 1;
  const body = parseChoice(parser);
  if (peek(parser) !== ")") fail("missing closing )", parser.pattern);
  parser.at++;
  parser.flags = flags;
  return index === undefined ? body : { type: "group", index, body };
}

function groupName(parser: Parser, start: number): string {
  const nameStart = parser.at;
  while (parser.at < parser.chars.length && peek(parser) !== ">") parser.at++;
  if (peek(parser) !== ">") fail("invalid named capture", chars(parser, start));
  const name = slice(parser, nameStart);
  parser.at++;
  if (!/^[\p{L}\p{Nd}_]+$/u.test(name)) fail("invalid named capture", slice(parser, start));
  if (parser.names.includes(name)) fail("duplicate capture group name", name);
  return name;
}
function chars(parser: Parser, start: number): string {
  return parser.chars.slice(start).join("");
}

function readFlags(parser: Parser, start: number): Flags {
  const flags = { ...parser.flags };
  let value = true;
  let any = false;
  parser.at++;
  for (;;) {
    const char = peek(parser);
    if (char === ":" || char === ")") {
      if (!value && !any) break;
      return flags;
    }
    if (char === "") return fail("missing closing )", parser.pattern);
    parser.at++;
    if (char === "-" && value) {
      value = false;
      any = false;
      continue;
    }
    any = true;
    if (char === "i") flags.fold = value;
    else if (char === "m") flags.multiline = value;
    else if (char === "s") flags.dotAll = value;
    else if (char === "U") flags.ungreedy = value;
    else return fail("invalid or unsupported Perl syntax", slice(parser, start));
  }
  return fail("invalid or unsupported Perl syntax", slice(parser, start));
}

function parseEscape(parser: Parser): Tree {
  const next = parser.chars[parser.at + 1] ?? "";
  const assertion: Assertion | undefined =
    next === "A" ? "textStart" : next === "z" ? "textEnd" : next === "b" ? "word" : next === "B" ? "noWord" : undefined;
  if (assertion !== undefined) {
    parser.at += 2;
    return { type: "assertion", kind: assertion };
  }
  const { fold } = parser.flags;
  const known = escapedClass(parser);
  if (known !== undefined) return { type: "class", ranges: known, fold, negated: false };
  return character(parser, escapedRune(parser));
}

/** \d, \W, \pL, \P{Greek} … */
function escapedClass(parser: Parser): Ranges | undefined {
  const next = parser.chars[parser.at + 1] ?? "";
  const perl = PERL.get(next.toLowerCase());
  if (perl !== undefined) {
    parser.at += 2;
    return next === next.toLowerCase() ? perl : complement(perl);
  }
  return next === "p" || next === "P" ? unicodeClass(parser) : undefined;
}

function unicodeClass(parser: Parser): Ranges {
  const start = parser.at;
  let negated = parser.chars[parser.at + 1] === "P";
  parser.at += 2;
  let name = peek(parser);
  if (name === "") fail("invalid character class range", slice(parser, start));
  parser.at++;
  if (name === "{") {
    const nameStart = parser.at;
    while (parser.at < parser.chars.length && peek(parser) !== "}") parser.at++;
    if (peek(parser) !== "}") fail("invalid character class range", chars(parser, start));
    name = slice(parser, nameStart);
    parser.at++;
  }
  const about = slice(parser, start);
  if (name.startsWith("^")) {
    negated = !negated;
    name = name.slice(1);
  }
  if (name === "Any") return negated ? [] : [[0, MAX_RUNE]];
  return [{ property: unicodeProperty(name) ?? fail("invalid character class range", about), negated }];
}

function unicodeProperty(name: string): RegExp | undefined {
  if (!/^[A-Z][A-Za-z_]*$/.test(name)) return undefined;
  for (const property of name.length <= 2 ? [`gc=${name}`] : [`sc=${name}`]) {
    try {
      return new RegExp(`^\\p{${property}}$`, "u");
    } catch {
      // No property of that name.
    }
  }
  return undefined;
}

/** The code point that an escape stands for. */
function escapedRune(parser: Parser): number {
  const start = parser.at;
  parser.at++;
  const char = peek(parser);
  if (char === "") fail("trailing backslash at end of expression", "");
  parser.at++;
  const short = ESCAPES.get(char);
  if (short !== undefined) return short;
  if (/^[0-7]$/.test(char)) {
    // \1 to \7 alone would be a backreference.
    if (char !== "0" && !/^[0-7]$/.test(peek(parser))) fail("invalid escape sequence", slice(parser, start));
    let code = Number(char);
    for (let count = 1; count < 3 && /^[0-7]$/.test(peek(parser)); count++)
      code = code * 8 + Number(parser.chars[parser.at++]);
    return code;
  }
  if (char === "x") return hexRune(parser, start);
  if (/^[!-/:-@[-`{-~]$/.test(char)) return char.charCodeAt(0);
  return fail("invalid escape sequence", slice(parser, start));
}

function hexRune(parser: Parser, start: number): number {
  const tail = rest(parser).slice(0, 12);
  const found = /^\{([0-9a-fA-F]+)\}|^([0-9a-fA-F]{2})/.exec(tail);
  const code = found === null ? Number.NaN : Number.parseInt(found[1] ?? found[2] ?? "", 16);
  if (found === null || code > MAX_RUNE) return fail("invalid escape sequence", slice(parser, start));
  parser.at += found[0].length;
  return code;
}

function parseClass(parser: Parser): Tree {
  const start = parser.at;
  parser.at++;
  const negated = peek(parser) === "^";
  if (negated) parser.at++;
  const list: Ranges = [];
  for (let first = true; peek(parser) !== "]" || first; first = false) {
    if (parser.at >= parser.chars.length) fail("missing closing ]", chars(parser, start));
    // A hyphen stands first or last, or between the ends of a range.
    if (peek(parser) === "-" && !first && parser.chars[parser.at + 1] !== "]") {
      const after = parser.chars[parser.at + 1] ?? "";
      fail("invalid character class range", `-${after}`);
    }
    parseClassItem(parser, list, start);
  }
  parser.at++;
  // Without the s flag a negated class still takes line ends, as Go's Perl flags have it.
  return { type: "class", ranges: list, fold: parser.flags.fold, negated };
}

function parseClassItem(parser: Parser, list: Ranges, start: number): void {
  if (follows(parser, "[:")) {
    const close = parser.chars.indexOf(":", parser.at + 2);
    if (close >= 0 && parser.chars[close + 1] === "]") {
      const name = parser.chars.slice(parser.at + 2, close).join("");
      const known = POSIX.get(name.replace(/^\^/, ""));
      if (known === undefined) fail("invalid character class range", `[:${name}:]`);
      list.push(...(name.startsWith("^") ? complement(known) : known));
      parser.at = close + 2;
      return;
    }
  }
  const known = peek(parser) === "\\" ? escapedClass(parser) : undefined;
  if (known !== undefined) {
    list.push(...known);
    return;
  }
  const rangeStart = parser.at;
  const low = classRune(parser, start);
  let high = low;
  if (peek(parser) === "-" && parser.chars[parser.at + 1] !== undefined && parser.chars[parser.at + 1] !== "]") {
    parser.at++;
    high = classRune(parser, start);
    if (high < low) fail("invalid character class range", slice(parser, rangeStart));
  }
  list.push([low, high]);
}

function classRune(parser: Parser, start: number): number {
  const char = peek(parser);
  if (char === "") return fail("missing closing ]", chars(parser, start));
  if (char === "\\") return escapedRune(parser);
  parser.at++;
  return char.codePointAt(0) as number;
}
