import type { EffectName, WorkloadDiff } from "../diff/change.ts";
import type { Upgrade } from "../diff/upgrade.ts";
import { type ClusterFacts, defaultSidecar, type ResolvedTarget } from "../target/index.ts";

/** What the reports of `diff` show. */
export interface DiffReport {
  from: ResolvedTarget;
  to: ResolvedTarget;
  /** What both targets are of. */
  cluster: ClusterFacts;
  upgrade: Upgrade;
}

/** "module 1.22.0 (Istio 1.27.1), native by default on Kubernetes 1.33"; Nodes of the input decide before its version. */
export function targetTitle(target: ResolvedTarget, cluster: ClusterFacts): string {
  const { module, istio, kubernetes, nativeSidecars } = target;
  const name = module === null ? `Istio ${istio}` : `module ${module} (Istio ${istio})`;
  const where =
    nativeSidecars === "auto" && cluster.nodes.size > 0 ? `on ${nodesTitle(cluster)}` : `on Kubernetes ${kubernetes}`;
  return `${name}, ${defaultSidecar(target, cluster)} by default ${where}`;
}

/** "the input's nodes (kubelet v1.32.1, v1.33.0)". */
function nodesTitle({ nodes }: ClusterFacts): string {
  const versions = [...new Set([...nodes.values()].map(({ kubeletVersion }) => kubeletVersion || "unknown"))].sort();
  const shown = versions.length > 3 ? [...versions.slice(0, 3), "…"] : versions;
  return `the input's nodes (kubelet ${shown.join(", ")})`;
}

/** "Deployment shop/api". */
export function workloadTitle({ resource }: WorkloadDiff): string {
  return `${resource.kind} ${resource.namespace === undefined ? "" : `${resource.namespace}/`}${resource.name}`;
}

export const EFFECT_TITLES: Readonly<Record<EffectName, string>> = {
  refused: "Refused by the new injector",
  accepted: "Refused by the old injector only",
  "gains-injection": "Injected from now on",
  "loses-injection": "No longer injected",
  "init-traffic-captured": "Init containers: traffic captured",
  "init-traffic-blocked": "Init containers: traffic fails",
  "init-traffic-direct": "Init containers: traffic past the proxy",
  "job-never-ends": "Jobs that no longer end",
  "job-ends": "Jobs that end by themselves",
  "probes-move": "Probes and hooks that move",
  "app-held": "Held until the proxy is ready",
  "app-not-held": "No longer held until the proxy is ready",
};

/** The last line: how many differ. */
export function countsLine({ counts }: Upgrade): string {
  const { changed, workloads } = counts;
  const parts = [`${changed} of ${workloads} workload${workloads === 1 ? "" : "s"} ${agreed(changed, workloads)}`];
  if (counts.refused > 0) parts.push(`${counts.refused} refused by both injectors`);
  if (counts.unrendered > 0)
    parts.push(`${counts.unrendered} not rendered, their Pods are built in the cluster: only the sidecar was compared`);
  return parts.join("; ");
}

/** The verb after "1 of 3 workloads" or "0 of 1 workload". */
function agreed(changed: number, workloads: number): string {
  return changed === 1 || workloads === 1 ? "differs" : "differ";
}

/** Names of some workloads, the first ones of many. */
export function namesOf(workloads: readonly WorkloadDiff[], max: number): string {
  const names = workloads.slice(0, max).map(workloadTitle);
  return workloads.length > max ? `${names.join(", ")} and ${workloads.length - max} more` : names.join(", ");
}
