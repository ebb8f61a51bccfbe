import type { WorkloadDiff } from "../diff/change.ts";
import type { ResolvedTarget } from "../target/index.ts";
import type { DiffReport } from "./diff-report.ts";

/** `diff --format json`: workloads that differ, each with all of its changes; what is absent is null. */
export function diffJson({ from, to, upgrade }: DiffReport): string {
  const report = {
    from: described(from),
    to: described(to),
    workloads: upgrade.differing.map(workload),
    summary: upgrade.counts,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function described({ istio, module, kubernetes, nativeSidecars, assumed }: ResolvedTarget): object {
  return { istio, module, kubernetes, nativeSidecars, assumed: [...assumed] };
}

function workload({ resource, sidecar, reason, effects, changes }: WorkloadDiff): object {
  const { apiVersion, kind, name, namespace, file, document } = resource;
  return {
    resource: { apiVersion, kind, namespace: namespace ?? null, name },
    file,
    document,
    sidecar,
    reason,
    effects,
    changes: changes.map(({ aspect, container, field, from, to }) => ({
      aspect,
      container: container ?? null,
      field,
      from: from ?? null,
      to: to ?? null,
    })),
  };
}
