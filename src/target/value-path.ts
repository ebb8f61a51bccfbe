import { isObject, type Json, type JsonObject } from "../json.ts";

/** A map without prototype: `__proto__` is a key like any other. */
export function emptyMap(): JsonObject {
  return Object.create(null) as JsonObject;
}

/** The value at a path of own keys. */
export function valueAt(root: Json | undefined, ...path: string[]): Json | undefined {
  let value: Json | undefined = root;
  for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** The string at a path of own keys; undefined where there is none, or an empty one. */
export function textAt(root: Json | undefined, ...path: string[]): string | undefined {
  const value = valueAt(root, ...path);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A string or a number as text, "" for anything else. */
export function plainText(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** A map with one value at a path, to merge over another map. */
export function mapWith(path: readonly string[], value: Json): JsonObject {
  const [key = "", ...rest] = path;
  const map = emptyMap();
  map[key] = rest.length === 0 ? value : mapWith(rest, value);
  return map;
}
