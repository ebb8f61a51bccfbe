import { parseDocument, type ScalarTag, type Tags } from "yaml";
import type { Json, JsonObject } from "../../json.ts";
import { byBytes } from "./go-text.ts";

/** Ends the parse of a text that is no YAML; the message is one line. */
export class YamlError extends Error {}

const OPTIONS = {
  version: "1.1",
  uniqueKeys: false,
  merge: true,
  prettyErrors: false,
  logLevel: "silent",
  customTags: goTags,
} as const;

/**
 * YAML as sigs.k8s.io/yaml reads it on the way to JSON: YAML 1.1 booleans (`yes`, `off`, `n`) and octals, no base 60, no dates,
 * the last of equal keys counts, keys become text. Maps come back without a prototype.
 */
export function parseGoYaml(text: string): Json {
  try {
    const document = parseDocument(text, OPTIONS);
    const [error] = document.errors;
    if (error !== undefined) throw new YamlError(error.message.split("\n", 1)[0] ?? "");
    return toJson(document.toJS({ mapAsMap: true, maxAliasCount: 100 }));
  } catch (error) {
    // Aliases that multiply, aliases of nothing and nesting beyond the stack
    if (error instanceof ReferenceError || error instanceof RangeError) throw new YamlError(error.message);
    throw error;
  }
}

const NUMBERS = /:(?:int|float|timestamp)$/;

/** go-yaml's own numbers: no base 60, 0o17 beside 017, 08 a float; and in untyped data no dates. */
function goTags(tags: Tags): Tags {
  return [...tags.filter((tag) => typeof tag === "string" || !NUMBERS.test(tag.tag)), INTEGER, FLOAT, NOT_FINITE];
}

const INTEGER: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|0|[1-9][0-9_]*)$/,
  resolve: readInteger,
};
const FLOAT: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  test: /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/,
  resolve: readFloat,
};
const NOT_FINITE: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  resolve: () => Number.NaN,
};

/** A number beyond float64 stays text. */
function readFloat(text: string): number | string {
  const number = Number(text.replaceAll("_", ""));
  return Number.isFinite(number) ? number : text;
}

/** strconv.ParseInt with base 0. */
function readInteger(text: string): number {
  const digits = text.replaceAll("_", "").replace(/^[-+]/, "");
  const octal = /^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits;
  return text.startsWith("-") ? -Number(octal) : Number(octal);
}

function toJson(value: unknown): Json {
  if (value instanceof Map) return mapToJson(value);
  if (value instanceof Set) return mapToJson(new Map([...value].map((key) => [key, null])));
  if (Array.isArray(value)) return value.map(toJson);
  if (value === null || value === undefined) return null;
  if (typeof value === "number" && !Number.isFinite(value)) throw new YamlError("a number that JSON does not know");
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return String(value);
}

function mapToJson(map: Map<unknown, unknown>): JsonObject {
  const entries = [...map].map(([key, value]) => [keyText(key), toJson(value)] as const);
  const object: JsonObject = Object.create(null);
  for (const [key, value] of entries.sort(([a], [b]) => byBytes(a, b))) object[key] = value;
  return object;
}

function keyText(key: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "number" || typeof key === "boolean") return String(key);
  throw new YamlError("a key that is no text");
}
