import { jsonNestsDeeper } from "../json.ts";
import { sortedKeys, wellFormed } from "./go-string.ts";
import type { Budget } from "./limits.ts";
import { formatFloat } from "./numbers.ts";
import { FunctionError } from "./template-error.ts";
import {
  entriesOf,
  GoComplex,
  GoInt,
  GoStruct,
  isNil,
  itemsOf,
  newMap,
  typeOf,
  type Value,
  type ValueMap,
} from "./values.ts";

/** JSON as Go's encoding/json reads and writes it. */
export interface JsonStyle {
  /** Write <, > and & as escapes. */
  escapeHtml: boolean;
  /** What one level is indented by; compact if not given. */
  indent?: string;
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** @throws FunctionError for what JSON has no form for */
export function encodeJson(value: Value, style: JsonStyle, budget: Budget, depth = 0): string {
  budget.spend(1);
  budget.nesting(depth);
  if (isNil(value)) return "null";
  switch (typeof value) {
    case "string":
      return jsonString(value, style.escapeHtml);
    case "boolean":
      return String(value);
    case "number":
      return jsonNumber(value);
  }
  if (value instanceof GoInt) return String(value.value);
  if (value instanceof GoComplex) throw new FunctionError("json: unsupported type: complex128");
  if (value instanceof GoStruct) return encodeStruct(value, style, budget, depth);
  const items = itemsOf(value);
  if (items !== undefined) {
    return joined(
      "[",
      "]",
      items.map((item) => encodeJson(item, style, budget, depth + 1)),
      style,
      depth,
    );
  }
  return encodeEntries(entriesOf(value) as ValueMap, style, budget, depth);
}

function encodeEntries(entries: ValueMap, style: JsonStyle, budget: Budget, depth: number): string {
  const members = sortedKeys(entries).map((key) => {
    const member = encodeJson(entries[key], style, budget, depth + 1);
    return `${jsonString(key, style.escapeHtml)}:${style.indent === undefined ? "" : " "}${member}`;
  });
  return joined("{", "}", members, style, depth);
}

function encodeStruct(value: GoStruct, style: JsonStyle, budget: Budget, depth: number): string {
  const { struct, data } = value;
  if (struct.json !== undefined) return encodeJson(struct.json(data as never), style, budget, depth);
  const members = [...struct.fields].map(([name, field]) => {
    const member = encodeJson(field.get(data as never), style, budget, depth + 1);
    return `${jsonString(name, style.escapeHtml)}:${style.indent === undefined ? "" : " "}${member}`;
  });
  return joined("{", "}", members, style, depth);
}

function joined(open: string, close: string, members: string[], { indent }: JsonStyle, depth: number): string {
  if (indent === undefined || members.length === 0) return open + members.join(",") + close;
  const line = `\n${indent.repeat(depth + 1)}`;
  return `${open}${line}${members.join(`,${line}`)}\n${indent.repeat(depth)}${close}`;
}

/** @throws FunctionError for infinities and NaN */
function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new FunctionError(`json: unsupported value: ${formatFloat(value, "g", -1)}`);
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-6 && size < 1e21)) return formatFloat(value, "f", -1);
  return formatFloat(value, "e", -1).replace(/e-0(\d)$/, "e-$1");
}

/** A string of JSON with Go's escapes. */
function jsonString(text: string, escapeHtml: boolean): string {
  if (/^[ !#-%'-;=?-[\]-~]*$/.test(text)) return `"${text}"`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are escaped
  const escaped = wellFormed(text).replace(/["\\\0-\x1f<>&\u2028\u2029]/g, (char) => {
    const short = SHORT.get(char);
    if (short !== undefined) return short;
    if (!escapeHtml && "<>&".includes(char)) return char;
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  // What is no UTF-8 is escaped, a U+FFFD of the text is not.
  return `"${text.includes("\ufffd") ? escaped : escaped.replaceAll("\ufffd", "\\ufffd")}"`;
}

export interface Decoded {
  value: Value;
  /** A number that is too large for float64, which is read as nil. */
  error?: string;
}

/** @throws FunctionError for what is no JSON */
export function decodeJson(text: string): Decoded {
  let value: unknown;
  if (jsonNestsDeeper(text, 500)) throw new FunctionError("exceeded max depth");
  try {
    value = JSON.parse(wellFormed(text));
  } catch {
    throw new FunctionError(syntaxProblem(text));
  }
  const decoded: Decoded = { value: undefined };
  decoded.value = adopt(value, decoded);
  return decoded;
}

function syntaxProblem(text: string): string {
  return text.trim() === "" ? "unexpected end of JSON input" : "invalid character in JSON input";
}

/** Maps without prototypes, strings without lone surrogates. */
function adopt(value: unknown, decoded: Decoded): Value {
  if (typeof value === "string") return value.replace(/[\u{d800}-\u{dfff}]/gu, "\ufffd");
  if (typeof value === "number" && !Number.isFinite(value)) {
    decoded.error ??= "json: cannot unmarshal number into Go value of type float64";
    return null;
  }
  if (typeof value !== "object" || value === null) return value as Value;
  if (Array.isArray(value)) return value.map((item) => adopt(item, decoded));
  const map = newMap();
  for (const [key, member] of Object.entries(value)) {
    map[key.replace(/[\u{d800}-\u{dfff}]/gu, "\ufffd")] = adopt(member, decoded);
  }
  return map;
}

/** reflect.DeepEqual: the same types with the same contents. */
export function deepEqual(a: Value, b: Value, budget: Budget, depth = 0): boolean {
  budget.spend(1);
  budget.nesting(depth);
  if (a === undefined || a === null || b === undefined || b === null) return (a ?? null) === (b ?? null);
  if (typeOf(a).name !== typeOf(b).name || isNil(a) !== isNil(b)) return false;
  if (a instanceof GoInt) return a.value === (b as GoInt).value;
  if (a instanceof GoComplex) return a.real === (b as GoComplex).real && a.imag === (b as GoComplex).imag;
  if (a instanceof GoStruct) {
    const other = b as GoStruct;
    if (a.data === other.data) return true;
    return [...a.struct.fields.values()].every(({ get }) =>
      deepEqual(get(a.data as never), get(other.data as never), budget, depth + 1),
    );
  }
  const items = itemsOf(a);
  if (items !== undefined) {
    const others = itemsOf(b) as Value[];
    return items.length === others.length && items.every((item, at) => deepEqual(item, others[at], budget, depth + 1));
  }
  const entries = entriesOf(a);
  if (entries === undefined) return a === b;
  const others = entriesOf(b) as ValueMap;
  const keys = Object.keys(entries);
  if (keys.length !== Object.keys(others).length) return false;
  return keys.every((key) => Object.hasOwn(others, key) && deepEqual(entries[key], others[key], budget, depth + 1));
}
