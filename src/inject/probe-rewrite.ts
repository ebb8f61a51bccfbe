import { isObject, type Json, type JsonObject, parseJsonText } from "../json.ts";
import {
  type ContainerList,
  changeSidecarEnv,
  containersOf,
  findSidecar,
  type Pod,
  PROXY,
  replaceContainer,
} from "./containers.ts";
import { goJson, parseBool, textOf } from "./scalars.ts";
import { copyMap } from "./strategic-merge.ts";
import { typedAction } from "./typed-container.ts";

const PROBERS = "ISTIO_KUBE_APP_PROBERS";
const PROBES = [
  ["readinessProbe", "readyz"],
  ["livenessProbe", "livez"],
  ["startupProbe", "startupz"],
] as const;
const HANDLERS = [
  ["preStop", "prestopz"],
  ["postStart", "poststartz"],
] as const;

export interface ProbeRewriteSettings {
  /** values.sidecarInjectorWebhook.rewriteAppHTTPProbe */
  enabled: boolean;
  /** The mesh's status port. */
  statusPort: number;
  lifecycleHandlers: boolean;
  appendOnReinjection: boolean;
}

/**
 * Lets the agent answer the application's probes (pkg/kube/inject/app_probe.go, webhook.go applyRewrite): the probes point at
 * the agent, what they asked before goes into the proxy's environment.
 */
export function rewriteProbes(
  pod: Pod,
  annotations: JsonObject,
  injectedBefore: boolean,
  settings: ProbeRewriteSettings,
): void {
  if (findSidecar(pod) === undefined || !isWanted(annotations, settings.enabled)) return;
  const probers = appProbers(pod, settings);
  if (probers.size > 0) {
    changeSidecarEnv(pod, (env) => withProbers(env, probers, injectedBefore, settings.appendOnReinjection));
  }
  const ownPort = textOf(annotations["status.sidecar.istio.io/port"]);
  const port = ownPort === undefined ? settings.statusPort : /^[+-]?\d+$/.test(ownPort) ? Number(ownPort) : 0;
  for (const list of ["containers", "initContainers"] as const) pointAtAgent(pod, list, port, settings);
}

function isWanted(annotations: JsonObject, byDefault: boolean): boolean {
  const own = textOf(annotations["sidecar.istio.io/rewriteAppHTTPProbers"]);
  return (own === undefined ? undefined : parseBool(own)) ?? byDefault;
}

/** What the agent has to ask, by the path that the kubelet will ask it at. */
function appProbers(pod: Pod, settings: ProbeRewriteSettings): Map<string, JsonObject> {
  const probers = new Map<string, JsonObject>();
  for (const container of [...containersOf(pod.spec, "initContainers"), ...containersOf(pod.spec, "containers")]) {
    if (container.name === PROXY) continue;
    const name = textOf(container.name) ?? "";
    let ports: ReadonlyMap<string, Json> | undefined;
    const add = (path: string, asked: Json | undefined, withTimeout: boolean) => {
      if (!isObject(asked)) return;
      ports ??= namedPorts(container);
      const prober = toProber(asked, ports, settings.statusPort, withTimeout);
      if (prober !== undefined) probers.set(path, prober);
    };
    for (const [field, word] of PROBES) add(`/app-health/${name}/${word}`, container[field], true);
    const lifecycle = settings.lifecycleHandlers ? container.lifecycle : undefined;
    if (!isObject(lifecycle)) continue;
    for (const [field, word] of HANDLERS) add(`/app-lifecycle/${name}/${word}`, lifecycle[field], false);
  }
  return probers;
}

function namedPorts(container: JsonObject): ReadonlyMap<string, Json> {
  const ports = new Map<string, Json>();
  for (const port of Array.isArray(container.ports) ? container.ports : []) {
    const name = isObject(port) ? textOf(port.name) : undefined;
    if (name && isObject(port)) ports.set(name, port.containerPort ?? 0);
  }
  return ports;
}

/** Undefined where there is nothing to ask: other kinds of probes, ports without a number, ports that are the agent's own. */
function toProber(
  asked: JsonObject,
  ports: ReadonlyMap<string, Json>,
  statusPort: number,
  withTimeout: boolean,
): JsonObject | undefined {
  const kind = isObject(asked.httpGet)
    ? "httpGet"
    : isObject(asked.tcpSocket)
      ? "tcpSocket"
      : isObject(asked.grpc) && withTimeout
        ? "grpc"
        : undefined;
  if (kind === undefined) return undefined;
  const action = typedAction(kind, asked[kind] as JsonObject);
  if (kind !== "grpc") {
    if (typeof action.port === "string") {
      const resolved = ports.get(action.port);
      if (resolved === undefined) return undefined;
      action.port = resolved;
    } else if (action.port === statusPort) return undefined;
  }
  const prober: JsonObject = { [kind]: action };
  if (withTimeout && asked.timeoutSeconds) prober.timeoutSeconds = asked.timeoutSeconds;
  return prober;
}

