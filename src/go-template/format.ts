import { isAscii, runeCount, runesOf, sortedKeys } from "./go-string.ts";
import type { Budget } from "./limits.ts";
import { formatFloat } from "./numbers.ts";
import { canBackquote, hexOf, isPrintable, quote } from "./quote.ts";
import {
  entriesOf,
  GoComplex,
  GoInt,
  GoList,
  GoMap,
  GoStruct,
  isNil,
  itemsOf,
  LIST,
  MAP,
  type Type,
  typeOf,
  UINT64,
  type Value,
  type ValueMap,
} from "./values.ts";

/** Go's fmt package over template values (fmt/print.go, fmt/format.go). */

const TOO_LARGE = 1_000_000;

interface Flags {
  sharp: boolean;
  zero: boolean;
  plus: boolean;
  minus: boolean;
  space: boolean;
  /** %#v and %+v. */
  sharpV: boolean;
  plusV: boolean;
  width: number | undefined;
  precision: number | undefined;
}
function noFlags(): Flags {
  return {
    sharp: false,
    zero: false,
    plus: false,
    minus: false,
    space: false,
    sharpV: false,
    plusV: false,
    width: undefined,
    precision: undefined,
  };
}

class Printer {
  out = "";
  flags = noFlags();
  /** Inside of `%!verb(…)` no String method is asked. */
  erroring = false;
  readonly budget: Budget;
  constructor(budget: Budget) {
    this.budget = budget;
  }

  write(text: string): void {
    this.out += text;
    this.budget.spend(1);
    if (this.out.length > this.budget.limits.output) this.budget.text(this.out.length);
  }
}

/** fmt.Sprint: a space between two operands when neither is a string. */
export function sprint(values: readonly Value[], budget: Budget): string {
  const only = values[0];
  if (values.length === 1 && typeof only === "string") return only;
  const printer = new Printer(budget);
  let afterString = false;
  values.forEach((value, index) => {
    const isString = typeof value === "string";
    if (index > 0 && !isString && !afterString) printer.write(" ");
    printArg(printer, value, "v");
    afterString = isString;
  });
  return finish(printer);
}

/** fmt.Sprintln */
export function sprintln(values: readonly Value[], budget: Budget): string {
  const printer = new Printer(budget);
  values.forEach((value, index) => {
    if (index > 0) printer.write(" ");
    printArg(printer, value, "v");
  });
  printer.write("\n");
  return finish(printer);
}

function finish({ out, budget }: Printer): string {
  budget.text(out.length);
  return out;
}

/** What the String method of a value gives, where it has one. */
function stringOf(value: Value): string | undefined {
  if (value instanceof GoInt) return value.type.text?.(value.value);
  if (!(value instanceof GoStruct) || value.data === null) return undefined;
  const { struct, pointer, data } = value;
  return struct.textOfPointer === true && !pointer ? undefined : struct.text?.(data);
}

/** Where a Printf stands. */
interface Directive {
  format: string;
  args: readonly Value[];
  at: number;
  arg: number;
  reordered: boolean;
  goodIndex: boolean;
  /** The last thing read was an index like [3]. */
  afterIndex: boolean;
}

/** fmt.Sprintf */
export function sprintf(format: string, args: readonly Value[], budget: Budget): string {
  const printer = new Printer(budget);
  const state: Directive = { format, args, at: 0, arg: 0, reordered: false, goodIndex: true, afterIndex: false };
  while (state.at < format.length) {
    const percent = format.indexOf("%", state.at);
    printer.write(format.slice(state.at, percent < 0 ? undefined : percent));
    if (percent < 0) break;
    state.at = percent + 1;
    if (!directive(printer, state)) break;
  }
  if (!state.reordered && state.arg < args.length) writeExtra(printer, args.slice(state.arg));
  return finish(printer);
}

function writeExtra(printer: Printer, extra: readonly Value[]): void {
  printer.flags = noFlags();
  printer.write("%!(EXTRA ");
  extra.forEach((value, index) => {
    if (index > 0) printer.write(", ");
    if (value === null || value === undefined) printer.write("<nil>");
    else {
      printer.write(`${typeOf(value).name}=`);
      printArg(printer, value, "v");
    }
  });
  printer.write(")");
}

