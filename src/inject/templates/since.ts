import { hasChange, parseRelease } from "../istio-release.ts";

/**
 * What differs between the injection templates of Istio 1.20.0 to 1.31.0-rc.0, each by the first releases that have it: one
 * for each minor it was backported to, the last one holds for all later minors. Read in the tagged sources of istio/istio,
 * manifests/charts/istio-control/istio-discovery/files; where another file is named the change is in Go.
 */
const FIRST_RELEASES = {
  /** COMPLIANCE_POLICY in the proxy's environment. */
  compliancePolicy: ["1.20.4"],
  /** GODEBUG beside the policy fips-140-3. */
  fipsDebug: ["1.31.0"],
  /** The canonical name is cut at 63 bytes and a final "-" dropped (sidecar only). */
  canonicalNameCut: ["1.21.0"],
  /** The cut canonical name loses all of "-_." at both ends. */
  canonicalNameTrimmed: ["1.31.0"],
  /** Native sidecars drain in preStop and never hold the application. */
  nativeDrain: ["1.21.0"],
  /** The annotation sidecar.istio.io/nativeSidecar: "true" is native, any other value regular. */
  nativeAnnotation: ["1.24.0"],
  /** The annotation sidecar.istio.io/nativeSidecar: "false" is regular, any other value but "" native. */
  nativeUnlessFalse: ["1.27.0"],
  /** CNI is read from values.pilot.cni. */
  pilotCni: ["1.22.0"],
  /** CNI is read from values.pilot.cni only, values.istio_cni counts no more. */
  pilotCniOnly: ["1.24.0"],
  /** REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION follows meshConfig.inboundTrafficPolicy, not an environment variable. */
  inboundTrafficPolicy: ["1.22.0"],
  /** The token is always a projected one; JWT_POLICY is gone. */
  projectedTokenOnly: ["1.22.0"],
  /** values.global.proxy.outlierLogPath. */
  outlierLogPath: ["1.23.0"],
  /** values.global.proxy_init.forceApplyIptables. */
  forceApplyIptables: ["1.24.0"],
  /** No enable-core-dump container, always a read-only root file system, no kube-ca-cert. */
  noCoreDump: ["1.24.0"],
  /** The CNI annotation includeInboundPorts is written even where it is empty. */
  includeInboundPortsAlways: ["1.25.0"],
  /** The annotation istio.io/reroute-virtual-interfaces. */
  rerouteInterfaces: ["1.25.0"],
  /** istio.io/reroute-virtual-interfaces takes the place of kubevirtInterfaces; before, both were passed. */
  rerouteReplacesKubevirt: ["1.26.5", "1.27.2", "1.28.0"],
  /** The label service.istio.io/workload-name names the workload (sidecar only). */
  workloadNameLabel: ["1.25.0"],
  /** With TPROXY the init container's uid is 1337 and the proxy's gid 1337 whatever the namespace's ranges. */
  tproxyFixedIds: ["1.25.4", "1.26.2", "1.27.0"],
  /** Without interception an empty list instead of null, which dropped the Pod's own init containers. */
  emptyInitContainers: ["1.26.0"],
  /** istiod-ca-cert comes from a ClusterTrustBundle with ENABLE_CLUSTER_TRUST_BUNDLE_API. */
  clusterTrustBundle: ["1.26.0"],
  /** That source is indented right, and values.global.trustBundleName names it. */
  clusterTrustBundleNamed: ["1.26.3", "1.27.0"],
  /** values.global.trustBundleName names the ConfigMap too. */
  rootCertNamed: ["1.27.0"],
  /** values.global.nativeNftables. */
  nativeNftables: ["1.27.0"],
  /** The volume istio-ca-crl (sidecar only). */
  caCrl: ["1.27.0"],
  /** values.pilot.crlConfigMapName. */
  caCrlNamed: ["1.29.0"],
  /** values.global.proxy.seccompProfile (sidecar only). */
  seccompProfile: ["1.28.0"],
  /** Resource annotations are quoted for YAML; before, the text stood between double quotes as it was. */
  quantitiesQuoted: ["1.27.6", "1.28.4", "1.29.0"],
  /** Null entries of values.global.proxy.resources are dropped. */
  resourcesOmitNil: ["1.28.6", "1.29.1", "1.30.0"],
  /** Resource fields in the environment carry divisor "1". */
  divisor: ["1.29.0"],
  /** OTEL_RESOURCE_ATTRIBUTES (template.go, otelResourceAttributes). */
  otelAttributes: ["1.30.0"],
  /** values.global.variant is an image type (inject.go, ProxyImage). */
  imageVariant: ["1.22.0"],
  /** The init container's image is named by values.global.proxy_init.image; an empty type falls to the variant (inject.go). */
  proxyInitImage: ["1.31.0"],
  /** The network of istio-cni is written as name and namespace (template.go, appendMultusNetwork). */
  multusNamespace: ["1.23.6", "1.24.4", "1.25.1"],
  /** Gateways may bind low ports. */
  gatewaySysctls: ["1.20.3"],
  /** values.gateways.securityContext. */
  gatewaySecurityContext: ["1.20.8", "1.21.4", "1.22.2", "1.23.0"],
  /** A gateway's image annotation counts even where the values name no registry. */
  gatewayImageAnnotation: ["1.23.0"],
  /** A gateway's default container is the first of several, and one already named stays. */
  gatewayDefaultContainer: ["1.23.6", "1.24.4", "1.25.0"],
  /** sidecar.istio.io/bootstrapOverride on gateways. */
  gatewayBootstrapOverride: ["1.27.0"],
  /** The revision is quoted in the grpc-agent template. */
  grpcRevisionQuoted: ["1.20.7", "1.21.3", "1.22.0"],
} as const satisfies Record<string, readonly string[]>;

export type Feature = keyof typeof FIRST_RELEASES;
/** Whether the templates of one release have a feature. */
export type HasFeature = (feature: Feature) => boolean;

const known = new Map<string, HasFeature>();

/** The features of an Istio release such as "1.28.10" or "1.31.0-rc.0". */
export function featuresOf(istio: string): HasFeature {
  let has = known.get(istio);
  if (has === undefined) {
    const release = parseRelease(istio);
    const present = new Set(
      Object.entries(FIRST_RELEASES).flatMap(([name, first]) => (hasChange(release, ...first) ? [name] : [])),
    );
    has = (feature) => present.has(feature);
    known.set(istio, has);
  }
  return has;
}
