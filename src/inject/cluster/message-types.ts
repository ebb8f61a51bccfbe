import {
  BOOL,
  FLOAT64,
  type Field as GoField,
  GoInt,
  GoList,
  GoStruct,
  INT32,
  INT64,
  type IntType,
  listOf,
  type Method,
  pointerTo,
  STRING,
  STRING_MAP,
  type StructType,
  type Type,
  UINT32,
  type Value,
} from "../../go-template/index.ts";
import type { Json, JsonObject } from "../../json.ts";
import { meshFields } from "../mesh-config.ts";
import { parseDuration } from "../proxy-config-duration.ts";
import { ENUMS, type Field, MESSAGES } from "../proxy-config-fields.ts";
import { stringMap } from "./kubernetes-types.ts";

/** Protobuf messages as the structs that protoc-gen-go makes, with their getters, over decoded JSON. */
const types = new Map<string, StructType>();

/** The struct type of a message of MESSAGES, e.g. "ProxyConfig". */
export function messageType(name: string): StructType {
  const known = types.get(name);
  if (known !== undefined) return known;
  const fields = new Map<string, GoField>();
  const methods = new Map<string, Method>();
  const type: StructType = { kind: "struct", name: `meshconfig.${name}`, fields, methods };
  types.set(name, type);
  for (const field of MESSAGES[name] ?? []) addField(type, field);
  return type;
}

function addField({ fields, methods }: StructType, field: Field): void {
  const name = goName(field.name);
  const { type, read } = accessor(field);
  const get = (data: JsonObject | null): Value => {
    return read(data !== null && Object.hasOwn(data, field.jsonName) ? data[field.jsonName] : undefined);
  };
  // The members of a oneof are no fields of the struct.
  if (field.oneof === undefined) (fields as Map<string, GoField>).set(name, { type, get });
  (methods as Map<string, Method>).set(`Get${name}`, { params: [], run: get });
}

