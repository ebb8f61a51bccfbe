import type { Json, JsonObject } from "../../json.ts";
import { proxyImage } from "./image.ts";
import { sidecarEnv } from "./proxy-env.ts";
import { resources } from "./resources.ts";
import {
  annotationOr,
  boolean,
  copied,
  enabled,
  integer,
  interceptionMode,
  ownAnnotation,
  ownLabel,
  printed,
  proxyInterceptionMode,
  proxyMetadata,
  quoted,
  unquotedText,
  type View,
  value,
} from "./view.ts";
import { sidecarMounts } from "./volume-mounts.ts";

const STATUS_PORT = "status.sidecar.istio.io/port";

/** The sidecar proxy. */
export function sidecarProxy(view: View, native: boolean): JsonObject {
  const mode = ownAnnotation(view, "sidecar.istio.io/interceptionMode") || proxyInterceptionMode(view);
  const { deploymentMeta } = view.data;
  const labelled = view.has("workloadNameLabel") ? ownLabel(view, "service.istio.io/workload-name") : undefined;
  return {
    name: "istio-proxy",
    image: proxyImage(view),
    ...(native && { restartPolicy: "Always" }),
    ports: [{ containerPort: 15090, protocol: "TCP", name: "http-envoy-prom" }],
    args: sidecarArgs(view),
    ...sidecarLifecycle(view, native),
    env: sidecarEnv(view, mode, labelled || deploymentMeta.name),
    ...pullPolicy(view),
    ...sidecarProbes(view),
    securityContext: { ...sidecarSecurityContext(view), ...seccompProfile(view) },
    resources: resources(view),
    volumeMounts: sidecarMounts(view),
  };
}

/** Arguments of the agent; `role` is sidecar or router. */
export function agentArgs(view: View, role: "sidecar" | "router"): string[] {
  const domain = `$(POD_NAMESPACE).svc.${printed(view, "global.proxy.clusterDomain")}`;
  const args = [
    "proxy",
    role,
    "--domain",
    unquotedText(view, domain, "values.global.proxy.clusterDomain"),
    levelArg(view, "--proxyLogLevel", "sidecar.istio.io/logLevel", "global.proxy.logLevel"),
    levelArg(view, "--proxyComponentLogLevel", "sidecar.istio.io/componentLogLevel", "global.proxy.componentLogLevel"),
    levelArg(view, "--log_output_level", "sidecar.istio.io/agentLogLevel", "global.logging.level"),
  ];
  const sts = "global.sts.servicePort";
  if (enabled(view, sts)) args.push(unquotedText(view, `--stsPort=${printed(view, sts)}`, `values.${sts}`));
  if (enabled(view, "global.logAsJson")) args.push("--log_as_json");
  return args;
}

function levelArg(view: View, option: string, annotation: string, path: string): string {
  return unquotedText(view, `${option}=${annotationOr(view, annotation, path)}`, annotation);
}

function sidecarArgs(view: View): string[] {
  const args = agentArgs(view, "sidecar");
  const path = "global.proxy.outlierLogPath";
  if (view.has("outlierLogPath") && enabled(view, path)) {
    args.push(unquotedText(view, `--outlierLogPath=${printed(view, path)}`, `values.${path}`));
  }
  return args;
}

/** The lifecycle of the values, else waiting for the proxy or draining it. */
function sidecarLifecycle(view: View, native: boolean): JsonObject {
  const configured = configuredLifecycle(view);
  if (configured !== undefined) return configured;
  const command = (...words: string[]) => ({ exec: { command: ["pilot-agent", ...words] } });
  if (holdsApplication(view, native)) return { lifecycle: { postStart: command("wait") } };
  if (!native || !view.has("nativeDrain")) return {};
  const port = unquotedText(
    view,
    `--debug-port=${annotationOr(view, STATUS_PORT, "global.proxy.statusPort")}`,
    STATUS_PORT,
  );
  return { lifecycle: { preStop: command("request", port, "POST", "drain") } };
}

