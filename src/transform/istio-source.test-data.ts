import { execFileSync } from "node:child_process";
import { isObject, type Json, type JsonObject } from "../json.ts";
import type { ResolvedTarget } from "../target/index.ts";

/** The checkout (or bare clone) of istio/istio, with its tags, that ISTIO_SOURCE names. Nothing of it is kept here. */
export const ISTIO_SOURCE = process.env.ISTIO_SOURCE;

const FILES = "manifests/charts/istio-control/istio-discovery/files/";
/** Templates that run for Pods, by the names the chart gives them (templates/istiod-injector-configmap.yaml). */
const TEMPLATES: readonly (readonly [name: string, file: string])[] = [
  ["sidecar", "injection-template.yaml"],
  ["gateway", "gateway-injection-template.yaml"],
  ["grpc-simple", "grpc-simple.yaml"],
  ["grpc-agent", "grpc-agent.yaml"],
  ["waypoint", "waypoint.yaml"],
  ["kube-gateway", "kube-gateway.yaml"],
];

const known = new Map<string, JsonObject>();

/** Texts of a release's own templates by name. */
export function realTemplates(istio: string): JsonObject {
  let templates = known.get(istio);
  if (templates === undefined) {
    templates = Object.fromEntries(TEMPLATES.map(([name, file]) => [name, textAt(istio, file).trim()]));
    known.set(istio, templates);
  }
  return templates;
}

function textAt(istio: string, file: string): string {
  return execFileSync("git", ["-C", ISTIO_SOURCE as string, "show", `${istio}:${FILES}${file}`], { encoding: "utf8" });
}

/**
 * The ConfigMaps of an install as its cluster would hold them, in one JSON List: what the chart makes of the target's
 * values (istiod-injector-configmap.yaml and configmap.yaml), with that release's own templates.
 */
export function injectorConfigMaps({ istio, values, meshConfig, revision }: ResolvedTarget): string {
  const webhook = mapAt(values, "sidecarInjectorWebhook");
  const config = {
    policy: mapAt(mapAt(values, "global"), "proxy").autoInject ?? "enabled",
    defaultTemplates: webhook.defaultTemplates ?? [],
    alwaysInjectSelector: webhook.alwaysInjectSelector ?? [],
    neverInjectSelector: webhook.neverInjectSelector ?? [],
    injectedAnnotations: webhook.injectedAnnotations ?? {},
    templates: { ...realTemplates(istio), ...mapAt(webhook, "templates") },
  };
  const suffix = revision && `-${revision}`;
  const data = { config: JSON.stringify(config), values: JSON.stringify(values) };
  const items = [
    configMap(`istio-sidecar-injector${suffix}`, data),
    configMap(`istio${suffix}`, { mesh: JSON.stringify(meshConfig) }),
  ];
  return `${JSON.stringify({ apiVersion: "v1", kind: "List", items }, null, 1)}\n`;
}

function configMap(name: string, data: Record<string, string>): JsonObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "istio-system" }, data };
}

function mapAt(map: JsonObject, key: string): JsonObject {
  const value: Json | undefined = Object.hasOwn(map, key) ? map[key] : undefined;
  return isObject(value) ? value : {};
}
