import { isObject, type Json, type JsonObject } from "../json.ts";
import { SourceError } from "../source/failure.ts";
import { parseChunk } from "../source/parse.ts";
import { AliasBomb, type MapNode, type Path, toData } from "../source/tree.ts";
import { parseTargetWords, TargetError } from "../target/index.ts";
import { explain } from "./config-error.ts";
import { type ConfigPlace, type ConfigSource, type FieldPlace, placeOf } from "./config-source.ts";
import { CONFIG_MAP_SCHEMA, dataBySchema, fieldNames, NATIVE_SIDECAR_SCHEMA, schemaAt } from "./schema.ts";
import { validateConfigMap, validateNativeSidecar } from "./validate.generated.mjs";

/** Sections that may be one word, and the field that word is for. */
const SHORT_FORMS: ReadonlyMap<string, string> = new Map([
  ["strip", "level"],
  ["optOut", "mode"],
  ["render", "mode"],
]);

const TARGET_FIELDS = new Set(fieldNames(schemaAt(NATIVE_SIDECAR_SCHEMA, ["spec", "target"])));

/** The ConfigMap form as kpt makes it of `key=value` arguments. @throws {SourceError} */
export function readConfigMap(root: MapNode, place: ConfigPlace): ConfigSource {
  const map = dataBySchema(root, CONFIG_MAP_SCHEMA) as JsonObject;
  if (map.data === null) delete map.data;
  const held = isObject(map.data) ? map.data : {};
  for (const key of Object.keys(held)) if (held[key] === null || held[key] === "") delete held[key];
  if (!validateConfigMap(map)) {
    throw explain(validateConfigMap, map, CONFIG_MAP_SCHEMA, (path) => placeOf(root, path), place);
  }
  const spec: JsonObject = Object.create(null);
  const target: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(held)) {
    const isTarget = TARGET_FIELDS.has(key);
    const path = isTarget ? ["spec", "target", key] : ["spec", key];
    const fail = (message: string): never => {
      throw new SourceError(place.file, place.text, placeOf(root, ["data", key]).offset, `data.${key}: ${message}`);
    };
    (isTarget ? target : spec)[key] = dataOf(key, String(value), path, fail);
  }
  if (Object.keys(target).length > 0) spec.target = target;
  const locate = (field: Path): FieldPlace => locateField(root, field);
  const own = { apiVersion: "fn.native-sidecar.io/v1alpha1", kind: "NativeSidecar", spec };
  if (!validateNativeSidecar(own)) {
    throw explain(validateNativeSidecar, own, NATIVE_SIDECAR_SCHEMA, (path) => locate(path.slice(1)), place);
  }
  return { spec, locate };
}

function dataOf(key: string, text: string, path: Path, fail: (message: string) => never): Json {
  const schema = schemaAt(NATIVE_SIDECAR_SCHEMA, path);
  if (schema?.type === "string") return text;
  const word = text.trim();
  if (schema?.type === "boolean" || Array.isArray(schema?.enum))
    return word === "true" || word === "false" ? word === "true" : word;
  const short = SHORT_FORMS.get(key);
  const data = parsed(text, schema, fail);
  if (key === "targets" && typeof data === "string") return targetsOf(data, fail);
  if (short === undefined || typeof data === "object") return data;
  const form: JsonObject = Object.create(null);
  // YAML 1.1 takes the word `off` for false.
  form[short] = data === false ? "off" : word;
  return form;
}

/** TARGET words as on the command line, one target behind another: `istio=1.26.8 module=1.25.0,kubernetes=1.33`. */
function targetsOf(text: string, fail: (message: string) => never): Json {
  try {
    return text
      .trim()
      .split(/\s+/)
      .map((words) => parseTargetWords(words) as JsonObject);
  } catch (error) {
    if (error instanceof TargetError) return fail(error.message);
    throw error;
  }
}

/** YAML or JSON inside of a string. */
function parsed(text: string, schema: JsonObject | undefined, fail: (message: string) => never): Json {
  try {
    const node = parseChunk({ file: "", text, start: 0, end: text.length });
    if (node === undefined) return null;
    toData(node);
    return dataBySchema(node, NATIVE_SIDECAR_SCHEMA, schema);
  } catch (error) {
    if (error instanceof SourceError || error instanceof AliasBomb) return fail(error.message);
    throw error;
  }
}

/** `spec.target.module` is `data.module`, `spec.strip.level` is `data.strip.level`. */
function locateField(root: MapNode, field: Path): FieldPlace {
  return placeOf(root, ["data", ...(field[0] === "target" ? field.slice(1) : field)]);
}
