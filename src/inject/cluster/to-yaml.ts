import { entriesOf, GoInt, GoStruct, isNil, itemsOf, type Value } from "../../go-template/index.ts";
import { isObject, type Json } from "../../json.ts";
import { YAML_WORD } from "./yaml-words.ts";

/** Values as YAML in blocks, with keys in order, as sigs.k8s.io/yaml marshals them; a list stands at the column of its key. */
export function toYaml(value: Value): string {
  return `${block(value, "").replace(/^\n/, "")}\n`;
}

const PLAIN = /^[A-Za-z_/][A-Za-z0-9_/.-]*$/;

/** A collection starts on a line of its own, a scalar after the space of its key. */
function block(value: Value, indent: string): string {
  if (value instanceof GoStruct) return block(value.data as Value, indent);
  const items = isNil(value) ? undefined : itemsOf(value);
  if (items !== undefined && items.length > 0)
    return items.map((item) => `\n${indent}- ${nested(item, `${indent}  `)}`).join("");
  const entries = isNil(value) || items !== undefined ? undefined : entriesOf(value);
  const keys = entries === undefined ? [] : Object.keys(entries).sort();
  if (entries === undefined || keys.length === 0) return scalar(value);
  return keys.map((key) => `\n${indent}${text(key)}:${below(entries[key], indent)}`).join("");
}

function below(value: Value, indent: string): string {
  const isList = itemsOf(value) !== undefined;
  const written = block(value, isList ? indent : `${indent}  `);
  return written.startsWith("\n") ? written : ` ${written}`;
}

/** The first entry of a map, or the first item of a list, stands on the line of the hyphen. */
function nested(value: Value, indent: string): string {
  return block(value, indent).replace(/^\n */, "");
}

function scalar(value: Value): string {
  if (isNil(value)) return itemsOf(value) !== undefined ? "[]" : entriesOf(value) !== undefined ? "{}" : "null";
  if (typeof value === "string") return text(value);
  if (value instanceof GoInt) return String(value.value);
  if (itemsOf(value) !== undefined) return "[]";
  return isObject(value as Json) ? "{}" : String(value);
}

function text(value: string): string {
  return PLAIN.test(value) && !YAML_WORD.test(value) ? value : JSON.stringify(value);
}
