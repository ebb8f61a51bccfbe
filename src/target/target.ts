import type { CreateInjector } from "../inject/inject.ts";
import type { InjectorSource } from "../inject/model.ts";
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
  /** Files that hold the cluster's own injector; `installed` is what they hold. */
  injector?: InjectorFiles | undefined;
  /** The cluster's own injector, as read from `injector`'s files; the request's values and MeshConfig go over it. */
  installed?: InjectorFacts | undefined;
}

/** Paths, as written, of what `istioctl kube-inject` takes too; each may also be a file of the whole ConfigMap. */
export interface InjectorFiles {
  /** The injector's config: `data.config` of the ConfigMap istio-sidecar-injector. */
  config: string;
  /** Its values: `data.values` of the same; undefined: they stand in the file of the config. */
  values?: string | undefined;
  /** `data.mesh` of the ConfigMap istio; undefined: it stands in the file of the config. */
  meshConfig?: string | undefined;
}

export interface NamespaceFacts {
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
}

/** An object of the input that says something of the target. */
export interface InputObject {
  /** metadata.name, "" where it has none. */
  name: string;
  data: JsonObject;
  /** "a.yaml:3". */
  place: string;
  /** An error at one of its fields: `field` from its root; absent fields stand for what would hold them. */
  errorAt(field: readonly string[], message: string): Error;
}

/** A ProxyConfig resource, `spec` as plain data. */
export interface ProxyConfigFacts {
  name: string;
  namespace: string;
  spec: JsonObject;
  /** As of an InputObject. */
  errorAt?: InputObject["errorAt"] | undefined;
}

/** The configuration of an installed istiod, from the ConfigMaps of one revision. */
export interface InjectorFacts {
  /** "" for the one without. */
  revision: string;
  /** `values` of istio-sidecar-injector, parsed. */
  values: InputObject;
  /** `mesh` of istio, parsed. */
  meshConfig: InputObject;
  /** `config` of istio-sidecar-injector; undefined: there is none, and the built-in templates stand for it. */
  config?: InjectorText | undefined;
  /** Other ConfigMaps of its names and revision say something else: which, and what to do; nobody knows which counts. */
  rivals?: string | undefined;
}

/** The injector's config as text, read when it is used. */
export interface InjectorText {
  text: string;
  /** What people call it: "ConfigMap istio-sidecar-injector (cluster.yaml:3)". */
  name: string;
  /** An error at the text. */
  errorAt(message: string): Error;
}

/** What the input itself tells about the cluster. */
export interface ClusterFacts {
  /** Namespaces of the input by name. */
  namespaces: ReadonlyMap<string, NamespaceFacts>;
  /** Nodes of the input whose status names a kubelet version, by name. */
  nodes: ReadonlyMap<string, { kubeletVersion: string }>;
  /** Kyma's Istio CRs (operator.kyma-project.io), those that the module looks at. */
  kymaIstio?: readonly InputObject[] | undefined;
  /** Sail's Istios (sailoperator.io). */
  sailIstio?: readonly InputObject[] | undefined;
  /** IstioOperators (install.istio.io). */
  istioOperator?: readonly InputObject[] | undefined;
  /** The cluster's own ConfigMaps, by revision. */
  injectors?: readonly InjectorFacts[] | undefined;
  /** What ConfigMaps of an injector stand without the one they belong to: "the ConfigMap istio (a.yaml:3) …". */
  injectorParts?: readonly string[] | undefined;
  /** Sail's IstioRevisionTags: names that istio.io/rev may hold, and the revision that each stands for, "" for none. */
  revisionTags?: ReadonlyMap<string, string> | undefined;
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
  /** The cluster's own injector, whose templates and policy take the place of the built-in ones. */
  injector?: InjectorSource | undefined;
  /**
   * What runs templates that are not built in; undefined: it is not loaded, and what they make of a Pod cannot be told
   * (see withTemplateRunner).
   */
  createInjector?: CreateInjector | undefined;
  /**
   * Targets of other revisions whose injectors stand in the input, by the names that istio.io/rev gives them: they serve
   * their own Pods. Undefined: there are none, or the request is for one revision.
   */
  revisions?: ReadonlyMap<string, ResolvedTarget> | undefined;
  /** What was assumed because neither target nor input said it. */
  assumed: Assumption[];
  /** For people: unknown patch, CR fields ignored, discovery. Never findings. */
  notes: string[];
  /** What matters only where something is rendered. */
  renderNotes: string[];
}
