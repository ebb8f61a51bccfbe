import { nearest } from "../config/nearest.ts";
import { MESSAGES } from "../inject/proxy-config-fields.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { camelCase, type Names, settingNames } from "./setting-names.ts";

/** More than these are summed up. */
const MAX_NOTES = 5;

/**
 * Notes on Helm values and MeshConfig fields that no Istio release knows, with what was most likely meant. They
 * change nothing, here as in the cluster, where Helm and istiod let them pass.
 * @param defaults values of the release, whose names are known too.
 * @param names how the notes call values and MeshConfig.
 */
export function unknownSettings(
  values: JsonObject | undefined,
  meshConfig: JsonObject | undefined,
  defaults: JsonObject,
  names = { values: "values", meshConfig: "meshConfig" },
): string[] {
  const inValues = values?.meshConfig;
  const unknown = [
    ...(values === undefined ? [] : unknownValues(values, settingNames().values, defaults, [], names.values)),
    ...(isObject(inValues) ? unknownMeshConfig(inValues, `${names.values}.meshConfig`) : []),
    ...(meshConfig === undefined ? [] : unknownMeshConfig(meshConfig, names.meshConfig)),
  ];
  const more = unknown.length - MAX_NOTES;
  return more > 0 ? [...unknown.slice(0, MAX_NOTES), `${more} more settings are unknown to Istio`] : unknown;
}

function unknownValues(
  values: JsonObject,
  known: Exclude<Names, 0>,
  defaults: Json,
  path: string[],
  name: string,
): string[] {
  const shipped = isObject(defaults) ? defaults : {};
  return Object.keys(values).flatMap((key) => {
    const below = Object.hasOwn(known, key) ? known[key] : undefined;
    const value = values[key];
    if (below === undefined && !Object.hasOwn(shipped, key)) {
      const guess = nearest(key, [...new Set([...Object.keys(known), ...Object.keys(shipped)])]);
      return [unknownNote([name, ...path, key], guess === undefined ? undefined : [...path, guess])];
    }
    if (below === undefined || below === 0 || !isObject(value)) return [];
    return unknownValues(value, below, shipped[key] ?? null, [...path, key], name);
  });
}

function unknownMeshConfig(meshConfig: JsonObject, where: string): string[] {
  const fields = (MESSAGES.ProxyConfig ?? []).flatMap(({ name, jsonName }) => [name, jsonName]);
  const { defaultConfig, default_config: snake } = meshConfig;
  const inner = isObject(defaultConfig) ? defaultConfig : isObject(snake) ? snake : {};
  return [
    ...unknownFields(meshConfig, settingNames().meshConfig, where),
    ...unknownFields(inner, fields, `${where}.defaultConfig`),
  ];
}

function unknownFields(map: JsonObject, known: readonly string[], where: string): string[] {
  return Object.keys(map).flatMap((key) => {
    const camel = camelCase(key);
    if (known.includes(key) || known.includes(camel)) return [];
    const guess = nearest(camel, known);
    return [unknownNote([where, key], guess === undefined ? undefined : [guess])];
  });
}

function unknownNote(path: string[], guess: string[] | undefined): string {
  const meant = guess === undefined ? "" : `; did you mean ${guess.join(".")}?`;
  return `${path.join(".")} is a setting that no known Istio release has, and changes nothing${meant}`;
}
