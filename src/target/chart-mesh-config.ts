import type { Json, JsonObject } from "../json.ts";
import { emptyMap, plainText, valueAt } from "./value-path.ts";
import { isSince } from "./version.ts";

/**
 * The part of MeshConfig that istiod's chart makes of Helm values, before `meshConfig` is merged over it.
 * Source: manifests/charts/istio-control/istio-discovery/templates/configmap.yaml, 1.20 to 1.31.
 */
export function chartMeshConfig(values: JsonObject, release: string): JsonObject {
  const text = (...path: string[]) => plainText(valueAt(values, ...path));
  const defaultConfig = emptyMap();
  const meshId = text("global", "meshID");
  if (meshId) defaultConfig.meshId = meshId;
  const imageType = text("global", "proxy", "variant") || text("global", "variant");
  if (imageType) defaultConfig.image = { imageType };
  const tracing = tracingOf(values, release);
  if (tracing) defaultConfig.tracing = tracing;
  defaultConfig.discoveryAddress = discoveryAddress(values, release);
  return {
    trustDomain: "cluster.local",
    rootNamespace: text("global", "istioNamespace") || "istio-system",
    defaultProviders: { metrics: ["prometheus"] },
    defaultConfig,
  };
}

function tracingOf(values: JsonObject, release: string): JsonObject | undefined {
  const tracer = plainText(valueAt(values, "global", "proxy", "tracer"));
  const setting = (name: string, fallback: Json) => valueAt(values, "global", "tracer", tracer, name) || fallback;
  const namespace = plainText(valueAt(values, "global", "istioNamespace")) || "istio-system";
  if (tracer === "lightstep") {
    return { lightstep: { address: setting("address", ""), accessToken: setting("accessToken", "") } };
  }
  if (tracer === "zipkin") return { zipkin: { address: setting("address", `zipkin.${namespace}:9411`) } };
  if (tracer === "datadog") return { datadog: { address: setting("address", "$(HOST_IP):8126") } };
  if (tracer === "stackdriver") {
    const limits = ["maxNumberOfAttributes", "maxNumberOfAnnotations", "maxNumberOfMessageEvents"];
    const stackdriver: JsonObject = { debug: setting("debug", false) };
    for (const limit of limits) stackdriver[limit] = setting(limit, 200);
    return { stackdriver };
  }
  // Up to 1.21 the chart wrote an empty `tracing` for every other word.
  return isSince(release, 22) || tracer === "openCensusAgent" ? undefined : {};
}

function discoveryAddress(values: JsonObject, release: string): string {
  const namespace = plainText(valueAt(values, "global", "istioNamespace")) || "istio-system";
  const revision = plainText(valueAt(values, "revision"));
  if (!valueAt(values, "global", "remotePilotAddress")) {
    return `istiod${revision && `-${revision}`}.${namespace}.svc:15012`;
  }
  const hasLocalPilot = isSince(release, 27)
    ? valueAt(values, "istiodRemote", "enabled") === true &&
      valueAt(values, "istiodRemote", "enabledLocalInjectorIstiod") === true
    : !isSince(release, 24) && valueAt(values, "pilot", "enabled") !== false;
  return `istiod${hasLocalPilot ? "-remote" : ""}.${namespace}.svc:15012`;
}