/** One directive after its percent sign. False at the end of the format. */
function directive(printer: Printer, state: Directive): boolean {
  const flags = noFlags();
  printer.flags = flags;
  state.goodIndex = true;
  state.afterIndex = false;
  readFlags(flags, state);
  readIndex(state);
  readWidth(printer, state);
  readPrecision(printer, state);
  if (!state.afterIndex) readIndex(state);
  const { format, args } = state;
  if (state.at >= format.length) {
    printer.write("%!(NOVERB)");
    return false;
  }
  const verb = runesOf(format.slice(state.at, state.at + 2))[0] as string;
  state.at += verb.length;
  if (verb === "%") printer.write("%");
  else if (!state.goodIndex) printer.write(`%!${verb}(BADINDEX)`);
  else if (state.arg >= args.length) printer.write(`%!${verb}(MISSING)`);
  else {
    if (verb === "v" || verb === "w") {
      flags.sharpV = flags.sharp;
      flags.sharp = false;
      flags.plusV = flags.plus;
      flags.plus = false;
    }
    printArg(printer, args[state.arg++], verb);
  }
  return true;
}

function readFlags(flags: Flags, state: Directive): void {
  for (; ; state.at++) {
    const char = state.format[state.at];
    if (char === "#") flags.sharp = true;
    else if (char === "0") flags.zero = true;
    else if (char === "+") flags.plus = true;
    else if (char === "-") flags.minus = true;
    else if (char === " ") flags.space = true;
    else return;
  }
}

function readIndex(state: Directive): void {
  state.afterIndex = false;
  if (state.format[state.at] !== "[") return;
  state.reordered = true;
  const rest = state.format.slice(state.at);
  const close = rest.length < 3 ? -1 : rest.indexOf("]", 1);
  state.at += close < 0 ? 1 : close + 1;
  if (close < 0) {
    state.goodIndex = false;
    return;
  }
  const text = rest.slice(1, close);
  const index = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  const readable = index <= TOO_LARGE;
  state.afterIndex = readable;
  if (readable && index >= 1 && index <= state.args.length) state.arg = index - 1;
  else state.goodIndex = false;
}

function readWidth(printer: Printer, state: Directive): void {
  const { flags } = printer;
  if (state.format[state.at] === "*") {
    state.at++;
    const width = intArg(state);
    if (width === undefined) printer.write("%!(BADWIDTH)");
    flags.width = width;
    if (width !== undefined && width < 0) {
      flags.width = -width;
      flags.minus = true;
      flags.zero = false;
    }
    state.afterIndex = false;
    return;
  }
  flags.width = readNumber(state);
  if (state.afterIndex && flags.width !== undefined) state.goodIndex = false;
}

function readPrecision(printer: Printer, state: Directive): void {
  const { flags } = printer;
  if (state.format[state.at] !== "." || state.at + 1 >= state.format.length) return;
  state.at++;
  if (state.afterIndex) state.goodIndex = false;
  readIndex(state);
  if (state.format[state.at] === "*") {
    state.at++;
    const precision = intArg(state);
    flags.precision = precision !== undefined && precision >= 0 ? precision : undefined;
    if (flags.precision === undefined) printer.write("%!(BADPREC)");
    state.afterIndex = false;
    return;
  }
  flags.precision = readNumber(state) ?? 0;
}

/** A number of the format; one that is too large is read and does not count. */
function readNumber(state: Directive): number | undefined {
  const start = state.at;
  let number = 0;
  for (; ; state.at++) {
    const digit = state.format.charCodeAt(state.at) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    if (number > TOO_LARGE) return undefined;
    number = number * 10 + digit;
  }
  return state.at === start ? undefined : number;
}

function intArg(state: Directive): number | undefined {
  if (state.arg >= state.args.length) return undefined;
  const value = state.args[state.arg++];
  if (!(value instanceof GoInt)) return undefined;
  const number = Number(value.value);
  return Math.abs(number) > TOO_LARGE ? undefined : number;
}

