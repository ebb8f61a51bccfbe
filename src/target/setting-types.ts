import { isObject, type Json } from "../json.ts";

/** What was expected of a value, in words; undefined: it is of the type. */
export type TypeProblem = (value: Json) => string | undefined;

/**
 * Helm values that are booleans to istiod. It decodes what the chart hands it (global, sidecarInjectorWebhook, revision,
 * istio_cni or pilot.cni) into the message Values and does not start with anything else there: NewValuesConfig in
 * pkg/kube/inject/webhook.go, operator/pkg/apis/values_types.proto, 1.20 to 1.31.
 */
const BOOLEANS: ReadonlySet<string> = new Set([
  ...below("global", [
    ...["autoscalingv2API", "configCluster", "configValidation", "enableReaderRBAC", "externalIstiod", "logAsJson"],
    ...["mountMtlsCerts", "nativeNftables", "omitSidecarInjectorConfigMap", "oneNamespace", "operatorManageWebhooks"],
    ...["useMCP", "defaultPodDisruptionBudget.enabled", "istiod.enableAnalysis", "networkPolicy.enabled"],
    ...["multiCluster.enabled", "multiCluster.includeEnvoyFilter", "tracer.stackdriver.debug"],
    ...below("proxy", ["enableCoreDump", "holdApplicationUntilProxyStarts", "privileged", "startupProbe.enabled"]),
  ]),
  ...below("sidecarInjectorWebhook", ["enableNamespacesByDefault", "rewriteAppHTTPProbe", "useLegacySelectors"]),
  ...below("istio_cni", ["chained", "enabled"]),
  ...below("pilot.cni", ["chained", "enabled"]),
]);

const HANDED_ON = new Set(["global", "sidecarInjectorWebhook", "istio_cni", "revision"]);

function below(name: string, fields: readonly string[]): string[] {
  return fields.map((field) => `${name}.${field}`);
}

/**
 * Tells booleans from texts where istiod does: `"false"` is a text, and true to a template.
 * @param path of the value, from the root.
 * @param shipped the release's own value there.
 */
export function booleanProblem(path: readonly string[], value: Json, shipped: Json | undefined): string | undefined {
  if (BOOLEANS.has(path.join("."))) {
    if (typeof value === "boolean") return undefined;
    const isQuoted = value === "true" || value === "false";
    return isQuoted ? "true or false without quotes" : "true or false";
  }
  const isText = typeof shipped === "string" && HANDED_ON.has(path[0] ?? "");
  return isText && typeof value === "boolean" ? "a string" : undefined;
}

const boolean: TypeProblem = (value) => (typeof value === "boolean" ? undefined : "a boolean");
const string: TypeProblem = (value) => (typeof value === "string" ? undefined : "a string");
const list: TypeProblem = (value) => (Array.isArray(value) ? undefined : "a list");
const map: TypeProblem = (value) => (isObject(value) ? undefined : "a map");
const duration: TypeProblem = (value) => (typeof value === "string" ? undefined : 'a duration such as "5s"');
const word: TypeProblem = (value) =>
  typeof value === "string" || (typeof value === "number" && Number.isInteger(value)) ? undefined : "a word";
const integer: TypeProblem = (value) => {
  const isInteger = typeof value === "number" ? Number.isInteger(value) : /^-?\d{1,20}$/.test(String(value));
  return isInteger && typeof value !== "object" && typeof value !== "boolean" ? undefined : "an integer";
};

function all(type: TypeProblem, names: readonly string[]): [string, TypeProblem][] {
  return names.map((name) => [name, type]);
}

/**
 * Types of MeshConfig's fields (istio/api, mesh/v1alpha1/config.proto, 1.20 to 1.31), by camelCase name. Protobuf's
 * JSON takes a boolean or a string for nothing else, integers also in quotes, enums by name or number.
 */
export const MESH_FIELDS: ReadonlyMap<string, TypeProblem> = new Map([
  ...all(boolean, [
    ...["disableEnvoyListenerLog", "enableAutoMtls", "enableEnvoyAccessLogService", "enablePrometheusMerge"],
    ...["enableTracing", "verifyCertificateAtClient"],
  ]),
  ...all(string, [
    ...["accessLogFile", "accessLogFormat", "inboundClusterStatName", "ingressClass", "ingressSelector"],
    ...["ingressService", "outboundClusterStatName", "rootNamespace", "trustDomain"],
  ]),
  ...all(integer, ["proxyHttpPort", "proxyInboundListenPort", "proxyListenPort"]),
  ...all(duration, ["connectTimeout", "dnsRefreshRate", "hboneIdleTimeout", "protocolDetectionTimeout"]),
  ...all(word, ["accessLogEncoding", "h2UpgradePolicy", "ingressControllerMode"]),
  ...all(list, [
    ...["caCertificates", "certificates", "configSources", "defaultDestinationRuleExportTo", "discoverySelectors"],
    ...["defaultServiceExportTo", "defaultVirtualServiceExportTo", "extensionProviders", "serviceScopeConfigs"],
    ...["serviceSettings", "trustDomainAliases"],
  ]),
  ...all(map, [
    ...["ca", "defaultHttpRetryPolicy", "defaultProviders", "defaultTrafficPolicy", "inboundTrafficPolicy"],
    ...["localityLbSetting", "meshMTLS", "outboundTrafficPolicy", "pathNormalization", "serviceEntryVisibility"],
    ...["tcpKeepalive", "tlsDefaults", "zoneAwareLbSetting"],
  ]),
]);
