import type { JsonObject } from "../json.ts";
import type { InjectorConfig } from "./cluster/injector-config.ts";

/** Metadata of a workload or Pod template as Kubernetes reads it; label and annotation values are strings. */
export interface ObjectMeta extends JsonObject {
  name?: string;
  generateName?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface PodTemplate {
  metadata?: ObjectMeta;
  spec?: JsonObject;
}

/** One workload whose Pods the injector would see. For a Pod, `template` is the Pod's own metadata and spec. */
export interface InjectedWorkload {
  apiVersion: string;
  kind: string;
  /** The workload's own metadata. */
  metadata: ObjectMeta;
  template: PodTemplate;
  /** Annotations of the workload's namespace where the input has it; OpenShift's id ranges are read there. */
  namespaceAnnotations?: JsonObject;
}

/** Everything about the target that reaches a Pod, resolved once per target. */
export interface InjectionSettings {
  /** Exact Istio release whose injector is rendered, e.g. "1.28.10" or "1.31.0-rc.0". */
  istio: string;
  /** Effective Helm values (chart defaults, profile and user's merged). */
  values: JsonObject;
  /** Effective MeshConfig as YAML/JSON (user's field spellings kept; protobuf defaults not filled in). */
  meshConfig: JsonObject;
  /** values.revision, "" for default. */
  revision: string;
  /** What istiod's ENABLE_NATIVE_SIDECARS comes to for this workload's nodes, annotation not yet looked at. */
  nativeByDefault: boolean;
  /** ProxyConfig resources (networking.istio.io) of the input. */
  proxyConfigs?: ProxyConfigResource[];
  /** The cluster's own injector in place of the built-in templates; its values and MeshConfig are those above. */
  injector?: InjectorSource | undefined;
}

export interface InjectorSource {
  config: InjectorConfig;
  /** What errors and explanations call it: "ConfigMap istio-sidecar-injector (cluster.yaml:3)". */
  name: string;
}

export interface ProxyConfigResource {
  name: string;
  /** Where it holds; the mesh's root namespace stands for all. */
  namespace: string;
  spec: JsonObject;
}

/** The injector refuses the workload. */
export class InjectionError extends Error {
  /** Where, from the Pod template's root: ["metadata", "annotations", "sidecar.istio.io/proxyCPU"]. */
  readonly path: (string | number)[];
  constructor(message: string, path: (string | number)[]) {
    super(message);
    this.name = "InjectionError";
    this.path = path;
  }
}