function withProbers(
  env: Json[],
  probers: ReadonlyMap<string, JsonObject>,
  injectedBefore: boolean,
  appendOnReinjection: boolean,
): Json[] {
  const at = injectedBefore ? env.findIndex((entry) => isObject(entry) && entry.name === PROBERS) : -1;
  if (at < 0) {
    if (injectedBefore && !appendOnReinjection) return env;
    return [...env, { name: PROBERS, value: writeProbers(probers) }];
  }
  const before = readProbers((env[at] as JsonObject).value);
  if (before === undefined) return env;
  const merged = new Map([...probers, ...before]);
  return env.with(at, { name: PROBERS, value: writeProbers(merged) });
}

function readProbers(value: Json | undefined): [string, JsonObject][] | undefined {
  try {
    const probers = parseJsonText(textOf(value) ?? "");
    if (!isObject(probers)) return undefined;
    return Object.keys(probers).map((path) => [path, probers[path] as JsonObject]);
  } catch {
    return undefined;
  }
}

/** Puts back what an earlier injection left in the proxy's environment. Changes the Pod's spec. */
export function restoreProbes(pod: Pod, environment: string | undefined): void {
  const probers = new Map(environment === undefined ? [] : readProbers(environment));
  if (probers.size === 0) return;
  for (const list of ["containers", "initContainers"] as const) {
    for (const container of containersOf(pod.spec, list)) {
      const name = textOf(container.name) ?? "";
      const changed = copyMap(container);
      for (const [field, word] of PROBES) {
        changed[field] = restored(container[field], probers.get(`/app-health/${name}/${word}`));
      }
      const lifecycle = container.lifecycle;
      if (isObject(lifecycle)) {
        const handlers = copyMap(lifecycle);
        for (const [field, word] of HANDLERS) {
          handlers[field] = restored(lifecycle[field], probers.get(`/app-lifecycle/${name}/${word}`));
        }
        changed.lifecycle = handlers;
      }
      replaceContainer(pod, list, container, changed);
    }
  }
}

function restored(rewritten: Json | undefined, prober: JsonObject | undefined): Json | undefined {
  if (!isObject(rewritten) || !isObject(prober)) return rewritten;
  const probe = copyMap(rewritten);
  delete probe.httpGet;
  for (const kind of ["httpGet", "tcpSocket", "grpc"]) if (isObject(prober[kind])) probe[kind] = prober[kind];
  return probe;
}

function writeProbers(probers: ReadonlyMap<string, JsonObject>): string {
  const sorted: JsonObject = Object.create(null);
  for (const path of [...probers.keys()].sort()) sorted[path] = probers.get(path);
  return goJson(sorted);
}

function pointAtAgent(pod: Pod, list: ContainerList, port: number, settings: ProbeRewriteSettings): void {
  for (const container of containersOf(pod.spec, list)) {
    if (container.name === PROXY) continue;
    const name = textOf(container.name) ?? "";
    let changed: JsonObject | undefined;
    for (const [field, word] of PROBES) {
      const probe = rewritten(container[field], `/app-health/${name}/${word}`, port, true);
      if (probe === undefined) continue;
      changed ??= copyMap(container);
      changed[field] = probe;
    }
    const lifecycle = settings.lifecycleHandlers ? rewrittenLifecycle(container.lifecycle, name, port) : undefined;
    if (lifecycle !== undefined) {
      changed ??= copyMap(container);
      changed.lifecycle = lifecycle;
    }
    if (changed !== undefined) replaceContainer(pod, list, container, changed);
  }
}

function rewrittenLifecycle(lifecycle: Json | undefined, name: string, port: number): JsonObject | undefined {
  if (!isObject(lifecycle)) return undefined;
  let changed: JsonObject | undefined;
  for (const [field, word] of HANDLERS) {
    const handler = rewritten(lifecycle[field], `/app-lifecycle/${name}/${word}`, port, false);
    if (handler === undefined) continue;
    changed ??= copyMap(lifecycle);
    changed[field] = handler;
  }
  return changed;
}

function rewritten(asked: Json | undefined, path: string, port: number, withGrpc: boolean): JsonObject | undefined {
  if (!isObject(asked)) return undefined;
  const changed = copyMap(asked);
  if (isObject(asked.httpGet)) {
    const action = copyMap(asked.httpGet);
    action.path = path;
    action.port = port;
    if (action.scheme === "HTTPS") action.scheme = "HTTP";
    changed.httpGet = action;
    return changed;
  }
  const kind = isObject(asked.tcpSocket) ? "tcpSocket" : withGrpc && isObject(asked.grpc) ? "grpc" : undefined;
  if (kind === undefined) return undefined;
  delete changed[kind];
  delete changed.httpGet;
  changed.httpGet = { path, port };
  return changed;
}
