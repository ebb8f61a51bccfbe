import type { JsonObject } from "../../json.ts";
import type { Template } from "../template-data.ts";
import { gatewayImage } from "./image.ts";
import { canonicalLabels, defaultContainer, revision } from "./pod-metadata.ts";
import { agentArgs, configuredLifecycle, pullPolicy } from "./proxy-container.ts";
import { gatewayEnv } from "./proxy-env.ts";
import { copied, enabled, integer, printed, proxyInterceptionMode, quoted, type View, value, viewOf } from "./view.ts";
import { gatewayMounts } from "./volume-mounts.ts";
import { gatewayVolumes, imagePullSecrets } from "./volumes.ts";

/** The template `gateway` (manifests/charts/istio-control/istio-discovery/files/gateway-injection-template.yaml). */
export const gateway: Template = (data) => {
  const view = viewOf(data);
  return {
    metadata: {
      labels: canonicalLabels(view),
      annotations: { "istio.io/rev": revision(view), ...gatewayDefaultContainer(view) },
    },
    spec: {
      ...podSecurityContext(view),
      containers: [gatewayProxy(view)],
      volumes: gatewayVolumes(view),
      ...imagePullSecrets(view),
    },
  };
};

/** Before 1.23.6 and its backports: only a single container's name, and whatever the Pod itself says. */
function gatewayDefaultContainer(view: View): JsonObject {
  if (view.has("gatewayDefaultContainer")) return defaultContainer(view);
  const [only, ...others] = view.appContainers;
  if (only === undefined || others.length > 0) return {};
  const name = quoted(view, only, "container name");
  return { "kubectl.kubernetes.io/default-logs-container": name, "kubectl.kubernetes.io/default-container": name };
}

function podSecurityContext(view: View): JsonObject {
  if (!view.has("gatewaySysctls")) return {};
  const path = "gateways.securityContext";
  if (view.has("gatewaySecurityContext") && enabled(view, path))
    return { securityContext: copied(value(view, path) ?? null) };
  return { securityContext: { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }] } };
}

function gatewayProxy(view: View): JsonObject {
  const { proxyUID, proxyGID } = view.data;
  return {
    name: "istio-proxy",
    image: gatewayImage(view),
    ports: [{ containerPort: 15090, protocol: "TCP", name: "http-envoy-prom" }],
    args: agentArgs(view, "router"),
    ...configuredLifecycle(view),
    securityContext: { runAsUser: proxyUID || 1337, runAsGroup: proxyGID || 1337 },
    env: gatewayEnv(view, proxyInterceptionMode(view)),
    ...pullPolicy(view),
    readinessProbe: gatewayReadiness(view),
    volumeMounts: gatewayMounts(view),
  };
}

function gatewayReadiness(view: View): JsonObject {
  const configured = (name: string) =>
    integer(view, printed(view, `global.proxy.${name}`), `values.global.proxy.${name}`);
  return {
    httpGet: { path: "/healthz/ready", port: 15021 },
    initialDelaySeconds: configured("readinessInitialDelaySeconds"),
    periodSeconds: configured("readinessPeriodSeconds"),
    timeoutSeconds: 3,
    failureThreshold: configured("readinessFailureThreshold"),
  };
}
