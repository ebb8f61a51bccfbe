import { escapeHtml, escapeJs, escapeQuery } from "./escape.ts";
import { AND, OR, printable } from "./execute.ts";
import { sprint, sprintf, sprintln } from "./format.ts";
import { type FunctionMap, fn } from "./functions.ts";
import { byteLength, byteSlice, bytesOf, compareStrings } from "./go-string.ts";
import type { Budget } from "./limits.ts";
import { FunctionError } from "./template-error.ts";
import {
  entriesOf,
  entry,
  GoComplex,
  GoInt,
  GoList,
  GoMap,
  GoStruct,
  int,
  isNil,
  isTrue,
  itemsOf,
  MAP,
  type Type,
  typeOf,
  UINT8,
  type Value,
  zeroOf,
} from "./values.ts";

/** The functions of text/template itself (text/template/funcs.go, Go 1.24). */
export const BUILTINS: FunctionMap = new Map([
  ["and", AND],
  ["or", OR],
  ["not", fn("value", ([arg]) => !isTrue(arg))],
  ["call", fn("value value...", ([callee]) => call(callee))],
  ["html", fn("any...", (args, budget) => escapeHtml(evalArgs(args, budget)))],
  ["js", fn("any...", (args, budget) => escapeJs(evalArgs(args, budget)))],
  ["urlquery", fn("any...", (args, budget) => escapeQuery(evalArgs(args, budget)))],
  ["index", fn("value value...", ([item, ...indexes]) => indexes.reduce(index, started(item, "index")))],
  ["slice", fn("value value...", ([item, ...indexes]) => slice(started(item, "slice"), indexes))],
  ["len", fn("value", ([item]) => int(lengthOf(item)))],
  ["print", fn("any...", (args, budget) => sprint(args, budget))],
  ["println", fn("any...", (args, budget) => sprintln(args, budget))],
  ["printf", fn("string any...", ([format, ...args], budget) => sprintf(format as string, args, budget))],
  ["eq", fn("value value...", ([first, ...others]) => equalsAny(first, others))],
  ["ne", fn("value value", ([a, b]) => !equalsAny(a, [b]))],
  ["lt", fn("value value", ([a, b]) => less(a, b))],
  ["le", fn("value value", ([a, b]) => less(a, b) || equalsAny(a, [b]))],
  ["gt", fn("value value", ([a, b]) => !(less(a, b) || equalsAny(a, [b])))],
  ["ge", fn("value value", ([a, b]) => !less(a, b))],
]);

function evalArgs(args: Value[], budget: Budget): string {
  const shown = args.map((arg) =>
    isNil(arg) && !(arg instanceof GoList || arg instanceof GoMap) ? noValue(arg) : printable(arg),
  );
  return sprint(shown, budget);
}

function noValue(arg: Value): Value {
  return arg instanceof GoStruct ? arg : "<no value>";
}

/** No value of a template is a function. */
function call(callee: Value): never {
  if (callee === undefined || callee === null) throw new FunctionError("call of nil");
  throw new FunctionError(`non-function of type ${typeOf(callee).name}`);
}

function started(item: Value, what: string): Value {
  if (item === undefined || item === null) throw new FunctionError(`${what} of untyped nil`);
  return item;
}

function index(item: Value, at: Value): Value {
  if (isNil(item) && !(item instanceof GoList || item instanceof GoMap))
    throw new FunctionError("index of nil pointer");
  const items = itemsOf(item);
  if (items !== undefined) return items[inRange(at, items.length, items.length - 1)];
  if (typeof item === "string") {
    const bytes = bytesOf(item);
    return new GoInt(UINT8, BigInt(bytes[inRange(at, bytes.length, bytes.length - 1)] as number));
  }
  const entries = entriesOf(item);
  if (entries === undefined) throw new FunctionError(`can't index item of type ${typeOf(item).name}`);
  if (at === undefined || at === null) throw new FunctionError("value is nil; should be of type string");
  if (typeof at !== "string") throw new FunctionError(`value has type ${typeOf(at).name}; should be string`);
  const type: Type = item instanceof GoMap ? item.type : MAP;
  return Object.hasOwn(entries, at) ? entry(entries, at) : zeroOf(type.elem as Type);
}

