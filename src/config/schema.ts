import configMapSchema from "../../fn/config-map.schema.json" with { type: "json" };
import nativeSidecarSchema from "../../fn/native-sidecar.schema.json" with { type: "json" };
import { isObject, type Json, type JsonObject } from "../json.ts";
import { entryOf, type Node, type Path, resolve, type ScalarNode, type Step, toData } from "../source/tree.ts";

/** JSON schemas (draft-07) of the functionConfig's two forms, as the files in fn/ hold them. */
export const NATIVE_SIDECAR_SCHEMA: JsonObject = nativeSidecarSchema as JsonObject;
export const CONFIG_MAP_SCHEMA: JsonObject = configMapSchema as JsonObject;

/** The part of a schema that speaks about the value below `path`; undefined where it has nothing to say. */
export function schemaAt(schema: JsonObject, path: Path): JsonObject | undefined {
  let here: JsonObject | undefined = schema;
  for (const step of path) here = here && childSchema(schema, here, step);
  return here;
}

function childSchema(root: JsonObject, schema: JsonObject, step: Step): JsonObject | undefined {
  const { properties, additionalProperties, items } = schema;
  if (typeof step === "number") return referred(root, items);
  if (isObject(properties) && Object.hasOwn(properties, step)) return referred(root, properties[step]);
  return referred(root, additionalProperties);
}

function referred(root: JsonObject, schema: Json | undefined): JsonObject | undefined {
  if (!isObject(schema)) return undefined;
  const name = typeof schema.$ref === "string" ? schema.$ref.replace("#/definitions/", "") : undefined;
  if (name === undefined) return schema;
  const definition = isObject(root.definitions) ? root.definitions[name] : undefined;
  return isObject(definition) ? definition : undefined;
}

/** Names of the fields that a map may have. */
export function fieldNames(schema: JsonObject | undefined): string[] {
  return isObject(schema?.properties) ? Object.keys(schema.properties) : [];
}

/** Words that a field may be. */
export function wordsOf(schema: JsonObject | undefined): string[] {
  const words = Array.isArray(schema?.enum) ? schema.enum : [];
  return words.filter((word) => typeof word === "string");
}

/**
 * The node's data as the schema wants it: strings are read as written (`1.30` stays "1.30"), and the word `off`,
 * which YAML 1.1 takes for false, stays a word.
 */
export function dataBySchema(node: Node, root: JsonObject, schema: JsonObject | undefined = root): Json {
  const value = resolve(node);
  if (value.kind === "scalar") return scalarBySchema(value, schema);
  if (value.kind === "seq") {
    return value.items.map((item, index) => dataBySchema(item.value, root, schema && childSchema(root, schema, index)));
  }
  const plain = toData(value);
  if (schema === undefined || !(isObject(schema.properties) || isObject(schema.additionalProperties))) return plain;
  const data: JsonObject = Object.create(null);
  for (const name of Object.keys(isObject(plain) ? plain : {})) {
    const entry = entryOf(value, name);
    if (entry !== undefined) data[name] = dataBySchema(entry.value, root, childSchema(root, schema, name));
  }
  return data;
}

function scalarBySchema(scalar: ScalarNode, schema: JsonObject | undefined): Json {
  if (scalar.value === null) return null;
  if (schema?.type === "string") return scalar.text;
  if (scalar.value === false && wordsOf(schema).includes("off")) return "off";
  return scalar.value;
}
