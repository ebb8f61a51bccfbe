import { isObject, type Json, type JsonObject } from "../json.ts";
import { JOB_KINDS } from "../kube/pod-template.ts";
import type { Sidecar } from "../target/index.ts";

/** Containers the injector adds; all others are the user's. */
export const INJECTED_CONTAINERS: readonly string[] = [
  "istio-proxy",
  "istio-init",
  "istio-validation",
  "enable-core-dump",
];
const PROXY_USER = 1337;

/** Where the traffic of a user's init container goes. */
export type InitTraffic =
  /** Past the proxy, as if there were none. */
  | "direct"
  /** Redirected by the CNI plugin to a proxy that is not up yet. */
  | "blocked"
  /** Through the proxy, which is up before. */
  | "captured";

/** What of a rendered Pod matters beyond its text. */
export interface PodFacts {
  initTraffic: InitTraffic;
  /** The user's init containers, with what keeps one from being captured. */
  initContainers: { name: string; isExempt: boolean }[];
  /** Whether the user's containers start only once the proxy is ready. */
  isHeld: boolean;
  /** Whether the Pod is to end by itself, as of a Job. */
  isFinite: boolean;
  /** Outbound ports and ranges that never reach the proxy, as annotated. */
  excluded: string[];
  /** Handlers of the user's containers as the kubelet sees them, by "container probe". */
  handlers: Map<string, Json>;
}

/** @param kind of the workload. */
export function podFacts(template: JsonObject, sidecar: Sidecar, kind: string): PodFacts {
  const spec = mapAt(template, "spec");
  const [init, main] = [itemsAt(spec, "initContainers"), itemsAt(spec, "containers")];
  const proxy = [...init, ...main].find(({ name }) => name === "istio-proxy");
  const annotations = mapAt(mapAt(template, "metadata"), "annotations");
  return {
    initTraffic: initTraffic(init, sidecar),
    initContainers: userInitContainers(init, spec, proxy),
    isHeld: proxy !== undefined && (sidecar === "native" ? isAwaited(proxy) : main[0] === proxy && hasHook(proxy)),
    isFinite: JOB_KINDS.has(kind) || isOneShot(spec),
    excluded: EXCLUSIONS.flatMap((key) => (annotations[key] ? [`${key}: ${String(annotations[key])}`] : [])),
    handlers: userHandlers([...init, ...main]),
  };
}

const EXCLUSIONS = ["excludeOutboundPorts", "excludeOutboundIPRanges"].map(
  (name) => `traffic.sidecar.istio.io/${name}`,
);

/**
 * Order of start (pkg/kube/inject/webhook.go, reorderPod): behind a native proxy the user's init containers run
 * redirected; before a regular one istio-init runs last, but the CNI plugin redirects from the start.
 */
function initTraffic(init: readonly JsonObject[], sidecar: Sidecar): InitTraffic {
  const names = init.map(({ name }) => name);
  const isRedirected = names.includes("istio-init") || names.includes("istio-validation");
  if (!isRedirected) return "direct";
  if (sidecar === "native") return "captured";
  return names.includes("istio-validation") ? "blocked" : "direct";
}

/** Restartable ones are sidecars of the user's own: they run on, whatever is redirected when. */
function userInitContainers(
  init: readonly JsonObject[],
  spec: JsonObject,
  proxy: JsonObject | undefined,
): PodFacts["initContainers"] {
  const own = mapAt(proxy ?? {}, "securityContext").runAsUser;
  const exempt: readonly Json[] = [PROXY_USER, typeof own === "number" && own !== 0 ? own : PROXY_USER];
  const podUser = mapAt(spec, "securityContext").runAsUser;
  return init
    .filter((container) => !isInjected(container) && container.restartPolicy !== "Always")
    .map((container) => ({
      name: String(container.name ?? ""),
      isExempt: exempt.includes(mapAt(container, "securityContext").runAsUser ?? podUser ?? null),
    }));
}

/** The kubelet starts what follows a native sidecar when its startup probe has succeeded and its hook returned. */
function isAwaited(proxy: JsonObject): boolean {
  return isObject(proxy.startupProbe) || hasHook(proxy);
}

/** holdApplicationUntilProxyStarts: the kubelet starts the next container when the hook has returned. */
function hasHook(proxy: JsonObject): boolean {
  return isObject(mapAt(proxy, "lifecycle").postStart);
}

function isOneShot(spec: JsonObject): boolean {
  return spec.restartPolicy === "Never" || spec.restartPolicy === "OnFailure";
}

const WATCHED = ["startupProbe", "readinessProbe", "livenessProbe"];

function userHandlers(containers: readonly JsonObject[]): Map<string, Json> {
  const found = new Map<string, Json>();
  for (const container of containers) {
    if (isInjected(container)) continue;
    const owners = [container, mapAt(container, "lifecycle")];
    const fields = [WATCHED, ["postStart", "preStop"]];
    owners.forEach((owner, n) => {
      for (const field of fields[n] ?? []) {
        const { exec, httpGet, tcpSocket, grpc } = mapAt(owner, field);
        const handler = { httpGet, tcpSocket, grpc };
        if (exec === undefined && (httpGet ?? tcpSocket ?? grpc) !== undefined)
          found.set(`${String(container.name)} ${field}`, handler as Json);
      }
    });
  }
  return found;
}

function isInjected({ name }: JsonObject): boolean {
  return typeof name === "string" && INJECTED_CONTAINERS.includes(name);
}

function mapAt(map: JsonObject, key: string): JsonObject {
  const value = map[key];
  return isObject(value) ? value : {};
}

function itemsAt(map: JsonObject, key: string): JsonObject[] {
  const value = map[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}
