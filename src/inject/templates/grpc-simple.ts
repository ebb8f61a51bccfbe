import type { JsonObject } from "../../json.ts";
import type { Template } from "../template-data.ts";
import { printed, unquotedText, type View, viewOf } from "./view.ts";

const BOOTSTRAP = "grpc-io-proxyless-bootstrap";
const MOUNT = { mountPath: "/var/lib/grpc/data/", name: BOOTSTRAP };

/** Writes a gRPC bootstrap file from the Pod's own facts. */
const SCRIPT = [
  `NODE_ID="sidecar~\${INSTANCE_IP}~\${POD_NAME}.\${POD_NAMESPACE}~cluster.local"`,
  `SERVER_URI="dns:///istiod.\${ISTIO_NAMESPACE}.svc:15010"`,
  "echo '",
  "{",
  '  "xds_servers": [',
  "    {",
  `      "server_uri": "'\${SERVER_URI}'",`,
  '      "channel_creds": [{"type": "insecure"}],',
  '      "server_features" : ["xds_v3"]',
  "    }",
  "  ],",
  '  "node": {',
  `    "id": "'\${NODE_ID}'",`,
  '    "metadata": {',
  '      "GENERATOR": "grpc"',
  "    }",
  "  }",
  "}' > /var/lib/grpc/data/bootstrap.json",
].join("\n");

/** The template `grpc-simple` (manifests/charts/istio-control/istio-discovery/files/grpc-simple.yaml), the same in all releases. */
export const grpcSimple: Template = (data) => {
  const view = viewOf(data);
  const containers = view.containers.map((container) => application(view, String(container.name ?? "")));
  return {
    metadata: { annotations: { "sidecar.istio.io/rewriteAppHTTPProbers": "false" } },
    spec: {
      initContainers: [bootstrapContainer(view)],
      containers: containers.length > 0 ? containers : null,
      volumes: [{ name: BOOTSTRAP, emptyDir: {} }],
    },
  };
};

function bootstrapContainer(view: View): JsonObject {
  const fromField = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    name: "grpc-bootstrap-init",
    image: "busybox:1.28",
    volumeMounts: [{ ...MOUNT }],
    env: [
      fromField("INSTANCE_IP", "status.podIP"),
      fromField("POD_NAME", "metadata.name"),
      fromField("POD_NAMESPACE", "metadata.namespace"),
      { name: "ISTIO_NAMESPACE", value: `${printed(view, "global.istioNamespace")}\n` },
    ],
    command: ["sh", "-c", SCRIPT],
  };
}

function application(view: View, name: string): JsonObject {
  return {
    name: unquotedText(view, name, "container name"),
    env: [
      { name: "GRPC_XDS_BOOTSTRAP", value: "/var/lib/grpc/data/bootstrap.json" },
      { name: "GRPC_GO_LOG_VERBOSITY_LEVEL", value: "99" },
      { name: "GRPC_GO_LOG_SEVERITY_LEVEL", value: "info" },
    ],
    volumeMounts: [{ ...MOUNT }],
  };
}
