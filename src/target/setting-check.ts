import { decodeMessage, FieldError } from "../inject/proxy-config-decode.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { camelCase, settingNames } from "./setting-names.ts";
import { booleanProblem, MESH_FIELDS } from "./setting-types.ts";

/** Helm values and MeshConfig as somebody wrote them. */
export interface OwnSettings {
  values: Json | undefined;
  meshConfig: Json | undefined;
  /** Whose they are: "the IstioOperator i (a.yaml:1)"; undefined: the target's own. */
  title?: string | undefined;
  /** How messages call them: "values", "spec.values". */
  names: { values: string; meshConfig: string };
  /** An error at a field below values or MeshConfig. */
  fail(part: "values" | "meshConfig", field: string[], message: string): Error;
}

type Shape = "a map" | "a list" | "a single value";
type Fail = (field: string[], message: string) => Error;

/**
 * Refuses settings of a shape that no template can read: a list where the release has a map, a MeshConfig that istiod
 * cannot decode. @throws what `own.fail` makes of the first.
 * @param defaults values of the release.
 */
export function checkSettings(own: OwnSettings, defaults: JsonObject, istio: string): void {
  const { values, meshConfig, names } = own;
  const inValues: Fail = (field, message) => own.fail("values", field, message);
  if (values !== undefined && values !== null) {
    requireMap(values, [], names.values, inValues);
    const { meshConfig: inner, ...rest } = values as JsonObject;
    checkValues(rest, settingNames().values, defaults, { path: [], name: names.values, fail: inValues });
    if (inner !== undefined && inner !== null) {
      const fail: Fail = (field, message) => inValues(["meshConfig", ...field], message);
      checkMeshConfig(inner, `${names.values}.meshConfig`, fail, istio);
    }
  }
  if (meshConfig === undefined || meshConfig === null) return;
  checkMeshConfig(meshConfig, names.meshConfig, (field, message) => own.fail("meshConfig", field, message), istio);
}

interface Place {
  path: string[];
  name: string;
  fail: Fail;
}

function checkValues(values: JsonObject, known: unknown, defaults: Json, { path, name, fail }: Place): void {
  for (const key of Object.keys(values)) {
    const value = values[key];
    if (value === undefined || value === null) continue;
    const below = ownField(known, key);
    const shipped = ownField(defaults, key);
    const place = { path: [...path, key], name: `${name}.${key}`, fail };
    const expected = isObject(below as Json) ? "a map" : shapeOf(shipped as Json | undefined);
    if (expected !== undefined && expected !== shapeOf(value)) {
      throw fail(place.path, `${place.name}: ${expected} was expected, got ${kindOf(value)}`);
    }
    const type = booleanProblem(place.path, value, shipped as Json | undefined);
    if (type !== undefined) throw fail(place.path, `${place.name}: ${type} was expected, got ${kindOf(value)}`);
    if (isObject(value)) checkValues(value, below, (shipped as Json | undefined) ?? null, place);
  }
}

function ownField(map: unknown, key: string): unknown {
  return isObject(map as Json) && Object.hasOwn(map as JsonObject, key) ? (map as JsonObject)[key] : undefined;
}

/** undefined: a null says nothing of what belongs there. */
function shapeOf(value: Json | undefined): Shape | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return "a list";
  return isObject(value) ? "a map" : "a single value";
}

function checkMeshConfig(meshConfig: Json, name: string, fail: Fail, istio: string): void {
  requireMap(meshConfig, [], name, fail);
  for (const [key, value] of Object.entries(meshConfig as JsonObject)) {
    const field = camelCase(key);
    if (value === undefined || value === null) continue;
    if (field === "defaultConfig") checkProxyConfig(value, key, name, fail, istio);
    const expected = MESH_FIELDS.get(field)?.(value);
    if (expected !== undefined) throw fail([key], `${name}.${key}: ${expected} was expected, got ${kindOf(value)}`);
  }
}

function checkProxyConfig(config: Json, key: string, name: string, fail: Fail, istio: string): void {
  requireMap(config, [key], `${name}.${key}`, fail);
  try {
    decodeMessage(istio, "ProxyConfig", config);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    const path = error.field.replace(/\[\d+\]/g, "").split(".");
    throw fail([key, ...path], `${name}.${key}.${error.message}`);
  }
}

function requireMap(value: Json, field: string[], name: string, fail: Fail): void {
  if (!isObject(value)) throw fail(field, `${name}: a map was expected, got ${kindOf(value)}`);
}

/** A value in words: "a list", "the number 5". */
export function kindOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "a map";
  const text = JSON.stringify(value);
  return `the ${typeof value} ${text.length > 40 ? `${text.slice(0, 39)}…` : text}`;
}