function printArg(printer: Printer, value: Value, verb: string): void {
  if (value === null || value === undefined) {
    if (verb === "T" || verb === "v") pad(printer, "<nil>");
    else printer.write(`%!${verb}(<nil>)`);
    return;
  }
  if (verb === "T") formatString(printer, typeOf(value).name, "s");
  else if (verb === "p") badVerb(printer, value, verb);
  else printValue(printer, value, verb, 0);
}

function badVerb(printer: Printer, value: Value, verb: string): void {
  const { erroring } = printer;
  printer.erroring = true;
  printer.write(`%!${verb}(${typeOf(value).name}=`);
  printValue(printer, value, "v", 0);
  printer.write(")");
  printer.erroring = erroring;
}

function printValue(printer: Printer, value: Value, verb: string, depth: number): void {
  printer.budget.nesting(depth);
  switch (typeof value) {
    case "string":
      return formatString(printer, value, verb);
    case "number":
      return printFloat(printer, value, verb);
    case "boolean":
      if (verb === "t" || verb === "v") return pad(printer, String(value));
      return badVerb(printer, value, verb);
  }
  if (value === null || value === undefined) {
    return printer.write(printer.flags.sharpV ? "interface {}(nil)" : "<nil>");
  }
  if (verb === "w") return badVerb(printer, value, verb);
  const text = printer.erroring || printer.flags.sharpV ? undefined : stringOf(value);
  if (text !== undefined && "vsxXq".includes(verb)) return formatString(printer, text, verb);
  if (value instanceof GoInt) return printInteger(printer, value, verb);
  if (value instanceof GoComplex) return printComplex(printer, value, verb);
  if (value instanceof GoStruct) return printStruct(printer, value, verb, depth);
  const items = itemsOf(value);
  if (items !== undefined) return printList(printer, value, items, verb, depth);
  printMap(printer, value, entriesOf(value) as ValueMap, verb, depth);
}

function printList(printer: Printer, list: Value, items: Value[], verb: string, depth: number): void {
  const { sharpV } = printer.flags;
  const type = list instanceof GoList ? list.type : LIST;
  if (sharpV) printer.write(type.name);
  if (sharpV && isNil(list)) return printer.write("(nil)");
  printer.write(sharpV ? "{" : "[");
  items.forEach((item, index) => {
    if (index > 0) printer.write(sharpV ? ", " : " ");
    printElement(printer, item, verb, depth, type.elem);
  });
  printer.write(sharpV ? "}" : "]");
}

function printMap(printer: Printer, map: Value, entries: ValueMap, verb: string, depth: number): void {
  const { sharpV } = printer.flags;
  const type = map instanceof GoMap ? map.type : MAP;
  if (sharpV) printer.write(type.name);
  if (sharpV && isNil(map)) return printer.write("(nil)");
  printer.write(sharpV ? "{" : "map[");
  sortedKeys(entries).forEach((key, index) => {
    if (index > 0) printer.write(sharpV ? ", " : " ");
    formatString(printer, key, verb);
    printer.write(":");
    printElement(printer, entries[key], verb, depth, type.elem);
  });
  printer.write(sharpV ? "}" : "]");
}

function printElement(printer: Printer, value: Value, verb: string, depth: number, type: Type | undefined): void {
  // An element of type interface {} is a value within that interface.
  printValue(printer, value, verb, depth + (type?.kind === "interface" ? 2 : 1));
}

function printStruct(printer: Printer, value: GoStruct, verb: string, depth: number): void {
  const { struct, data, pointer } = value;
  const { sharpV, plusV } = printer.flags;
  if (data === null) {
    if ("bodxX".includes(verb)) return printInteger(printer, new GoInt(UINT64, 0n), verb);
    if (verb !== "v") return badVerb(printer, value, verb);
    return sharpV ? printer.write(`(${value.type.name})(nil)`) : pad(printer, "<nil>");
  }
  // Go prints the address here, which differs from run to run.
  if (pointer && depth > 0) return printer.write("0xc000000000");
  if (pointer) printer.write("&");
  if (sharpV) printer.write(struct.name);
  printer.write("{");
  let first = true;
  for (const [name, field] of struct.fields) {
    if (!first) printer.write(sharpV ? ", " : " ");
    first = false;
    if (sharpV || plusV) printer.write(`${name}:`);
    printValue(printer, field.get(data as never), verb, depth + 1);
  }
  printer.write("}");
}

