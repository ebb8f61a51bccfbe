import type { JsonObject } from "../../json.ts";
import { InjectionError } from "../model.ts";
import type { Template } from "../template-data.ts";
import { proxyImage } from "./image.ts";
import { canonicalLabels, defaultContainer, revision } from "./pod-metadata.ts";
import { agentArgs, pullPolicy, readiness } from "./proxy-container.ts";
import { grpcAgentEnv } from "./proxy-env.ts";
import { resources } from "./resources.ts";
import { annotationOr, enabled, unquotedText, type View, viewOf } from "./view.ts";
import { grpcAgentMounts, grpcApplicationMounts, userMounts } from "./volume-mounts.ts";
import { grpcAgentVolumes, imagePullSecrets } from "./volumes.ts";

const STATUS_PORT = "status.sidecar.istio.io/port";
const USER_MOUNTS = "sidecar.istio.io/userVolumeMount";

/** The template `grpc-agent` (manifests/charts/istio-control/istio-discovery/files/grpc-agent.yaml). */
export const grpcAgent: Template = (data) => {
  const view = viewOf(data);
  const named = revision(view);
  const annotations = {
    "istio.io/rev": view.has("grpcRevisionQuoted") ? named : unquotedText(view, named, "revision"),
    ...defaultContainer(view),
    "sidecar.istio.io/rewriteAppHTTPProbers": "false",
  };
  return {
    metadata: { labels: canonicalLabels(view), annotations },
    spec: {
      containers: [agent(view), ...view.appContainers.map((name) => application(view, name))],
      volumes: grpcAgentVolumes(view),
      ...imagePullSecrets(view),
    },
  };
};

function agent(view: View): JsonObject {
  const wait = { exec: { command: ["pilot-agent", "wait", "--url=http://localhost:15020/healthz/ready"] } };
  return {
    name: "istio-proxy",
    image: proxyImage(view),
    ports: [{ containerPort: 15020, protocol: "TCP", name: "mesh-metrics" }],
    args: agentArgs(view, "sidecar"),
    lifecycle: { postStart: wait },
    env: [...grpcAgentEnv(view), ...strayMounts(view)],
    ...pullPolicy(view),
    ...probedParts(view),
  };
}

/** Status port 0 takes the resources and all mounts with the probe. */
function probedParts(view: View): JsonObject {
  if (!isProbed(view)) return {};
  return {
    readinessProbe: readiness(view, 15020),
    resources: resources(view),
    volumeMounts: [...grpcAgentMounts(view), ...userMounts(view)],
  };
}

function isProbed(view: View): boolean {
  return annotationOr(view, STATUS_PORT, "global.proxy.statusPort") !== "0";
}

/** Without the list they belong to the template leaves the user's mounts in the environment, of which only their names count. */
function strayMounts(view: View): JsonObject[] {
  const mounts = isProbed(view) ? [] : userMounts(view);
  if (mounts.length > 0 && enabled(view, "global.imagePullPolicy")) {
    const message = `the template grpc-agent cannot place annotation ${USER_MOUNTS} where ${STATUS_PORT} is 0`;
    throw new InjectionError(message, ["metadata", "annotations", USER_MOUNTS]);
  }
  return mounts.map(({ name }) => ({ name }));
}

function application(view: View, name: string): JsonObject {
  return {
    name: unquotedText(view, name, "container name"),
    env: [
      { name: "GRPC_XDS_EXPERIMENTAL_SECURITY_SUPPORT", value: "true" },
      { name: "GRPC_XDS_BOOTSTRAP", value: "/etc/istio/proxy/grpc-bootstrap.json" },
    ],
    volumeMounts: grpcApplicationMounts(view),
  };
}
