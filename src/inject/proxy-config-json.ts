import { isObject, type Json, type JsonObject } from "../json.ts";
import { defaultProxyConfig } from "./proxy-config-defaults.ts";
import { ENUMS, type Field, MESSAGES } from "./proxy-config-fields.ts";
import { goJson } from "./scalars.ts";

/** Fields that the injector leaves out of PROXY_CONFIG where they have their default. */
const CLEANED = [
  "configPath",
  "binaryPath",
  "controlPlaneAuthPolicy",
  "serviceCluster",
  "drainDuration",
  "terminationDrainDuration",
  "discoveryAddress",
  "tracing",
  "proxyAdminPort",
  "statNameLength",
  "statusPort",
] as const;

const written = new WeakMap<JsonObject, Map<string, string>>();

/**
 * The text of PROXY_CONFIG: a ProxyConfig without its defaults (pkg/kube/inject/template.go, cleanProxyConfig) as protobuf's
 * JSON in the order of its fields, escaped as Go does.
 */
export function proxyConfigJson(config: JsonObject, istio: string): string {
  const texts = written.get(config) ?? new Map<string, string>();
  written.set(config, texts);
  let text = texts.get(istio);
  if (text === undefined) {
    text = encodeMessage("ProxyConfig", withoutDefaults(config, istio));
    texts.set(istio, text);
  }
  return text;
}

function withoutDefaults(config: JsonObject, istio: string): JsonObject {
  const defaults = defaultProxyConfig(istio);
  const left: JsonObject = Object.assign(Object.create(null), config);
  for (const name of CLEANED) {
    const value = left[name];
    if (value !== undefined && encodeAny(value) === encodeAny(defaults[name] ?? null)) delete left[name];
  }
  return left;
}

function encodeAny(json: Json): string {
  if (!isObject(json)) return JSON.stringify(json);
  return `{${Object.keys(json)
    .sort()
    .map((key) => `${key}:${encodeAny(json[key] ?? null)}`)}}`;
}

/** Whether a field of a message has something to say: anything where presence counts, else anything but zero. */
export function isSet(field: Field, value: Json | undefined): value is Json {
  if (value === undefined || value === null) return false;
  if (field.shape === "list") return Array.isArray(value) && value.length > 0;
  if (field.shape === "map") return isObject(value) && Object.keys(value).length > 0;
  if (field.presence) return true;
  const values = Object.hasOwn(ENUMS, field.type) ? ENUMS[field.type] : undefined;
  if (values !== undefined && typeof value === "string") return values[value] !== 0;
  return value !== 0 && value !== "" && value !== false;
}

/** Protobuf's JSON of a decoded message. */
export function encodeMessage(message: string, decoded: JsonObject): string {
  const parts: string[] = [];
  for (const field of MESSAGES[message] ?? []) {
    const value = decoded[field.jsonName];
    if (isSet(field, value)) parts.push(`"${field.jsonName}":${encodeField(field, value)}`);
  }
  return `{${parts.join(",")}}`;
}

function encodeField(field: Field, value: Json): string {
  const one = (json: Json) => (isObject(json) ? encodeMessage(field.type, json) : goJson(json));
  if (Array.isArray(value)) return `[${value.map(one).join(",")}]`;
  if (field.shape !== "map" || !isObject(value)) return one(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${goJson(key)}:${one(value[key] ?? null)}`).join(",")}}`;
}
