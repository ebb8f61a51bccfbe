import type { Resource } from "../kube/resource.ts";
import type { FixLevel, Pod, RuleMeta, Severity, Site } from "../rules/rule.ts";

/** A site of a rule in a workload, with the level that holds at this place. */
export interface Finding {
  rule: RuleMeta;
  severity: Severity;
  level: FixLevel;
  pod: Pod;
  /** Key of the workload in its input. */
  workload: string;
  resource: Resource;
  site: Site;
  /** Why it is not fixed by default, or what the fix changes. */
  remark: string | undefined;
}
