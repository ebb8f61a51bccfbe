import { isObject, type JsonObject } from "../../json.ts";
import { InjectionError } from "../model.ts";
import { copied, enabled, equals, jsonEntries, ownAnnotation, quoted, type View } from "./view.ts";

const BOOTSTRAP = "sidecar.istio.io/bootstrapOverride";
const USER_MOUNTS = "sidecar.istio.io/userVolumeMount";

function mount(name: string, mountPath: string): JsonObject {
  return { name, mountPath };
}

/** Mounts of the sidecar proxy. */
export function sidecarMounts(view: View): JsonObject[] {
  return [
    mount("workload-socket", "/var/run/secrets/workload-spiffe-uds"),
    mount("credential-socket", "/var/run/secrets/credential-uds"),
    workloadCertificates(view),
    ...rootCertificate(view, view.has("caCrl")),
    ...kubernetesCertificate(view),
    mount("istio-data", "/var/lib/istio/data"),
    ...bootstrap(view),
    mount("istio-envoy", "/etc/istio/proxy"),
    ...tokenAndCertificates(view),
    mount("istio-podinfo", "/etc/istio/pod"),
    ...lightstep(view),
    ...userMounts(view),
  ];
}

/** Mounts of a gateway's proxy. */
export function gatewayMounts(view: View): JsonObject[] {
  return [
    mount("workload-socket", "/var/run/secrets/workload-spiffe-uds"),
    mount("credential-socket", "/var/run/secrets/credential-uds"),
    workloadCertificates(view),
    ...rootCertificate(view, false),
    mount("istio-data", "/var/lib/istio/data"),
    ...(view.has("gatewayBootstrapOverride") ? bootstrap(view) : []),
    mount("istio-envoy", "/etc/istio/proxy"),
    ...tokenAndCertificates(view),
    mount("istio-podinfo", "/etc/istio/pod"),
  ];
}

/** Mounts of the gRPC agent, the user's own not among them. */
export function grpcAgentMounts(view: View): JsonObject[] {
  return [
    mount("workload-socket", "/var/run/secrets/workload-spiffe-uds"),
    workloadCertificates(view),
    ...rootCertificate(view, false),
    mount("istio-data", "/var/lib/istio/data"),
    mount("istio-xds", "/etc/istio/proxy"),
    ...tokenAndCertificates(view),
    mount("istio-podinfo", "/etc/istio/pod"),
  ];
}

/** Mounts of an application that speaks xDS itself. */
export function grpcApplicationMounts(view: View): JsonObject[] {
  return [
    mount("istio-data", "/var/lib/istio/data"),
    mount("istio-xds", "/etc/istio/proxy"),
    workloadCertificates(view),
  ];
}

function workloadCertificates(view: View): JsonObject {
  const mountPath = "/var/run/secrets/workload-spiffe-credentials";
  const gke = equals(view, "global.caName", "GkeWorkloadCertificate");
  return gke ? { name: "gke-workload-certificate", mountPath, readOnly: true } : mount("workload-certs", mountPath);
}

function rootCertificate(view: View, withCrl: boolean): JsonObject[] {
  if (!equals(view, "global.pilotCertProvider", "istiod")) return [];
  const crl = withCrl ? [mount("istio-ca-crl", "/var/run/secrets/istio/crl")] : [];
  return [mount("istiod-ca-cert", "/var/run/secrets/istio"), ...crl];
}

function kubernetesCertificate(view: View): JsonObject[] {
  if (view.has("noCoreDump") || !equals(view, "global.pilotCertProvider", "kubernetes")) return [];
  return [mount("kube-ca-cert", "/var/run/secrets/istio/kubernetes")];
}

function bootstrap(view: View): JsonObject[] {
  return ownAnnotation(view, BOOTSTRAP) === undefined
    ? []
    : [mount("custom-bootstrap-volume", "/etc/istio/custom-bootstrap")];
}

/** Whether the token comes in a projected volume. */
export function projectsToken(view: View): boolean {
  return view.has("projectedTokenOnly") || equals(view, "global.jwtPolicy", "third-party-jwt");
}

function tokenAndCertificates(view: View): JsonObject[] {
  const token = projectsToken(view) ? [mount("istio-token", "/var/run/secrets/tokens")] : [];
  if (!enabled(view, "global.mountMtlsCerts")) return token;
  return [...token, { ...mount("istio-certs", "/etc/certs/"), readOnly: true }];
}

/** TLS settings of the ProxyConfig's tracing, where Lightstep is the tracer. */
export function lightstepTls(view: View): JsonObject | undefined {
  if (!equals(view, "global.proxy.tracer", "lightstep")) return undefined;
  const { tracing } = view.data.proxyConfig;
  return isObject(tracing) && isObject(tracing.tlsSettings) ? tracing.tlsSettings : undefined;
}

function lightstep(view: View): JsonObject[] {
  const tls = lightstepTls(view);
  if (tls === undefined) return [];
  const certificates = typeof tls.caCertificates === "string" ? tls.caCertificates : "";
  const directory = certificates.slice(0, certificates.lastIndexOf("/") + 1);
  return [{ mountPath: directory === "" ? null : directory, name: "lightstep-certs", readOnly: true }];
}

/** Mounts of sidecar.istio.io/userVolumeMount. */
export function userMounts(view: View): JsonObject[] {
  return userEntries(view, USER_MOUNTS);
}

/** A JSON map of named objects; a name inside one wins over its key, as the later of equal YAML keys does. */
export function userEntries(view: View, annotation: string): JsonObject[] {
  return jsonEntries(view, annotation).map(([name, entry]) => {
    if (!isObject(entry) || Object.keys(entry).length === 0) {
      const message = `annotation ${annotation}: ${JSON.stringify(name)} must hold an object`;
      throw new InjectionError(message, ["metadata", "annotations", annotation]);
    }
    const named: JsonObject = Object.create(null);
    return Object.assign(named, { name: quoted(view, name, annotation) }, copied(entry));
  });
}
