import type { Resource } from "../kube/resource.ts";
import type { FixLevel, Pod, RuleMeta, Severity, Site } from "../rules/rule.ts";
import { sourceOffset } from "../source/scalar-text.ts";
import { formatPath, resolve } from "../source/tree.ts";

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
}

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
