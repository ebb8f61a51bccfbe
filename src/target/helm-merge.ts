import { isObject, type Json, type JsonObject } from "../json.ts";
import { emptyMap } from "./value-path.ts";

type MergeMaps = (base: JsonObject, over: JsonObject) => JsonObject;

/** Helm's merge of values: maps merge, lists and scalars replace, null deletes. Neither argument is changed. */
export function mergeValues(base: JsonObject, over: JsonObject): JsonObject {
  return mergeMaps(base, over, mergeValues);
}

/**
 * The same merge for MeshConfig, but an empty map replaces (`tracing: {}` switches tracing off), and a key in
 * snake_case meets its camelCase twin: protobuf reads both as one field.
 */
export function mergeMeshConfig(base: JsonObject, over: JsonObject): JsonObject {
  return mergeMaps(base, twinned(base, over), (inner, value) =>
    isEmpty(value) ? value : mergeMeshConfig(inner, value),
  );
}

/** A JSON merge patch (RFC 7396), as our data uses it. */
export function applyPatch(base: JsonObject, patch: JsonObject): JsonObject {
  return mergeMaps(base, patch, applyPatch);
}

function mergeMaps(base: JsonObject, over: JsonObject, mergeInner: MergeMaps): JsonObject {
  const merged: JsonObject = emptyMap();
  for (const key of Object.keys(base)) merged[key] = base[key];
  for (const key of Object.keys(over)) {
    const value = over[key];
    if (value === null) delete merged[key];
    else if (value !== undefined) merged[key] = mergedValue(merged[key], value, mergeInner);
  }
  return merged;
}

function mergedValue(base: Json | undefined, value: Json, mergeInner: MergeMaps): Json {
  if (!isObject(value)) return value;
  // Also without a base: a null inside deletes nothing there and must not stay.
  return mergeInner(isObject(base) ? base : emptyMap(), value);
}

const SNAKE_CASE = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/;

function twinned(base: JsonObject, over: JsonObject): JsonObject {
  const renamed: JsonObject = emptyMap();
  for (const key of Object.keys(over)) {
    const twin = SNAKE_CASE.test(key) ? key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) : key;
    renamed[Object.hasOwn(base, twin) ? twin : key] = over[key];
  }
  return renamed;
}

function isEmpty(value: JsonObject): boolean {
  return Object.keys(value).length === 0;
}
