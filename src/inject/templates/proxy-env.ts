import type { Json, JsonObject } from "../../json.ts";
import { proxyConfigJson } from "../proxy-config-json.ts";
import { goPrint, isTrue, templatePrint } from "./go-text.ts";
import { otelResourceAttributes } from "./otel.ts";
import { podPorts } from "./ports.ts";
import {
  enabled,
  equals,
  jsonEntries,
  ownAnnotation,
  pilotEnv,
  printed,
  proxyMetadata,
  quoted,
  unquoted,
  unquotedText,
  type View,
  value,
  valueOrDefault,
} from "./view.ts";

const BOOTSTRAP = "sidecar.istio.io/bootstrapOverride";

function env(name: string, text: string | null): JsonObject {
  return { name, value: text };
}

function fromField(name: string, fieldPath: string): JsonObject {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function fromResource(view: View, name: string, resource: string): JsonObject {
  const divisor = view.has("divisor") ? { divisor: "1" } : undefined;
  return { name, valueFrom: { resourceFieldRef: { resource, ...divisor } } };
}

/** REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION, where inbound traffic goes to localhost. */
function localhostProbesEnv(view: View): JsonObject[] {
  const localhost = view.has("inboundTrafficPolicy")
    ? view.data.inboundTrafficPolicyMode === "localhost"
    : pilotEnv(view, "PILOT_ENABLE_INBOUND_PASSTHROUGH", "true") === "false";
  return localhost ? [env("REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION", "true")] : [];
}

/** How the agent reaches istiod. */
function certificateEnv(view: View): JsonObject[] {
  const policy = view.has("projectedTokenOnly") ? [] : [env("JWT_POLICY", unquotedValue(view, "global.jwtPolicy"))];
  return [
    ...policy,
    env("PILOT_CERT_PROVIDER", unquotedValue(view, "global.pilotCertProvider")),
    env("CA_ADDR", enabled(view, "global.caAddress") ? unquotedValue(view, "global.caAddress") : istiodAddress(view)),
  ];
}

function unquotedValue(view: View, path: string): string | null {
  return unquoted(view, printed(view, path), `values.${path}`);
}

function istiodAddress(view: View): string {
  const suffix = equals(view, "revision", "") ? "" : `-${printed(view, "revision")}`;
  return unquotedText(view, `istiod${suffix}.${printed(view, "global.istioNamespace")}.svc:15012`, "values.revision");
}

/** Facts of the Pod that only the cluster knows. */
function podFieldsEnv(): JsonObject[] {
  return [
    fromField("POD_NAME", "metadata.name"),
    fromField("POD_NAMESPACE", "metadata.namespace"),
    fromField("INSTANCE_IP", "status.podIP"),
    fromField("SERVICE_ACCOUNT", "spec.serviceAccountName"),
    fromField("HOST_IP", "status.hostIP"),
  ];
}

function cpuLimitEnv(view: View): JsonObject {
  return fromResource(view, "ISTIO_CPU_LIMIT", "limits.cpu");
}

/** The Go runtime's limits and, where istiod has one, its compliance policy. */
function runtimeEnv(view: View): JsonObject[] {
  const limits = [fromResource(view, "GOMEMLIMIT", "limits.memory"), fromResource(view, "GOMAXPROCS", "limits.cpu")];
  const policy = view.has("compliancePolicy") ? view.data.compliancePolicy : "";
  if (policy === "") return limits;
  const debug = view.has("fipsDebug") && policy === "fips-140-3" ? [env("GODEBUG", "fips140=only")] : [];
  return [...limits, env("COMPLIANCE_POLICY", quoted(view, policy, "COMPLIANCE_POLICY")), ...debug];
}

/** PROXY_CONFIG and the containers' ports. */
function configEnv(view: View): JsonObject[] {
  return [
    env("PROXY_CONFIG", `${proxyConfigJson(view.data.proxyConfig, view.data.istio)}\n`),
    env("ISTIO_META_POD_PORTS", podPorts(view)),
  ];
}

function appContainersEnv(view: View): JsonObject {
  return env("ISTIO_META_APP_CONTAINERS", quoted(view, view.appContainers.join(","), "container name"));
}

function clusterEnv(view: View): JsonObject[] {
  const cluster = templatePrint(valueOrDefault(value(view, "global.multiCluster.clusterName"), "Kubernetes"));
  return [
    env("ISTIO_META_CLUSTER_ID", quoted(view, cluster, "values.global.multiCluster.clusterName")),
    fromField("ISTIO_META_NODE_NAME", "spec.nodeName"),
  ];
}

function networkEnv(view: View): JsonObject[] {
  if (!enabled(view, "global.network")) return [];
  return [env("ISTIO_META_NETWORK", quoted(view, printed(view, "global.network"), "values.global.network"))];
}

/** Name and owner of the workload; `name` may come from a label. */
function workloadEnv(view: View, name: string): JsonObject[] {
  const { typeMeta, deploymentMeta } = view.data;
  const list =
    name === "" ? [] : [env("ISTIO_META_WORKLOAD_NAME", quoted(view, name, "service.istio.io/workload-name"))];
  if (typeMeta.apiVersion === "" || deploymentMeta.name === "") return list;
  const namespace = deploymentMeta.namespace || "default";
  const kinds = `${typeMeta.kind.toLowerCase()}s`;
  const owner = `kubernetes://apis/${typeMeta.apiVersion}/namespaces/${namespace}/${kinds}/${deploymentMeta.name}`;
  return [...list, env("ISTIO_META_OWNER", unquoted(view, owner, "owner"))];
}

function bootstrapEnv(view: View): JsonObject[] {
  if (ownAnnotation(view, BOOTSTRAP) === undefined) return [];
  return [env("ISTIO_BOOTSTRAP_OVERRIDE", "/etc/istio/custom-bootstrap/custom_bootstrap.json")];
}

/** Mesh id and trust domain; the mesh id falls to the trust domain. */
function meshEnv(view: View): JsonObject[] {
  const domain: Json | undefined = valueOrDefault(view.mesh.trustDomain, value(view, "global.trustDomain"));
  const id = enabled(view, "global.meshID") ? value(view, "global.meshID") : domain;
  const set = (name: string, from: Json | undefined) =>
    isTrue(from) ? [env(name, quoted(view, goPrint(from), name))] : [];
  return [...set("ISTIO_META_MESH_ID", id), ...set("TRUST_DOMAIN", domain)];
}

/** Variables of Datadog's tracer, from an annotation. */
function datadogEnv(view: View): JsonObject[] {
  const annotation = "apm.datadoghq.com/env";
  if (!equals(view, "global.proxy.tracer", "datadog") || ownAnnotation(view, annotation) === undefined) return [];
  return jsonEntries(view, annotation).map(([name, text]) =>
    env(unquotedText(view, name, annotation), quoted(view, templatePrint(text), annotation)),
  );
}

function otelEnv(view: View): JsonObject[] {
  if (!view.has("otelAttributes")) return [];
  const attributes = otelResourceAttributes(view);
  return attributes === ""
    ? []
    : [env("OTEL_RESOURCE_ATTRIBUTES", quoted(view, attributes, "resource.opentelemetry.io"))];
}

/** proxyMetadata; names that the template has set before stay twice. */
export function metadataEnv(view: View): JsonObject[] {
  return proxyMetadata(view).map(([name, text]) =>
    env(unquotedText(view, name, "proxyMetadata"), quoted(view, text, "proxyMetadata")),
  );
}

/** All of a sidecar's environment in the template's order. */
export function sidecarEnv(view: View, interceptionMode: string, workloadName: string): JsonObject[] {
  return [
    ...localhostProbesEnv(view),
    ...certificateEnv(view),
    ...podFieldsEnv(),
    cpuLimitEnv(view),
    ...configEnv(view),
    appContainersEnv(view),
    ...runtimeEnv(view),
    ...clusterEnv(view),
    env("ISTIO_META_INTERCEPTION_MODE", quoted(view, interceptionMode, "sidecar.istio.io/interceptionMode")),
    ...networkEnv(view),
    ...workloadEnv(view, workloadName),
    ...bootstrapEnv(view),
    ...meshEnv(view),
    ...datadogEnv(view),
    ...otelEnv(view),
    ...metadataEnv(view),
  ];
}

/** A gateway's: without tracers, and its mode is the ProxyConfig's. */
export function gatewayEnv(view: View, interceptionMode: string): JsonObject[] {
  return [
    ...certificateEnv(view),
    ...podFieldsEnv(),
    cpuLimitEnv(view),
    ...configEnv(view),
    ...runtimeEnv(view),
    appContainersEnv(view),
    ...clusterEnv(view),
    env("ISTIO_META_INTERCEPTION_MODE", interceptionMode),
    ...networkEnv(view),
    ...workloadEnv(view, view.data.deploymentMeta.name),
    ...(view.has("gatewayBootstrapOverride") ? bootstrapEnv(view) : []),
    ...meshEnv(view),
    ...metadataEnv(view),
  ];
}

/** The agent's beside an application that speaks xDS itself. */
export function grpcAgentEnv(view: View): JsonObject[] {
  return [
    env("ISTIO_META_GENERATOR", "grpc"),
    env("OUTPUT_CERTS", "/var/lib/istio/data"),
    ...localhostProbesEnv(view),
    ...certificateEnv(view),
    ...podFieldsEnv(),
    ...configEnv(view),
    appContainersEnv(view),
    ...clusterEnv(view),
    ...networkEnv(view),
    ...workloadEnv(view, view.data.deploymentMeta.name),
    ...meshEnv(view),
    ...metadataEnv(view),
    env("ISTIO_META_DNS_CAPTURE", "false"),
    env("DISABLE_ENVOY", "true"),
  ];
}