/** protoc-gen-go's CamelCase. */
function goName(name: string): string {
  return name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

interface Accessor {
  type: Type;
  read: (value: Json | undefined) => Value;
}

function accessor(field: Field): Accessor {
  if (field.shape === "map" && field.type === "string") return { type: STRING_MAP, read: stringMap };
  const one = oneAccessor(field);
  if (field.shape === "list" || field.shape === "map") {
    return {
      type: listOf(one.type),
      read: (value) => new GoList(one.type, Array.isArray(value) ? value.map(one.read) : [], !Array.isArray(value)),
    };
  }
  return one;
}

function oneAccessor(field: Field): Accessor {
  if (field.type === "duration") return pointer(DURATION);
  if (Object.hasOwn(MESSAGES, field.type)) return pointer(messageType(field.type));
  const wrapped = field.presence && field.oneof === undefined;
  const plain = Object.hasOwn(ENUMS, field.type) ? enumAccessor(field.type) : scalarAccessor(field.type);
  return wrapped ? pointer(wrapperOf(field.type, plain)) : plain;
}

function pointer(struct: StructType): Accessor {
  return { type: pointerTo(struct), read: (value) => new GoStruct(struct, value ?? null, true) };
}

function scalarAccessor(type: string): Accessor {
  switch (type) {
    case "string":
      return { type: STRING, read: (value) => (typeof value === "string" ? value : "") };
    case "bool":
      return { type: BOOL, read: (value) => value === true };
    case "double":
      return { type: FLOAT64, read: (value) => (typeof value === "number" ? value : 0) };
    default: {
      const int = type === "uint32" ? UINT32 : type === "int64" ? INT64 : INT32;
      return { type: int, read: (value) => new GoInt(int, BigInt(Math.trunc(Number(value ?? 0)))) };
    }
  }
}

function enumAccessor(name: string): Accessor {
  const numbers = ENUMS[name] ?? {};
  const names = new Map(Object.entries(numbers).map(([text, number]) => [BigInt(number), text]));
  const type: IntType = { ...INT32, name: `meshconfig.${name}`, text: (value) => names.get(value) ?? String(value) };
  const numberOf = (value: Json | undefined) =>
    typeof value === "string" && Object.hasOwn(numbers, value) ? (numbers[value] ?? 0) : Number(value ?? 0);
  return { type, read: (value) => new GoInt(type, BigInt(numberOf(value) || 0)) };
}

/** google.protobuf.BoolValue and the like. */
function wrapperOf(type: string, { type: inner, read }: Accessor): StructType {
  const name = `wrapperspb.${goName(type === "int32" ? "int32" : type)}Value`;
  const get = (data: Json | null): Value => read(data ?? undefined);
  return {
    kind: "struct",
    name,
    fields: new Map([["Value", { type: inner, get }]]),
    methods: new Map([["GetValue", { params: [], run: get }]]),
    text: (data) => (data === null ? "" : `value:${String(data)}`),
    textOfPointer: true,
  };
}

const NANOS = 1_000_000_000n;
const secondsOf = (data: Json | null) => (parseDuration(String(data ?? "0")) ?? 0n) / NANOS;
const nanosOf = (data: Json | null) => (parseDuration(String(data ?? "0")) ?? 0n) % NANOS;
/** google.protobuf.Duration */
const DURATION: StructType = {
  kind: "struct",
  name: "durationpb.Duration",
  fields: new Map([
    ["Seconds", { type: INT64, get: (data: Json | null): Value => new GoInt(INT64, secondsOf(data)) }],
    ["Nanos", { type: INT32, get: (data: Json | null): Value => new GoInt(INT32, nanosOf(data)) }],
  ]),
  methods: new Map([
    ["GetSeconds", { params: [], run: (data: Json | null): Value => new GoInt(INT64, secondsOf(data)) }],
    ["GetNanos", { params: [], run: (data: Json | null): Value => new GoInt(INT32, nanosOf(data)) }],
  ]),
};

/** The fields of MeshConfig that templates may read; others are an error (istio/api mesh/v1alpha1/config.proto). */
const MESH_FIELDS: [name: string, type: "string" | "int32" | "bool", json: string][] = [
  ["ProxyListenPort", "int32", "proxyListenPort"],
  ["ProxyInboundListenPort", "int32", "proxyInboundListenPort"],
  ["ProxyHttpPort", "int32", "proxyHttpPort"],
  ["TrustDomain", "string", "trustDomain"],
  ["RootNamespace", "string", "rootNamespace"],
  ["IngressClass", "string", "ingressClass"],
  ["IngressService", "string", "ingressService"],
  ["IngressSelector", "string", "ingressSelector"],
  ["AccessLogFile", "string", "accessLogFile"],
  ["AccessLogFormat", "string", "accessLogFormat"],
  ["EnableTracing", "bool", "enableTracing"],
  ["DisableEnvoyListenerLog", "bool", "disableEnvoyListenerLog"],
];

/** A MeshConfig of any spelling as the injector's pointer to it; `proxyConfig` is its decoded defaultConfig. */
export function meshConfigValue(mesh: JsonObject): GoStruct {
  return new GoStruct(MESH_CONFIG, mesh, true);
}

const MESH_CONFIG: StructType = meshConfigType();

function meshConfigType(): StructType {
  const fields = new Map<string, GoField>();
  const methods = new Map<string, Method>();
  for (const [name, kind, json] of MESH_FIELDS) {
    const { type, read } = scalarAccessor(kind);
    const get = (mesh: JsonObject | null): Value => read(mesh === null ? undefined : meshValue(mesh, json));
    fields.set(name, { type, get });
    methods.set(`Get${name}`, { params: [], run: get });
  }
  return { kind: "struct", name: "meshconfig.MeshConfig", fields, methods };
}

/** A field with its default, where it is one of those that the render knows. */
function meshValue(mesh: JsonObject, json: string): Json | undefined {
  const known = meshFields(mesh);
  if (json === "proxyListenPort") return known.proxyListenPort;
  if (json === "proxyInboundListenPort") return known.proxyInboundListenPort;
  if (json === "trustDomain") return known.trustDomain;
  if (json === "rootNamespace") return known.rootNamespace;
  const snake = json.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return (Object.hasOwn(mesh, json) ? mesh[json] : undefined) ?? (Object.hasOwn(mesh, snake) ? mesh[snake] : undefined);
}