function printFloat(printer: Printer, value: number, verb: string): void {
  switch (verb) {
    case "v":
      return formatFloatArg(printer, value, "g", -1);
    case "b":
    case "g":
    case "G":
    case "x":
    case "X":
      return formatFloatArg(printer, value, verb, -1);
    case "f":
    case "e":
    case "E":
      return formatFloatArg(printer, value, verb, 6);
    case "F":
      return formatFloatArg(printer, value, "f", 6);
  }
  badVerb(printer, value, verb);
}

function formatFloatArg(printer: Printer, value: number, verb: string, standard: number): void {
  const { flags } = printer;
  const precision = flags.precision ?? standard;
  // No number has more digits than this; the rest is zeros.
  let number = formatFloat(value, verb, Math.min(precision, 1100));
  if (number[0] !== "-" && number[0] !== "+") number = `+${number}`;
  if (flags.space && number[0] === "+" && !flags.plus) number = ` ${number.slice(1)}`;
  if (number[1] === "I" || number[1] === "N") {
    return pad(printer, number[1] === "N" && !flags.space && !flags.plus ? number.slice(1) : number, false);
  }
  if (precision > 1100 && "feE".includes(verb)) number = withMoreZeros(number, precision - 1100);
  if (flags.sharp && verb !== "b") number = withPoint(number, verb, precision);
  if (!flags.plus && number[0] === "+") return pad(printer, number.slice(1));
  if (flags.zero && !flags.minus && flags.width !== undefined && flags.width > number.length) {
    printer.write(number[0] as string);
    printer.write("0".repeat(flags.width - number.length));
    return printer.write(number.slice(1));
  }
  pad(printer, number);
}

function withMoreZeros(number: string, count: number): string {
  const e = number.search(/e/i);
  return e < 0 ? number + "0".repeat(count) : number.slice(0, e) + "0".repeat(count) + number.slice(e);
}

/** The # flag: a decimal point in any case, and the zeros at the end. */
function withPoint(number: string, verb: string, precision: number): string {
  let digits = "gGx".includes(verb) ? (precision === -1 ? 6 : precision) : 0;
  const tailAt = number.search(verb === "x" || verb === "X" ? /[pP]/ : /[eEpP]/);
  const tail = tailAt < 0 ? "" : number.slice(tailAt);
  let body = tailAt < 0 ? number : number.slice(0, tailAt);
  let nonzero = false;
  for (const char of body.slice(1)) {
    if (char === ".") continue;
    if (char !== "0") nonzero = true;
    if (nonzero) digits--;
  }
  if (!body.includes(".")) {
    if (body.length === 2 && body[1] === "0") digits--;
    body += ".";
  }
  return body + "0".repeat(Math.max(digits, 0)) + tail;
}

function printComplex(printer: Printer, value: GoComplex, verb: string): void {
  if (!"vbgGxXfFeE".includes(verb)) return badVerb(printer, value, verb);
  const { plus } = printer.flags;
  printer.write("(");
  printFloat(printer, value.real, verb);
  printer.flags.plus = true;
  printFloat(printer, value.imag, verb);
  printer.write("i)");
  printer.flags.plus = plus;
}

const BASES: ReadonlyMap<string, number> = new Map([
  ["v", 10],
  ["d", 10],
  ["b", 2],
  ["o", 8],
  ["O", 8],
  ["x", 16],
  ["X", 16],
]);

function printInteger(printer: Printer, value: GoInt, verb: string): void {
  const base = BASES.get(verb);
  if (base !== undefined) {
    if (verb !== "v" || !printer.flags.sharpV || value.type.signed)
      return formatInteger(printer, value.value, base, verb);
    const { sharp } = printer.flags;
    printer.flags.sharp = true;
    formatInteger(printer, value.value, 16, verb);
    printer.flags.sharp = sharp;
    return;
  }
  const rune = runeOf(value.value);
  if (verb === "c") pad(printer, rune);
  else if (verb === "q") pad(printer, quote(rune, printer.flags.plus, "'"));
  else if (verb === "U") formatUnicode(printer, value.value);
  else badVerb(printer, value, verb);
}

