import { isObject, type Json, type JsonObject, parseJsonText } from "../json.ts";
import { changeSidecarEnv, findSidecar, type Pod } from "./containers.ts";
import { InjectionError } from "./model.ts";
import { goJson, parseBool, textOf } from "./scalars.ts";

const SCRAPE = "prometheus_io_scrape";
const PORT = "prometheus_io_port";
const PATH = "prometheus_io_path";
const TARGETS = "prometheus_istio_io_scrape_targets";
const SECURE_PORT = "prometheus_istio_io_secure_port";
const MERGED_PATH = "/stats/prometheus";

/** Ports that are the data plane's own (pilot/cmd/pilot-agent/status/server.go, 1.31). */
const RESERVED_PORTS = new Set([15000, 15001, 15004, 15006, 15008, 15020, 15021, 15053, 15090]);

export interface PrometheusMergeSettings {
  /** meshConfig.enablePrometheusMerge */
  enabled: boolean;
  /** The agent's port, which Prometheus is sent to. */
  statusPort: string;
  /** Whether prometheus.istio.io/scrape-targets counts and ports are checked (1.31). */
  scrapeTargets: boolean;
}

interface ScrapeConfiguration {
  scrape: string;
  path: string;
  port: string;
  targets?: { port: string; path: string }[];
}

/** Prometheus sees annotation keys with every character outside [a-zA-Z0-9_] as an underscore. */
function sanitize(key: string): string {
  return key.replace(/[^a-zA-Z0-9_]/g, "_");
}

/** The annotations that Prometheus would take for one of its own, as key and value; cheap where there are none. */
function* prometheusAnnotations(annotations: JsonObject): Generator<[key: string, seen: string, value: string]> {
  for (const key of Object.keys(annotations)) {
    if (!key.startsWith("prometheus")) continue;
    yield [key, sanitize(key), textOf(annotations[key]) ?? ""];
  }
}

/** The port that Prometheus is told to scrape, in whatever spelling of the key. */
export function prometheusPort(annotations: JsonObject): string | undefined {
  for (const [, seen, value] of prometheusAnnotations(annotations)) if (seen === PORT) return value;
  return undefined;
}

export function clearPrometheusAnnotations(annotations: JsonObject, withTargets: boolean): void {
  for (const [key, seen] of [...prometheusAnnotations(annotations)]) {
    if (seen === SCRAPE || seen === PORT || seen === PATH || (withTargets && seen === TARGETS)) delete annotations[key];
  }
}

/**
 * Points Prometheus at the agent and tells the agent in the proxy's environment what it would have scraped
 * (pkg/kube/inject/webhook.go, applyPrometheusMerge). Changes the Pod's annotations, which must be the Pod's own.
 */
export function mergePrometheus(
  pod: Pod,
  annotations: JsonObject,
  { enabled, statusPort, scrapeTargets }: PrometheusMergeSettings,
): void {
  if (!isScraped(annotations) || !isMergeWanted(annotations, enabled)) return;
  if (prometheusPort(annotations) === statusPort) return;
  const configuration = scrapeConfiguration(annotations, scrapeTargets);
  if (scrapeTargets) checkPorts(configuration, annotations, statusPort);
  if (configuration.scrape || configuration.path || configuration.port || configuration.targets) {
    const value = goJson(configuration);
    changeSidecarEnv(pod, (env) => [...env, { name: "ISTIO_PROMETHEUS_ANNOTATIONS", value }]);
  }
  clearPrometheusAnnotations(annotations, scrapeTargets);
  annotations["prometheus.io/port"] = statusPort;
  annotations["prometheus.io/path"] = MERGED_PATH;
  annotations["prometheus.io/scrape"] = "true";
}

/** Undoes mergePrometheus by what it left in the proxy's environment. Changes the annotations. */
export function restorePrometheusAnnotations(
  annotations: JsonObject,
  environment: string | undefined,
  statusPort: string,
): void {
  if (prometheusPort(annotations) !== statusPort) return;
  // Nothing kept, and not what the merge writes: the user sent Prometheus to this port himself.
  if (environment === undefined && textOf(annotations["prometheus.io/path"]) !== MERGED_PATH) return;
  const before = environment === undefined ? {} : parseConfiguration(environment);
  if (before === undefined) return;
  clearPrometheusAnnotations(annotations, false);
  const { scrape, path, port, targets } = before;
  if (scrape) annotations["prometheus.io/scrape"] = scrape;
  if (targets) {
    annotations["prometheus.istio.io/scrape-targets"] = targets.map((one) => `${one.port}:${one.path}`).join(",");
    return;
  }
  if (path) annotations["prometheus.io/path"] = path;
  if (port) annotations["prometheus.io/port"] = port;
}

