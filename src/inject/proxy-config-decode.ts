import { isObject, type Json, type JsonObject } from "../json.ts";
import { hasChange, parseRelease } from "./istio-release.ts";
import { durationText, parseDuration } from "./proxy-config-duration.ts";
import { ENUMS, type Field, isScalar, MESSAGES } from "./proxy-config-fields.ts";

/** JSON that protobuf refuses, with the field's path as written, e.g. "tracing.zipkin.address". */
export class FieldError extends Error {
  readonly field: string;
  constructor(field: string, reason: string) {
    super(field === "" ? reason : `${field}: ${reason}`);
    this.field = field;
  }
}

/**
 * A message as istiod decodes it from JSON (golang/protobuf jsonpb with AllowUnknownFields): either spelling of a name, enums
 * by name or number, Go's durations, null as not set, what the release does not know dropped. The result has the JSON names, enum
 * names and protobuf's durations; zeros that were written stay.
 */
export function decodeMessage(istio: string, message: string, json: Json, path = ""): JsonObject {
  const decoded: JsonObject = Object.create(null);
  if (json === null) return decoded;
  if (!isObject(json)) throw new FieldError(path, `an object was expected, got ${kindOf(json)}`);
  for (const field of MESSAGES[message] ?? []) {
    if (field.since !== undefined && !hasChange(parseRelease(istio), ...field.since)) continue;
    const spelling = [field.jsonName, field.name].find((name) => Object.hasOwn(json, name));
    const value = spelling === undefined ? null : (json[spelling] ?? null);
    if (value === null || spelling === undefined) continue;
    for (const other of membersOf(message, field)) delete decoded[other.jsonName];
    decoded[field.jsonName] = decodeField(istio, field, value, path === "" ? spelling : `${path}.${spelling}`);
  }
  return decoded;
}

/** The other members of a field's oneof: the last one set is the one that counts. */
export function membersOf(message: string, field: Field): Field[] {
  if (field.oneof === undefined) return [];
  return (MESSAGES[message] ?? []).filter((other) => other.oneof === field.oneof && other !== field);
}

function decodeField(istio: string, field: Field, json: Json, path: string): Json {
  if (field.shape === "list") {
    if (!Array.isArray(json)) throw new FieldError(path, `a list was expected, got ${kindOf(json)}`);
    return json.map((entry, index) => decodeOne(istio, field.type, entry, `${path}[${index}]`));
  }
  if (field.shape === "one") return decodeOne(istio, field.type, json, path);
  if (!isObject(json)) throw new FieldError(path, `a map was expected, got ${kindOf(json)}`);
  const map: JsonObject = Object.create(null);
  for (const key of Object.keys(json)) map[key] = decodeOne(istio, field.type, json[key] ?? null, `${path}.${key}`);
  return map;
}

function decodeOne(istio: string, type: string, json: Json, path: string): Json {
  const values = Object.hasOwn(ENUMS, type) ? ENUMS[type] : undefined;
  if (values !== undefined) return decodeEnum(type, values, json, path);
  if (!isScalar(type)) return decodeMessage(istio, type, json, path);
  switch (type) {
    case "string":
      if (json === null || typeof json === "string") return json ?? "";
      throw new FieldError(path, `a string was expected, got ${kindOf(json)} (quote the value)`);
    case "bool":
      if (json === null || typeof json === "boolean") return json ?? false;
      throw new FieldError(path, `a boolean was expected, got ${kindOf(json)}`);
    case "duration":
      return decodeDuration(json, path);
    case "double":
      return decodeDouble(json, path);
    case "int32":
      return decodeInteger(json, -(2 ** 31), 2 ** 31 - 1, path);
    case "uint32":
      return decodeInteger(json, 0, 2 ** 32 - 1, path);
    case "int64":
      return String(decodeInteger(json, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, path));
  }
}

function decodeEnum(type: string, values: Readonly<Record<string, number>>, json: Json, path: string): Json {
  if (typeof json === "string") {
    if (Object.hasOwn(values, json)) return json;
    const known = Object.keys(values).join(", ");
    throw new FieldError(path, `unknown value ${JSON.stringify(json)} for ${type}, known are ${known}`);
  }
  const number = decodeInteger(json, -(2 ** 31), 2 ** 31 - 1, path);
  return Object.keys(values).find((name) => values[name] === number) ?? number;
}

function decodeInteger(json: Json, least: number, most: number, path: string): number {
  if (json === null) return 0;
  const number = typeof json === "string" && /^-?(?:0|[1-9]\d*)$/.test(json) ? Number(json) : json;
  if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) return number;
  const given = typeof json === "object" || typeof json === "boolean" ? kindOf(json) : JSON.stringify(json);
  throw new FieldError(path, `an integer from ${least} to ${most} was expected, got ${given}`);
}

function decodeDouble(json: Json, path: string): Json {
  if (json === null) return 0;
  if (typeof json === "number" || json === "NaN" || json === "Infinity" || json === "-Infinity") return json;
  if (typeof json === "string" && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(json)) return Number(json);
  throw new FieldError(path, `a number was expected, got ${kindOf(json)}`);
}

function decodeDuration(json: Json, path: string): string {
  if (typeof json !== "string") throw new FieldError(path, `a duration such as "5s" was expected, got ${kindOf(json)}`);
  const nanos = parseDuration(json);
  if (nanos === undefined) throw new FieldError(path, `${JSON.stringify(json)} is no duration such as "5s"`);
  return durationText(nanos);
}

function kindOf(json: Json): string {
  if (json === null) return "null";
  if (Array.isArray(json)) return "a list";
  return { object: "a map", string: "a string", number: "a number", boolean: "a boolean" }[typeof json as string] ?? "";
}