function runeOf(value: bigint): string {
  const bad = value < 0n || value > 0x10ffffn || (value >= 0xd800n && value < 0xe000n);
  return bad ? "\ufffd" : String.fromCodePoint(Number(value));
}

function formatInteger(printer: Printer, value: bigint, base: number, verb: string): void {
  const { flags } = printer;
  const negative = value < 0n;
  let digits = (negative ? -value : value).toString(base);
  if (verb === "X") digits = digits.toUpperCase();
  let precision = 0;
  if (flags.precision !== undefined) {
    precision = flags.precision;
    if (precision === 0 && value === 0n) return printer.write(" ".repeat(flags.width ?? 0));
  } else if (flags.zero && !flags.minus && flags.width !== undefined) {
    precision = flags.width - (negative || flags.plus || flags.space ? 1 : 0);
  }
  digits = digits.padStart(precision, "0");
  if (flags.sharp) {
    if (base === 2) digits = `0b${digits}`;
    else if (base === 8 && digits[0] !== "0") digits = `0${digits}`;
    else if (base === 16) digits = (verb === "X" ? "0X" : "0x") + digits;
  }
  if (verb === "O") digits = `0o${digits}`;
  const sign = negative ? "-" : flags.plus ? "+" : flags.space ? " " : "";
  pad(printer, sign + digits, false);
}

function formatUnicode(printer: Printer, value: bigint): void {
  const { flags } = printer;
  const hex = BigInt.asUintN(64, value).toString(16).toUpperCase();
  const digits = hex.padStart(Math.max(flags.precision ?? 0, 4), "0");
  const rune = runeOf(value);
  const shown = flags.sharp && (rune !== "\ufffd" || value === 0xfffdn) && isPrintable(rune);
  pad(printer, `U+${digits}${shown ? ` '${rune}'` : ""}`, false);
}

function formatString(printer: Printer, text: string, verb: string): void {
  const { flags } = printer;
  switch (verb) {
    case "v":
      if (!flags.sharpV) return pad(printer, truncated(text, flags));
      return formatQuoted(printer, text);
    case "s":
      return pad(printer, truncated(text, flags));
    case "q":
      return formatQuoted(printer, text);
    case "x":
    case "X":
      return formatHex(printer, text, verb);
  }
  badVerb(printer, text, verb);
}

function truncated(text: string, { precision }: Flags): string {
  if (precision === undefined || text.length <= precision) return text;
  return isAscii(text) ? text.slice(0, precision) : [...text].slice(0, precision).join("");
}

function formatQuoted(printer: Printer, full: string): void {
  const { flags } = printer;
  const text = truncated(full, flags);
  if (flags.sharp && canBackquote(text)) pad(printer, `\`${text}\``);
  else pad(printer, quote(text, flags.plus));
}

function formatHex(printer: Printer, text: string, verb: string): void {
  const { flags } = printer;
  let bytes = hexOf(text);
  if (flags.precision !== undefined) bytes = bytes.slice(0, flags.precision);
  if (bytes.length === 0) return printer.write(padding(flags.width ?? 0, flags));
  const prefix = flags.sharp ? (verb === "X" ? "0X" : "0x") : "";
  if (verb === "X") bytes = bytes.map((byte) => byte.toUpperCase());
  pad(printer, flags.space ? bytes.map((byte) => prefix + byte).join(" ") : prefix + bytes.join(""));
}

function padding(count: number, flags: Flags, zeros = true): string {
  return count <= 0 ? "" : (zeros && flags.zero && !flags.minus ? "0" : " ").repeat(count);
}

function pad(printer: Printer, text: string, zeros = true): void {
  const { flags } = printer;
  if (flags.width === undefined) return printer.write(text);
  const fill = padding(flags.width - runeCount(text), flags, zeros);
  printer.write(flags.minus ? text + fill : fill + text);
}