function inRange(at: Value, capacity: number, last = capacity): number {
  if (at === undefined || at === null) throw new FunctionError("cannot index slice/array with nil");
  if (!(at instanceof GoInt)) throw new FunctionError(`cannot index slice/array with type ${typeOf(at).name}`);
  if (at.value < 0n || at.value > BigInt(capacity)) throw new FunctionError(`index out of range: ${at.value}`);
  if (at.value > BigInt(last)) throw new FunctionError("reflect: slice index out of range");
  return Number(at.value);
}

function slice(item: Value, indexes: Value[]): Value {
  if (item instanceof GoStruct && item.isNil) throw new FunctionError("slice of nil pointer");
  if (indexes.length > 3) throw new FunctionError(`too many slice indexes: ${indexes.length}`);
  const items = itemsOf(item);
  if (typeof item === "string" && indexes.length === 3) throw new FunctionError("cannot 3-index slice a string");
  if (typeof item !== "string" && items === undefined) {
    throw new FunctionError(`can't slice item of type ${typeOf(item).name}`);
  }
  const length = items === undefined ? byteLength(item as string) : items.length;
  const [start = 0, end = length, capacity = length] = indexes.map((at) => inRange(at, length));
  if (start > end) throw new FunctionError(`invalid slice index: ${start} > ${end}`);
  if (end > capacity) throw new FunctionError(`invalid slice index: ${end} > ${capacity}`);
  if (items === undefined) return byteSlice(item as string, start, end);
  const part = items.slice(start, end);
  return item instanceof GoList ? new GoList(item.type.elem as Type, part, item.isNil) : part;
}

/** @throws FunctionError for what has no length */
function lengthOf(item: Value): number {
  if (typeof item === "string") return byteLength(item);
  const items = itemsOf(item);
  if (items !== undefined) return items.length;
  const entries = entriesOf(item);
  if (entries !== undefined) return Object.keys(entries).length;
  if (item === undefined) throw new FunctionError("reflect: call of reflect.Value.Type on zero Value");
  if (isNil(item)) throw new FunctionError("len of nil pointer");
  throw new FunctionError(`len of type ${item instanceof GoStruct ? item.struct.name : typeOf(item).name}`);
}

type BasicKind = "bool" | "complex" | "int" | "float" | "string" | "uint" | "other";
function basicKind(value: Value): BasicKind {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return "float";
    case "boolean":
      return "bool";
  }
  if (value instanceof GoInt) return value.type.signed ? "int" : "uint";
  return value instanceof GoComplex ? "complex" : "other";
}

function equalsAny(first: Value, others: Value[]): boolean {
  if (others.length === 0) throw new FunctionError("missing argument for comparison");
  return others.some((other) => equals(first, other));
}

function equals(a: Value, b: Value): boolean {
  const kind = basicKind(a);
  if (kind !== basicKind(b)) {
    if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
    const aNil = a === undefined || a === null;
    if (aNil || b === undefined || b === null) return false;
    throw new FunctionError(`incompatible types for comparison: ${typeOf(a).name} and ${typeOf(b).name}`);
  }
  if (a instanceof GoInt) return a.value === (b as GoInt).value;
  if (a instanceof GoComplex) return a.real === (b as GoComplex).real && a.imag === (b as GoComplex).imag;
  return kind === "other" ? equalsOther(a, b) : a === b;
}

function equalsOther(a: Value, b: Value): boolean {
  const nothing = (value: Value) => value === undefined || value === null;
  if (!nothing(a) && !nothing(b) && typeOf(a).kind !== typeOf(b).kind) {
    throw new FunctionError(`non-comparable types ${typeOf(a).name}, ${typeOf(b).name}`);
  }
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  if (a instanceof GoStruct && b instanceof GoStruct && a.pointer) return a.struct === b.struct && a.data === b.data;
  throw new FunctionError(`non-comparable type ${typeOf(b).name}`);
}

function less(a: Value, b: Value): boolean {
  const kind = basicKind(a);
  const other = basicKind(b);
  if (kind === "other" || other === "other") throw new FunctionError("invalid type for comparison");
  if (a instanceof GoInt && b instanceof GoInt) return a.value < b.value;
  if (kind !== other) {
    throw new FunctionError(`incompatible types for comparison: ${typeOf(a).name} and ${typeOf(b).name}`);
  }
  if (kind === "float") return (a as number) < (b as number);
  if (kind === "string") return compareStrings(a as string, b as string) < 0;
  throw new FunctionError("invalid type for comparison");
}
