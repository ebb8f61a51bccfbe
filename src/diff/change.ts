import type { Json, JsonObject } from "../json.ts";
import type { Resource } from "../kube/resource.ts";
import type { Sidecar } from "../target/index.ts";

/** What part of a Pod a change is about, in the order reports show them. */
export const ASPECTS = [
  "sidecar",
  "containers",
  "probes",
  "lifecycle",
  "env",
  "volumes",
  "annotations",
  "labels",
  "pod",
] as const;
export type Aspect = (typeof ASPECTS)[number];

/** One thing of a Pod that two renders have differently. */
export interface Change {
  aspect: Aspect;
  /** Name of the container; undefined for what belongs to the Pod. */
  container?: string;
  /** Name within the aspect: "image", "PROXY_CONFIG", an annotation's key; "" for a container that comes or goes. */
  field: string;
  /** undefined: it was not there. */
  from: Json | undefined;
  /** undefined: it goes. */
  to: Json | undefined;
}

/** What an upgrade changes beyond the Pod's text. */
export const EFFECTS = [
  "refused",
  "accepted",
  "gains-injection",
  "loses-injection",
  "init-traffic-captured",
  "init-traffic-blocked",
  "init-traffic-direct",
  "job-never-ends",
  "job-ends",
  "probes-move",
  "app-held",
  "app-not-held",
] as const;
export type EffectName = (typeof EFFECTS)[number];

export interface Effect {
  effect: EffectName;
  /** `warning`: traffic, endings or admission may break; `info`: good to know. */
  severity: "warning" | "info";
  /** The same for every workload that has the effect for the same reason. */
  message: string;
  /** What is this workload's own: names of containers, the reason; "" where there is nothing to add. */
  detail: string;
}

/** One workload as two targets run it. */
export interface WorkloadDiff {
  resource: Pick<Resource, "apiVersion" | "kind" | "name" | "namespace" | "file" | "document">;
  sidecar: { from: Sidecar; to: Sidecar };
  reason: { from: string; to: string };
  /** In the order of `EFFECTS`. */
  effects: Effect[];
  /** In the order of `ASPECTS`. */
  changes: Change[];
}

/** A Pod in both renders; maps without `metadata` or `spec` are fine. */
export interface PodPair {
  from: JsonObject;
  to: JsonObject;
}
