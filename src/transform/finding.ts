import type { Resource } from "../kube/resource.ts";
import type { FixLevel, Pod, RuleMeta, Severity, Site } from "../rules/rule.ts";
import { sourceOffset } from "../source/scalar-text.ts";
import { formatPath, resolve } from "../source/tree.ts";
import type { Sidecar } from "../target/index.ts";

/** A site of a rule in a workload or ConfigMap, with the level that holds at this place. */
export interface Finding {
  rule: RuleMeta;
  severity: Severity;
  level: FixLevel;
  /** undefined for what a ConfigMap holds. */
  pod: Pod | undefined;
  /** Key of the workload in its input; undefined for what a ConfigMap holds. */
  workload: string | undefined;
  resource: Resource;
  site: Site;
  /** Why it is not fixed by default, or what the fix changes. */
  remark: string | undefined;
  /** Where it holds, one for each target of the run; undefined where there is only one. */
  targets?: readonly TargetView[];
}

/** What one of several targets says of a finding. */
export interface TargetView {
  /** Short name of the target. */
  name: string;
  holds: boolean;
  /** What the Pod gets there, if that can be told; undefined for what a ConfigMap holds. */
  sidecar: Sidecar | "unknown" | undefined;
}

/** "istio 1.28.3; not at module 1.21.0 (regular)"; undefined where there is only one target. */
export function targetsText({ targets }: Finding): string | undefined {
  if (targets === undefined) return undefined;
  const shown = (holds: boolean): string[] =>
    targets
      .filter((view) => view.holds === holds)
      .map(({ name, sidecar }) => (holds || sidecar === undefined ? name : `${name} (${SIDECAR_WORDS[sidecar]})`));
  const without = shown(false);
  return without.length === 0 ? "every target" : `${shown(true).join(", ")}; not at ${without.join(", ")}`;
}

const SIDECAR_WORDS = {
  native: "native",
  regular: "regular",
  none: "no sidecar",
  unknown: "unknown",
} as const satisfies Record<Sidecar | "unknown", string>;

/** Where in the resource's text a finding stands: in a script, the call itself. */
export function offsetOf({ resource, site }: Finding): number {
  const node = resolve(site.node);
  if (site.offset === undefined || site.offset === 0 || node.kind !== "scalar") return site.node.start;
  return sourceOffset(resource.text, node, site.offset) ?? site.node.start;
}

/** The path for people: keys of a ConfigMap stand in brackets, whatever they look like. */
export function pathText({ pod, site }: Finding): string {
  const [field, key] = site.path;
  return pod === undefined && site.path.length === 2 ? `${field}[${key}]` : formatPath(site.path);
}
