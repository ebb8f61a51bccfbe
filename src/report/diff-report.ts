import type { EffectName, WorkloadDiff } from "../diff/change.ts";
import type { Upgrade } from "../diff/upgrade.ts";
import type { ResolvedTarget } from "../target/index.ts";

/** What the reports of `diff` show. */
export interface DiffReport {
  from: ResolvedTarget;
  to: ResolvedTarget;
  upgrade: Upgrade;
}

/** "module 1.22.0 (Istio 1.27.1), native by default on Kubernetes 1.33". */
export function targetTitle({ module, istio, kubernetes, kubernetesMinor, nativeSidecars }: ResolvedTarget): string {
  const name = module === null ? `Istio ${istio}` : `module ${module} (Istio ${istio})`;
  const isNative = nativeSidecars === "auto" ? kubernetesMinor >= 33 : nativeSidecars;
  return `${name}, ${isNative ? "native" : "regular"} by default on Kubernetes ${kubernetes}`;
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
  const parts = [`${counts.changed} of ${counts.workloads} workload${counts.workloads === 1 ? "" : "s"} differ`];
  if (counts.refused > 0) parts.push(`${counts.refused} refused by both injectors`);
  if (counts.unrendered > 0)
    parts.push(`${counts.unrendered} not rendered, their Pods are built in the cluster: only the sidecar was compared`);
  return parts.join("; ");
}

/** Names of some workloads, the first ones of many. */
export function namesOf(workloads: readonly WorkloadDiff[], max: number): string {
  const names = workloads.slice(0, max).map(workloadTitle);
  return workloads.length > max ? `${names.join(", ")} and ${workloads.length - max} more` : names.join(", ");
}
