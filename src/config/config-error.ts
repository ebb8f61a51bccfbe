import { isObject, type Json, type JsonObject } from "../json.ts";
import { SourceError } from "../source/failure.ts";
import { formatPath, type Path } from "../source/tree.ts";
import type { ConfigPlace, ConfigSource, FieldPlace } from "./config-source.ts";
import { nearest } from "./nearest.ts";
import { fieldNames, schemaAt, wordsOf } from "./schema.ts";
import type { Validator, Violation } from "./validate.generated.mjs";

/** Refuses the mode `selected` without anything that selects. */
export function checkSelectors({ spec, locate }: ConfigSource, place: ConfigPlace): void {
  const optOut = isObject(spec.optOut) ? spec.optOut : {};
  const hasSelectors = Array.isArray(optOut.selectors) && optOut.selectors.length > 0;
  if (optOut.mode !== "selected" || hasSelectors) return;
  const { label, offset } = locate(["optOut"]);
  const message = `${formatPath(label)} selects workloads, but has no selectors; add some, or set the mode to auto`;
  throw new SourceError(place.file, place.text, offset, message);
}

/** Refuses names in `strip.rules` that no rule has. */
export function checkRuleNames({ spec, locate }: ConfigSource, place: ConfigPlace, ruleNames: readonly string[]): void {
  const rules = isObject(spec.strip) && isObject(spec.strip.rules) ? spec.strip.rules : {};
  for (const name of Object.keys(rules)) {
    if (ruleNames.includes(name)) continue;
    const { label, keyOffset } = locate(["strip", "rules", name]);
    const holder = formatPath(label.slice(0, -1));
    throw new SourceError(place.file, place.text, keyOffset, `${holder}: ${unknown("rule", name, ruleNames)}`);
  }
}

/** The first violation in words. */
export function explain(
  validator: Validator,
  data: unknown,
  schema: JsonObject,
  locate: (path: Path) => FieldPlace,
  { file, text }: ConfigPlace,
): SourceError {
  const violation: Violation = validator.errors?.[0] ?? { instancePath: "", keyword: "", params: {} };
  const path = steps(violation.instancePath, data);
  const name = violation.params.additionalProperty;
  if (violation.keyword === "additionalProperties" && typeof name === "string") {
    const { label, keyOffset } = locate([...path, name]);
    const holder = label.slice(0, -1);
    const known = fieldNames(schemaAt(schema, path));
    const where = holder.length === 0 ? "" : `${formatPath(holder)}: `;
    return new SourceError(file, text, keyOffset, where + unknown("field", name, known));
  }
  const { label, offset } = locate(path);
  const what = cause(violation, valueAt(data, path), schemaAt(schema, path));
  return new SourceError(file, text, offset, `${formatPath(label) || "the config"} ${what}`);
}

function unknown(what: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const help = meant === undefined ? `known are ${known.join(", ")}` : `did you mean ${meant}?`;
  return `unknown ${what} ${JSON.stringify(shortened(name))}; ${help}`;
}

function cause({ keyword, params }: Violation, value: Json | undefined, schema: JsonObject | undefined): string {
  switch (keyword) {
    case "type":
      return `must be ${TYPES[String(params.type)] ?? String(params.type)}, not ${shown(value)}`;
    case "enum":
      return wrongWord(value, wordsOf(schema));
    case "const":
      return `must be ${String(params.allowedValue)}`;
    case "required":
      return `lacks ${String(params.missingProperty)}`;
    case "not":
      return `holds both ${bothOf(schema).join(" and ")}; give one of them`;
    case "minItems":
    case "minProperties":
      return "must not be empty";
    case "pattern":
      return `must look like ${exampleOf(schema)}, not ${shown(value)}`;
    default:
      return "is not as the schema wants it";
  }
}

const TYPES: Readonly<Record<string, string>> = {
  object: "a map",
  array: "a list",
  string: "a string",
  boolean: "true or false",
};

function wrongWord(value: Json | undefined, words: readonly string[]): string {
  const meant = typeof value === "string" ? nearest(value, words) : undefined;
  const help = meant === undefined ? "" : `; did you mean ${meant}?`;
  return `must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}, not ${shown(value)}${help}`;
}

function bothOf(schema: JsonObject | undefined): string[] {
  const not = schema?.not;
  const names = isObject(not) && Array.isArray(not.required) ? not.required : [];
  return names.filter((name) => typeof name === "string");
}

function exampleOf(schema: JsonObject | undefined): string {
  const [example] = Array.isArray(schema?.examples) ? schema.examples : [];
  return String(example);
}

function shown(value: Json | undefined): string {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "a map";
  return value === undefined ? "nothing" : shortened(JSON.stringify(value));
}

const MAX_SHOWN = 60;

function shortened(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** A JSON pointer as path; digits are list indexes where the data has a list. */
function steps(pointer: string, data: unknown): Path {
  const path: (string | number)[] = [];
  let here: unknown = data;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    const step = Array.isArray(here) ? Number(key) : key;
    path.push(step);
    here = valueAt(here, [step]);
  }
  return path;
}

function valueAt(data: unknown, path: Path): Json | undefined {
  let here: unknown = data;
  for (const step of path) {
    if (Array.isArray(here)) here = here[Number(step)];
    else here = isObject(here) && Object.hasOwn(here, step) ? here[step] : undefined;
  }
  return here as Json | undefined;
}
