import type { JsonObject } from "../json.ts";

/** The functionConfig's `spec.target`, also of TARGET words and flags. Absent fields are undefined. */
export interface TargetRequest {
  /** Kyma Istio module: "1.25.0", or "1.25" for the newest patch known. Excludes `istio`. */
  module?: string | undefined;
  /** Istio release: "1.27.1", or "1.27" for the newest patch known. */
  istio?: string | undefined;
  /** "1.33", "v1.33.2", "1.33.1-gke.100". */
  kubernetes?: string | undefined;
  /** `compatibilityMode` of the Kyma Istio CR; undefined: the CR in the input decides, else false. */
  compatibilityMode?: boolean | undefined;
  profile?: string | undefined;
  /** istiod's ENABLE_NATIVE_SIDECARS. */
  nativeSidecars?: boolean | string | undefined;
  revision?: string | undefined;
  /** Helm values over the profile's. */
  values?: JsonObject | undefined;
  /** MeshConfig over the profile's. */
  meshConfig?: JsonObject | undefined;
}

export interface NamespaceFacts {
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
}

/** A ProxyConfig resource, `spec` as plain data. */
export interface ProxyConfigFacts {
  name: string;
  namespace: string;
  spec: JsonObject;
}

/** What the input itself tells about the cluster. */
export interface ClusterFacts {
  /** Namespaces of the input by name. */
  namespaces: ReadonlyMap<string, NamespaceFacts>;
  /** Nodes of the input by name; kubeletVersion "" where the Node has none. */
  nodes: ReadonlyMap<string, { kubeletVersion: string }>;
  /** Kyma's Istio CR (operator.kyma-project.io), as plain data. */
  kymaIstio?: JsonObject | undefined;
  /** Sail's Istio (sailoperator.io), as plain data. */
  sailIstio?: JsonObject | undefined;
  /** IstioOperator (install.istio.io), as plain data. */
  istioOperator?: JsonObject | undefined;
  /** The cluster's own ConfigMaps: `values` of istio-sidecar-injector and `mesh` of istio, parsed. */
  injector?: { values: JsonObject; meshConfig: JsonObject } | undefined;
  /** Where several objects stand of which only one can settle the target, and they differ: "a.yaml:1". */
  conflicts?: Partial<Record<"kymaIstio" | "sailIstio" | "istioOperator" | "injector", string[]>> | undefined;
  /** ProxyConfig resources (networking.istio.io) of the input; they count whatever the target. */
  proxyConfigs?: readonly ProxyConfigFacts[] | undefined;
  /** Names of the namespaces that workloads of the input are in; undefined: not known, any may be. */
  usedNamespaces?: ReadonlySet<string> | undefined;
}

/** A cluster the input says nothing about. */
export const UNKNOWN_CLUSTER: ClusterFacts = { namespaces: new Map(), nodes: new Map() };

export type Assumption = "kubernetes" | "namespaces";

/** Everything known about the target, resolved once. */
export interface ResolvedTarget {
  /** What it was resolved from. */
  request: TargetRequest;
  /** Istio version as asked for: "1.27.20". */
  istio: string;
  /** Version whose facts are used; differs from `istio` where that is newer than our facts. */
  factsIstio: string;
  /** Kyma module release, null for plain Istio. */
  module: string | null;
  profile: string;
  /** "MAJOR.MINOR" or as given. */
  kubernetes: string;
  /** Minor of `kubernetes`, e.g. 33. */
  kubernetesMinor: number;
  /** istiod's ENABLE_NATIVE_SIDECARS as it takes effect. */
  nativeSidecars: "auto" | boolean;
  /** Where that comes from, for reasons: "Istio 1.28.10 defaults to auto". */
  nativeSidecarsFrom: string;
  compatibilityMode: boolean;
  values: JsonObject;
  meshConfig: JsonObject;
  /** values.revision, "" for the default revision. */
  revision: string;
  /** What was assumed because neither target nor input said it. */
  assumed: Assumption[];
  /** For people: unknown patch, CR fields ignored, discovery. Never findings. */
  notes: string[];
  /** What matters only where something is rendered. */
  renderNotes: string[];
}
