import { isObject, type Json, type JsonObject } from "../json.ts";
import { InjectionError } from "./model.ts";
import { decodeMessage, FieldError, membersOf } from "./proxy-config-decode.ts";
import { defaultProxyConfig } from "./proxy-config-defaults.ts";
import { type Field, MESSAGES } from "./proxy-config-fields.ts";
import { isSet } from "./proxy-config-json.ts";
import { proxyConfigProblem } from "./proxy-config-validation.ts";
import { parseGoYaml, YamlError } from "./templates/go-yaml.ts";

export const PROXY_CONFIG = "proxy.istio.io/config";

/** Subfields of proxyHeaders that an overlay does not wipe out (pkg/config/mesh/mesh.go, correctProxyHeaders). */
const KEPT_HEADERS = ["forwardedClientCert", "requestId", "attemptCount", "server", "envoyDebugHeaders"];

/**
 * istiod's defaults and the mesh's defaultConfig over them, for the overlays of `proxyConfigOverlay` and
 * `proxyConfigResource` to be laid over. Its fields have their JSON names, enums their names, durations seconds; zeros
 * are left out.
 * @throws InjectionError where the mesh's defaultConfig is none
 */
export function meshProxyConfig(defaultConfig: JsonObject, istio: string): JsonObject {
  try {
    return overlaid(defaultProxyConfig(istio), overlayOf(defaultConfig, istio));
  } catch (error) {
    if (error instanceof FieldError) throw new InjectionError(`meshConfig.defaultConfig: ${error.message}`, []);
    throw error;
  }
}

/**
 * The overlay that an annotation proxy.istio.io/config means, YAML or JSON.
 * @throws InjectionError where istiod refuses it; the message names the annotation and the field
 */
export function proxyConfigOverlay(text: string, istio: string): JsonObject {
  const problem = validateProxyConfig(text, istio);
  if (problem !== undefined)
    throw new InjectionError(`annotation ${PROXY_CONFIG}: ${problem}`, ["metadata", "annotations", PROXY_CONFIG]);
  return overlayOf(parseGoYaml(text), istio);
}

/**
 * The overlay that a resource of kind ProxyConfig (networking.istio.io) means, by its spec
 * (pilot/pkg/model/proxy_config.go, toMeshConfigProxyConfig).
 */
export function proxyConfigResource(spec: JsonObject, istio: string): JsonObject {
  const { concurrency, image } = spec;
  const proxyMetadata = spec.environmentVariables ?? spec.environment_variables;
  return overlayOf({ concurrency, proxyMetadata, image }, istio);
}

/**
 * What istiod finds wrong with an annotation proxy.istio.io/config, or nothing (pkg/kube/inject/validate.go,
 * validateProxyConfig: it is laid over the defaults, not over the mesh's).
 */
export function validateProxyConfig(text: string, istio: string): string | undefined {
  let config: JsonObject;
  try {
    config = decodeMessage(istio, "ProxyConfig", parseGoYaml(text));
  } catch (error) {
    if (error instanceof FieldError || error instanceof YamlError) return error.message;
    throw error;
  }
  return proxyConfigProblem(laidOver(defaultProxyConfig(istio), config));
}

/**
 * A ProxyConfig as read from YAML, decoded and without its zeros.
 * @throws FieldError where protobuf refuses it
 */
function overlayOf(config: Json, istio: string): JsonObject {
  return withoutZeros("ProxyConfig", decodeMessage(istio, "ProxyConfig", config));
}

/** A field replaces the one below, maps and messages whole; proxyMetadata and some of proxyHeaders merge. */
export function overlaid(base: JsonObject, overlay: JsonObject): JsonObject {
  const merged = laidOver(base, overlay);
  if (isObject(base.proxyMetadata) && isObject(overlay.proxyMetadata)) {
    merged.proxyMetadata = Object.assign(Object.create(null), base.proxyMetadata, overlay.proxyMetadata);
  }
  if (isObject(base.proxyHeaders) && isObject(overlay.proxyHeaders)) {
    merged.proxyHeaders = withKeptHeaders(base.proxyHeaders, overlay.proxyHeaders);
  }
  return merged;
}

function laidOver(base: JsonObject, overlay: JsonObject): JsonObject {
  const merged: JsonObject = Object.assign(Object.create(null), base);
  for (const field of MESSAGES.ProxyConfig ?? []) {
    const value = overlay[field.jsonName];
    if (value === undefined) continue;
    for (const other of membersOf("ProxyConfig", field)) delete merged[other.jsonName];
    merged[field.jsonName] = value;
  }
  return merged;
}

function withKeptHeaders(base: JsonObject, overlay: JsonObject): JsonObject {
  const merged: JsonObject = Object.assign(Object.create(null), overlay);
  for (const name of KEPT_HEADERS) {
    if (merged[name] === undefined && base[name] !== undefined) merged[name] = base[name];
  }
  return merged;
}

/** Drops what protobuf's JSON does not write, at every depth: istiod merges by way of it, so a zero overrides nothing. */
function withoutZeros(message: string, decoded: JsonObject): JsonObject {
  const kept: JsonObject = Object.create(null);
  for (const field of MESSAGES[message] ?? []) {
    const value = decoded[field.jsonName];
    if (isSet(field, value)) kept[field.jsonName] = entriesWithoutZeros(field, value);
  }
  return kept;
}

function entriesWithoutZeros(field: Field, value: Json): Json {
  if (MESSAGES[field.type] === undefined) return value;
  const one = (json: Json) => (isObject(json) ? withoutZeros(field.type, json) : json);
  if (Array.isArray(value)) return value.map(one);
  if (field.shape !== "map" || !isObject(value)) return one(value);
  const map: JsonObject = Object.create(null);
  for (const key of Object.keys(value)) map[key] = one(value[key] ?? null);
  return map;
}
