import { sprint } from "../format.ts";
import { fn, type TemplateFunction } from "../functions.ts";
import { byteLength, byteSlice, bytesOf, runesOf } from "../go-string.ts";
import type { Budget } from "../limits.ts";
import { quote } from "../quote.ts";
import { FunctionError } from "../template-error.ts";
import { GoMap, newMap, STRING, strings, type Value } from "../values.ts";
import { checkBounds, onBytes, textOf, textsOf, toNumber } from "./convert.ts";
import { camelCase, separated } from "./letter-case.ts";
import { isSpace, lowerRune, title, titleRune, toLower, toUpper } from "./letters.ts";

const SPACE = "[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const OUTER_SPACE_START = new RegExp(`^${SPACE}+`);
const SPACE_ONLY = new RegExp(SPACE);

/** String functions (sprig 3.3.0 strings.go, functions.go; Masterminds/goutils 1.1.1, huandu/xstrings 1.5.0). */
export const STRING_FUNCTIONS: [string, TemplateFunction][] = [
  ["hello", fn("", () => "Hello!")],
  ["abbrev", fn("int string", ([width, text]) => abbreviate(text as string, 0, toNumber(width)))],
  [
    "abbrevboth",
    fn("int int string", ([left, right, text]) => {
      const [offset, width] = [toNumber(left), toNumber(right)];
      return offset > 0 && width < 7 ? text : abbreviate(text as string, offset, width);
    }),
  ],
  ["trunc", fn("int string", ([count, text]) => truncate(toNumber(count), text as string))],
  ["trim", fn("string", ([text]) => trimSpace(text as string))],
  ["upper", fn("string", ([text]) => toUpper(text as string))],
  ["lower", fn("string", ([text]) => toLower(text as string))],
  ["title", fn("string", ([text]) => title(text as string))],
  ["untitle", fn("string", ([text]) => untitle(text as string))],
  ["substr", fn("int int string", ([start, end, text]) => substring(toNumber(start), toNumber(end), text as string))],
  ["repeat", fn("int string", ([count, text], budget) => repeat(toNumber(count), text as string, budget))],
  ["trimall", fn("string string", ([cutset, text]) => trimAll(cutset as string, text as string))],
  ["trimAll", fn("string string", ([cutset, text]) => trimAll(cutset as string, text as string))],
  [
    "trimSuffix",
    fn("string string", ([a, b]) => {
      const [suffix, text] = [a as string, b as string];
      return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
    }),
  ],
  [
    "trimPrefix",
    fn("string string", ([a, b]) => {
      const [prefix, text] = [a as string, b as string];
      return text.startsWith(prefix) ? text.slice(prefix.length) : text;
    }),
  ],
  ["nospace", fn("string", ([text]) => withoutSpace(text as string))],
  ["initials", fn("string", ([text]) => initials(text as string))],
  ["swapcase", fn("string", ([text]) => swapCase(text as string))],
  ["snakecase", fn("string", ([text]) => separated(text as string, "_"))],
  ["camelcase", fn("string", ([text]) => camelCase(text as string))],
  ["kebabcase", fn("string", ([text]) => separated(text as string, "-"))],
  ["wrap", fn("int string", ([width, text], budget) => wrap(text as string, toNumber(width), "", false, budget))],
  [
    "wrapWith",
    fn("int string string", ([width, line, text], budget) =>
      wrap(text as string, toNumber(width), line as string, true, budget),
    ),
  ],
  ["contains", fn("string string", ([part, text]) => (text as string).includes(part as string))],
  ["hasPrefix", fn("string string", ([part, text]) => (text as string).startsWith(part as string))],
  ["hasSuffix", fn("string string", ([part, text]) => (text as string).endsWith(part as string))],
  [
    "quote",
    fn("any...", (args, budget) =>
      present(args)
        .map((arg) => quote(textOf(arg, budget)))
        .join(" "),
    ),
  ],
  [
    "squote",
    fn("any...", (args, budget) =>
      present(args)
        .map((arg) => `'${sprint([arg], budget)}'`)
        .join(" "),
    ),
  ],
  [
    "cat",
    fn("any...", (args, budget) =>
      present(args)
        .map((arg) => sprint([arg], budget))
        .join(" "),
    ),
  ],
  ["indent", fn("int string", ([spaces, text], budget) => indent(toNumber(spaces), text as string, budget))],
  ["nindent", fn("int string", ([spaces, text], budget) => `\n${indent(toNumber(spaces), text as string, budget)}`)],
  [
    "replace",
    fn("string string string", ([old, by, text], budget) =>
      replaceAll(text as string, old as string, by as string, budget),
    ),
  ],
  ["plural", fn("string string int", ([one, many, count]) => (toNumber(count) === 1 ? one : many))],
  ["toString", fn("any", ([value], budget) => textOf(value, budget))],
  ["toStrings", fn("any", ([value], budget) => strings(textsOf(value, budget)))],
  ["join", fn("string any", ([separator, list], budget) => textsOf(list, budget).join(separator as string))],
  ["splitList", fn("string string", ([separator, text]) => strings(splitText(text as string, separator as string)))],
  ["split", fn("string string", ([separator, text]) => numbered(splitText(text as string, separator as string)))],
  [
    "splitn",
    fn("string int string", ([separator, count, text]) =>
      numbered(splitText(text as string, separator as string, toNumber(count))),
    ),
  ],
];

function present(values: Value[]): Value[] {
  return values.filter((value) => value !== null && value !== undefined);
}