/** values.global.proxy.lifecycle. */
export function configuredLifecycle(view: View): JsonObject | undefined {
  if (!enabled(view, "global.proxy.lifecycle")) return undefined;
  return { lifecycle: copied(value(view, "global.proxy.lifecycle") ?? null) };
}

function holdsApplication(view: View, native: boolean): boolean {
  if (native && view.has("nativeDrain")) return false;
  return (
    view.data.proxyConfig.holdApplicationUntilProxyStarts === true ||
    enabled(view, "global.proxy.holdApplicationUntilProxyStarts")
  );
}

/** imagePullPolicy, where the values have one. */
export function pullPolicy(view: View): JsonObject {
  const path = "global.imagePullPolicy";
  return enabled(view, path) ? { imagePullPolicy: quoted(view, printed(view, path), `values.${path}`) } : {};
}

function sidecarProbes(view: View): JsonObject {
  if (annotationOr(view, STATUS_PORT, "global.proxy.statusPort") === "0") return {};
  const readinessProbe = readiness(view, 15021);
  if (!enabled(view, "global.proxy.startupProbe.enabled")) return { readinessProbe };
  const failures = "global.proxy.startupProbe.failureThreshold";
  const startupProbe = {
    httpGet: { path: "/healthz/ready", port: 15021 },
    initialDelaySeconds: 0,
    periodSeconds: 1,
    timeoutSeconds: 3,
    failureThreshold: integer(view, printed(view, failures), `values.${failures}`),
  };
  return { startupProbe, readinessProbe };
}

/** The readiness probe that annotations of the Pod may pace. */
export function readiness(view: View, port: number): JsonObject {
  const paced = (annotation: string, path: string) => {
    const name = `readiness.status.sidecar.istio.io/${annotation}`;
    return integer(view, annotationOr(view, name, `global.proxy.${path}`), name);
  };
  return {
    httpGet: { path: "/healthz/ready", port },
    initialDelaySeconds: paced("initialDelaySeconds", "readinessInitialDelaySeconds"),
    periodSeconds: paced("periodSeconds", "readinessPeriodSeconds"),
    timeoutSeconds: 3,
    failureThreshold: paced("failureThreshold", "readinessFailureThreshold"),
  };
}

function sidecarSecurityContext(view: View): JsonObject {
  const { proxyUID, proxyGID } = view.data;
  const readOnlyRootFilesystem = view.has("noCoreDump") || !coreDump(view);
  if (proxyMetadata(view).some(([name, text]) => name === "IPTABLES_TRACE_LOGGING" && text === "true")) {
    return {
      allowPrivilegeEscalation: true,
      capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
      privileged: true,
      readOnlyRootFilesystem,
      runAsGroup: proxyGID || 1337,
      runAsNonRoot: false,
      runAsUser: 0,
    };
  }
  const tproxy = interceptionMode(view) === "TPROXY";
  const lowPorts =
    annotationOr(view, "sidecar.istio.io/capNetBindService", "global.proxy.capNetBindService") === "true";
  const root = tproxy || lowPorts;
  const privileged = boolean(view, "global.proxy.privileged");
  const add = [...(tproxy ? ["NET_ADMIN"] : []), ...(lowPorts ? ["NET_BIND_SERVICE"] : [])];
  return {
    allowPrivilegeEscalation: privileged,
    capabilities: { ...(root && { add }), drop: ["ALL"] },
    privileged,
    readOnlyRootFilesystem,
    runAsNonRoot: !root,
    runAsUser: root ? 0 : proxyUID || 1337,
    runAsGroup: root && view.has("tproxyFixedIds") ? 1337 : proxyGID || 1337,
  };
}

/** Whether core dumps are on; read until 1.23. */
export function coreDump(view: View): boolean {
  return annotationOr(view, "sidecar.istio.io/enableCoreDump", "global.proxy.enableCoreDump") === "true";
}

/** values.global.proxy.seccompProfile. */
export function seccompProfile(view: View): JsonObject {
  const path = "global.proxy.seccompProfile";
  if (!view.has("seccompProfile") || !enabled(view, path)) return {};
  const profile: Json = copied(value(view, path) ?? null);
  return { seccompProfile: profile };
}
