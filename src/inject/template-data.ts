import type { Json, JsonObject } from "../json.ts";
import type { ObjectMeta } from "./model.ts";

/**
 * What an injection template sees: Istio's `SidecarTemplateData` (pkg/kube/inject/inject.go) in TypeScript.
 * inject.ts fills it, templates read it; concurrency, the image's type and the like they work out themselves.
 */
export interface TemplateData {
  /** Exact Istio release, for the conditions that hold from a version on. */
  istio: string;
  typeMeta: { kind: string; apiVersion: string };
  /** Owner of the Pod as the injector deduced it. */
  deploymentMeta: { name: string; namespace: string };
  /** Metadata of the Pod (earlier injection already stripped). */
  objectMeta: ObjectMeta;
  /** Spec of the Pod (earlier injection already stripped). */
  spec: JsonObject;
  /** Effective ProxyConfig of this Pod (pod-proxy-config.ts); one object for all Pods that share it. */
  proxyConfig: JsonObject;
  meshConfig: JsonObject;
  values: JsonObject;
  revision: string;
  nativeSidecars: boolean;
  proxyUID: number;
  proxyGID: number;
  inboundTrafficPolicyMode: string;
  compliancePolicy: string;
}

/** A template: what it adds to the Pod, before the strategic merge. Lists keep the template's order. */
export type Template = (data: TemplateData) => {
  metadata?: JsonObject;
  spec?: JsonObject;
  [key: string]: Json | undefined;
};