function trimSpace(text: string): string {
  const start = text.replace(OUTER_SPACE_START, "");
  let end = start.length;
  while (end > 0 && SPACE_ONLY.test(start[end - 1] as string)) end--;
  return start.slice(0, end);
}

function trimAll(cutset: string, text: string): string {
  const cut = new Set(cutset);
  const chars = [...text];
  let start = 0;
  let end = chars.length;
  while (start < end && cut.has(chars[start] as string)) start++;
  while (end > start && cut.has(chars[end - 1] as string)) end--;
  return chars.slice(start, end).join("");
}

/** Bytes from the left, with a negative count from the right. */
function truncate(count: number, text: string): string {
  const length = byteLength(text);
  if (count < 0 && length + count > 0) return byteSlice(text, length + count);
  return count >= 0 && length > count ? byteSlice(text, 0, count) : text;
}

function substring(start: number, end: number, text: string): string {
  const length = byteLength(text);
  const from = start < 0 ? 0 : start;
  const to = start >= 0 && (end < 0 || end > length) ? length : end;
  checkBounds(from, to, length);
  return byteSlice(text, from, to);
}

function repeat(count: number, text: string, budget: Budget): string {
  if (count < 0) throw new FunctionError("strings: negative Repeat count");
  budget.text(count * text.length);
  return text.repeat(count);
}

/** Marks what was left out on either side by three points (goutils.AbbreviateFull). */
function abbreviate(text: string, offset: number, width: number): string {
  if (width < 4) return text;
  return onBytes(text, (bytes) => abbreviated(bytes, offset, width));
}

function abbreviated(text: string, wanted: number, width: number): string {
  const { length } = text;
  if (length <= width) return text;
  let offset = Math.min(wanted, length);
  if (length - offset < width - 3) offset = length - (width - 3);
  if (offset <= 4) return `${text.slice(0, width - 3)}...`;
  if (width < 7) return "";
  if (offset + width - 3 < length) return `...${width - 3 < 4 ? "" : abbreviated(text.slice(offset), 0, width - 3)}`;
  return `...${text.slice(length - (width - 3))}`;
}

/** Takes the bytes for characters, as goutils.DeleteWhiteSpace does. */
function withoutSpace(text: string): string {
  const bytes = Buffer.from(
    onBytes(text, (all) => all),
    "utf8",
  ).toString("latin1");
  const kept = [...bytes].filter((char) => !isSpace(char)).join("");
  return kept.length === bytes.length ? text : kept;
}

/** Takes the bytes for characters, as goutils.Initials does. */
function initials(text: string): string {
  let result = "";
  let gap = true;
  for (const char of bytesOf(text).toString("latin1")) {
    if (isSpace(char)) gap = true;
    else if (gap) {
      result += char;
      gap = false;
    }
  }
  return result;
}

function untitle(text: string): string {
  let next = true;
  return runesOf(text)
    .map((char) => {
      if (isSpace(char)) next = true;
      else if (next) {
        next = false;
        return lowerRune(char);
      }
      return char;
    })
    .join("");
}

function swapCase(text: string): string {
  let afterSpace = true;
  return runesOf(text)
    .map((char) => {
      if (/\p{Lu}|\p{Lt}/u.test(char)) {
        afterSpace = false;
        return lowerRune(char);
      }
      if (/\p{Ll}/u.test(char)) {
        afterSpace = false;
        return titleRune(char);
      }
      afterSpace = isSpace(char) || (afterSpace && isSpace(char));
      return char;
    })
    .join("");
}

/** Breaks lines at spaces (goutils.WrapCustom). */
function wrap(text: string, wanted: number, line: string, breakWords: boolean, budget: Budget): string {
  const width = Math.max(wanted, 1);
  budget.text((text.length / width + 1) * (line.length + 1) + text.length);
  const end = bytesOf(line || "\n").toString("latin1");
  return onBytes(text, (bytes) => wrapped(bytes, width, end, breakWords));
}

function wrapped(text: string, width: number, line: string, breakWords: boolean): string {
  let result = "";
  let offset = 0;
  while (text.length - offset > width) {
    if (text[offset] === " ") {
      offset++;
      continue;
    }
    const space = text.slice(offset, offset + width + 1).lastIndexOf(" ");
    let end = space < 0 ? -1 : offset + space;
    let skip = 1;
    if (end < 0 && breakWords) {
      end = offset + width;
      skip = 0;
    } else if (end < 0) {
      end = text.indexOf(" ", offset + width);
      if (end < 0) return result + text.slice(offset);
    }
    result += text.slice(offset, end) + line;
    offset = end + skip;
  }
  return result + text.slice(offset);
}

function indent(spaces: number, text: string, budget: Budget): string {
  const pad = repeat(spaces, " ", budget);
  return pad + replaceAll(text, "\n", `\n${pad}`, budget);
}

/** strings.Replace; an empty text is found between all characters. */
function replaceAll(text: string, old: string, by: string, budget: Budget): string {
  const parts = old === "" ? ["", ...text, ""] : text.split(old);
  budget.text(text.length + (parts.length - 1) * by.length);
  return parts.join(by);
}

/** strings.SplitN; an empty separator splits into characters. */
export function splitText(text: string, separator: string, count = -1): string[] {
  if (count === 0) return [];
  const parts = separator === "" ? [...text] : text.split(separator);
  if (count < 0 || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function numbered(parts: string[]): Value {
  const map = newMap();
  parts.forEach((part, index) => {
    map[`_${index}`] = part;
  });
  return new GoMap(STRING, map);
}
