import { isObject, type Json, type JsonObject } from "../json.ts";

/** The MeshConfig fields that reach a Pod, defaults filled in (pkg/config/mesh/mesh.go, DefaultMeshConfig). */
export interface MeshFields {
  proxyListenPort: number;
  proxyInboundListenPort: number;
  trustDomain: string;
  rootNamespace: string;
  /** `localhost` or `passthrough`; read by the injector from 1.22 on. */
  inboundTrafficPolicyMode: "localhost" | "passthrough";
  enablePrometheusMerge: boolean;
  /** A tracing provider asks for OpenTelemetry's service attributes; read by the injector from 1.30 on. */
  otelSemanticConventions: boolean;
  /** The ProxyConfig of the mesh as written, to be laid over the defaults. */
  defaultConfig: JsonObject;
}

const read = new WeakMap<JsonObject, MeshFields>();

/** Reads a MeshConfig of any protobuf JSON spelling (proxyListenPort or proxy_listen_port); done once for each object. */
export function meshFields(meshConfig: JsonObject): MeshFields {
  let fields = read.get(meshConfig);
  if (fields === undefined) {
    fields = readFields(meshConfig);
    read.set(meshConfig, fields);
  }
  return fields;
}

function readFields(mesh: JsonObject): MeshFields {
  const policy = enumField(object(field(mesh, "inboundTrafficPolicy")), "mode", ["PASSTHROUGH", "LOCALHOST"]);
  return {
    proxyListenPort: port(field(mesh, "proxyListenPort"), 15001),
    proxyInboundListenPort: port(field(mesh, "proxyInboundListenPort"), 15006),
    trustDomain: text(field(mesh, "trustDomain"), "cluster.local"),
    rootNamespace: text(field(mesh, "rootNamespace"), "istio-system"),
    inboundTrafficPolicyMode: policy === "LOCALHOST" ? "localhost" : "passthrough",
    enablePrometheusMerge: field(mesh, "enablePrometheusMerge") !== false,
    otelSemanticConventions: list(field(mesh, "extensionProviders")).some(asksForConventions),
    defaultConfig: object(field(mesh, "defaultConfig")),
  };
}

/** MeshConfig.ExtensionProvider.OpenTelemetryTracingProvider.service_attribute_enrichment (istio/api, 1.30). */
function asksForConventions(provider: Json): boolean {
  const tracing = object(field(object(provider), "opentelemetry"));
  const names = ["ISTIO_CANONICAL", "OTEL_SEMANTIC_CONVENTIONS"];
  return enumField(tracing, "serviceAttributeEnrichment", names) === "OTEL_SEMANTIC_CONVENTIONS";
}

/** A field by its JSON name or its protobuf name; the JSON name wins, null counts as not set. */
function field(message: JsonObject, name: string): Json | undefined {
  const protobufName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  for (const spelling of [name, protobufName]) {
    const value = Object.hasOwn(message, spelling) ? message[spelling] : undefined;
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

function enumField(message: JsonObject, name: string, names: readonly string[]): string | undefined {
  const value = field(message, name);
  return typeof value === "number" ? names[value] : typeof value === "string" ? value : undefined;
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function text(value: Json | undefined, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}

/** A port; 0 is a template's default as well. */
function port(value: Json | undefined, fallback: number): number {
  const number = Number(value ?? 0);
  return Number.isInteger(number) && number !== 0 ? number : fallback;
}
