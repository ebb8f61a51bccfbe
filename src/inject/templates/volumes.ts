import type { Json, JsonObject } from "../../json.ts";
import { enabled, equals, ownAnnotation, printed, unquoted, unquotedText, type View, value } from "./view.ts";
import { lightstepTls, projectsToken, userEntries } from "./volume-mounts.ts";

const BOOTSTRAP = "sidecar.istio.io/bootstrapOverride";

/** Volumes of a sidecar. A null emptyDir is the template's own. */
export function sidecarVolumes(view: View): JsonObject[] {
  return [
    emptyDir("workload-socket", null),
    emptyDir("credential-socket", null),
    workloadCertificates(view, null),
    ...bootstrap(view),
    ...agentVolumes(view, "istio-envoy"),
    ...kubernetesCertificate(view),
    ...(view.has("caCrl") ? [certificateRevocations(view)] : []),
    ...mutualTls(view),
    ...userEntries(view, "sidecar.istio.io/userVolume"),
    ...lightstep(view),
  ];
}

export function gatewayVolumes(view: View): JsonObject[] {
  const bootstrapOverride = view.has("gatewayBootstrapOverride");
  return [
    emptyDir("workload-socket", bootstrapOverride ? null : {}),
    emptyDir("credential-socket", {}),
    workloadCertificates(view, {}),
    ...(bootstrapOverride ? bootstrap(view) : []),
    ...agentVolumes(view, "istio-envoy"),
    ...mutualTls(view),
  ];
}

export function grpcAgentVolumes(view: View): JsonObject[] {
  return [
    emptyDir("workload-socket", null),
    workloadCertificates(view, null),
    ...bootstrap(view),
    ...agentVolumes(view, "istio-xds"),
    ...mutualTls(view),
    ...userEntries(view, "sidecar.istio.io/userVolume"),
  ];
}

/** Secrets to pull the images with; undefined where the values name none. */
export function imagePullSecrets(view: View): JsonObject {
  const secrets = value(view, "global.imagePullSecrets");
  if (!Array.isArray(secrets) || secrets.length === 0) return {};
  const name = (secret: Json) => unquoted(view, String(secret), "values.global.imagePullSecrets");
  return { imagePullSecrets: secrets.map((secret) => ({ name: name(secret) })) };
}

function emptyDir(name: string, source: Json): JsonObject {
  return { emptyDir: source, name };
}

function configMap(name: string, source: JsonObject): JsonObject {
  return { name, configMap: source };
}

function workloadCertificates(view: View, source: Json): JsonObject {
  if (!equals(view, "global.caName", "GkeWorkloadCertificate")) return emptyDir("workload-certs", source);
  return { name: "gke-workload-certificate", csi: { driver: "workloadcertificates.security.cloud.google.com" } };
}

function bootstrap(view: View): JsonObject[] {
  const name = ownAnnotation(view, BOOTSTRAP);
  return name === undefined ? [] : [configMap("custom-bootstrap-volume", { name: unquoted(view, name, BOOTSTRAP) })];
}

/** What the agent shares with its clients, its data, the Pod's metadata, its token and the root certificate. */
function agentVolumes(view: View, socket: string): JsonObject[] {
  const metadata = (path: string) => ({ path, fieldRef: { fieldPath: `metadata.${path}` } });
  return [
    emptyDir(socket, { medium: "Memory" }),
    emptyDir("istio-data", {}),
    { name: "istio-podinfo", downwardAPI: { items: [metadata("labels"), metadata("annotations")] } },
    ...token(view),
    ...rootCertificate(view),
  ];
}

function token(view: View): JsonObject[] {
  if (!projectsToken(view)) return [];
  const path = "global.sds.token.aud";
  const audience = unquoted(view, printed(view, path), `values.${path}`);
  const serviceAccountToken = { path: "istio-token", expirationSeconds: 43200, audience };
  return [{ name: "istio-token", projected: { sources: [{ serviceAccountToken }] } }];
}

function rootCertificate(view: View): JsonObject[] {
  if (!equals(view, "global.pilotCertProvider", "istiod")) return [];
  const name = "istiod-ca-cert";
  if (view.has("clusterTrustBundle") && equals(view, "pilot.env.ENABLE_CLUSTER_TRUST_BUNDLE_API", true)) {
    return [{ name, projected: { sources: [trustBundle(view)] } }];
  }
  const named = view.has("rootCertNamed") ? bundleName(view, "istio-ca-root-cert") : "istio-ca-root-cert";
  return [configMap(name, { name: unquoted(view, named, "values.global.trustBundleName") })];
}

/** Before 1.26.3 the fields stood beside the source, where Kubernetes drops them. */
function trustBundle(view: View): JsonObject {
  if (!view.has("clusterTrustBundleNamed")) return {};
  const name = `istio.io:istiod-ca:${bundleName(view, "root-cert")}`;
  return {
    clusterTrustBundle: { name: unquotedText(view, name, "values.global.trustBundleName"), path: "root-cert.pem" },
  };
}

function bundleName(view: View, fallback: string): string {
  const path = "global.trustBundleName";
  return enabled(view, path) ? printed(view, path) : fallback;
}

function kubernetesCertificate(view: View): JsonObject[] {
  if (view.has("noCoreDump") || !equals(view, "global.pilotCertProvider", "kubernetes")) return [];
  return [configMap("kube-ca-cert", { name: "kube-root-ca.crt" })];
}

function certificateRevocations(view: View): JsonObject {
  const path = "pilot.crlConfigMapName";
  const named = view.has("caCrlNamed") && enabled(view, path) ? printed(view, path) : "istio-ca-crl";
  return configMap("istio-ca-crl", { name: unquoted(view, named, `values.${path}`), optional: true });
}

function mutualTls(view: View): JsonObject[] {
  if (!enabled(view, "global.mountMtlsCerts")) return [];
  const { serviceAccountName } = view.data.spec;
  const account = typeof serviceAccountName === "string" && serviceAccountName !== "" ? serviceAccountName : "default";
  const secretName = unquoted(view, `istio.${account}`, "spec.serviceAccountName");
  return [{ name: "istio-certs", secret: { optional: true, secretName } }];
}

function lightstep(view: View): JsonObject[] {
  if (lightstepTls(view) === undefined) return [];
  return [{ name: "lightstep-certs", secret: { optional: true, secretName: "lightstep.cacert" } }];
}