function parseConfiguration(text: string): Partial<ScrapeConfiguration> | undefined {
  let json: Json;
  try {
    json = parseJsonText(text);
  } catch {
    return undefined;
  }
  if (!isObject(json)) return undefined;
  const { scrape, path, port, targets } = json;
  const list = (Array.isArray(targets) ? targets : []).filter(isObject);
  return {
    scrape: textOf(scrape) ?? "",
    path: textOf(path) ?? "",
    port: textOf(port) ?? "",
    ...(list.length > 0 && {
      targets: list.map((one) => ({ port: textOf(one.port) ?? "", path: textOf(one.path) ?? "" })),
    }),
  };
}

function isScraped(annotations: JsonObject): boolean {
  for (const [, seen, value] of prometheusAnnotations(annotations)) {
    const scrape = seen === SCRAPE ? parseBool(value) : undefined;
    if (scrape !== undefined) return scrape;
  }
  return true;
}

function isMergeWanted(annotations: JsonObject, byDefault: boolean): boolean {
  const own = textOf(annotations["prometheus.istio.io/merge-metrics"]);
  const said = own === undefined ? undefined : parseBool(own);
  return said ?? byDefault;
}

function scrapeConfiguration(annotations: JsonObject, withTargets: boolean): ScrapeConfiguration {
  const configuration: ScrapeConfiguration = { scrape: "", path: "", port: "" };
  for (const [, seen, value] of prometheusAnnotations(annotations)) {
    if (seen === PORT) configuration.port = value;
    else if (seen === SCRAPE) configuration.scrape = value;
    else if (seen === PATH) configuration.path = value;
    else if (seen === TARGETS && withTargets) {
      const targets = parseTargets(value);
      if (targets.length > 0) configuration.targets = targets;
    }
  }
  const [first] = configuration.targets ?? [];
  // Agents that do not know targets still scrape the first one.
  return first === undefined ? configuration : { ...configuration, port: first.port, path: first.path };
}

/** A comma-separated list of PORT:PATH; an entry without a port voids the list, as in the injector. */
function parseTargets(text: string): { port: string; path: string }[] {
  const targets: { port: string; path: string }[] = [];
  for (const entry of text.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const colon = entry.indexOf(":");
    const port = (colon < 0 ? entry : entry.slice(0, colon)).trim();
    if (port === "") return [];
    targets.push({ port, path: (colon < 0 ? "" : entry.slice(colon + 1).trim()) || "/metrics" });
  }
  return targets;
}

function checkPorts(configuration: ScrapeConfiguration, annotations: JsonObject, statusPort: string): void {
  const wanted = configuration.targets ? TARGETS : PORT;
  const ports = configuration.targets?.map((target) => target.port) ?? [configuration.port];
  for (const port of ports) {
    if (port === "") continue;
    const number = /^[+-]?\d+$/.test(port) ? Number(port) : Number.NaN;
    if (number >= 1 && number <= 65535 && String(number) !== statusPort && !RESERVED_PORTS.has(number)) continue;
    const key = [...prometheusAnnotations(annotations)].find(([, seen]) => seen === wanted)?.[0] ?? "";
    const problem = number >= 1 && number <= 65535 ? "is the proxy's own" : "is no port";
    const message = `invalid annotation ${key}: port ${JSON.stringify(port)} to scrape ${problem}`;
    throw new InjectionError(message, ["metadata", "annotations", key]);
  }
}

/** Tells Prometheus the port of the merged metrics behind mTLS when the proxy is set to serve one (webhook.go, 1.31). */
export function announceSecurePort(pod: Pod, annotations: JsonObject): void {
  for (const [, seen] of prometheusAnnotations(annotations)) if (seen === SECURE_PORT) return;
  const env = findSidecar(pod)?.container.env;
  for (const entry of Array.isArray(env) ? env : []) {
    if (!isObject(entry) || entry.name !== "ENVOY_SECURE_MERGED_METRICS_PORT") continue;
    const port = textOf(entry.value) ?? "";
    if (port === "" || port === "0") continue;
    annotations["prometheus.istio.io/secure-port"] = port;
    return;
  }
}
