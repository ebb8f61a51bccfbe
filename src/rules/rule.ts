import type { PodTemplate } from "../kube/pod-template.ts";
import type { ScriptAnalysis, ScriptFinding } from "../shell/index.ts";
import type { Child } from "../source/remove.ts";
import type { Node, Path, ScalarNode } from "../source/tree.ts";
import type { Sidecar, SidecarPod } from "../target/index.ts";

/** How far a fix may be trusted: applied by default, applied with `--unsafe`, or only reported. */
export type FixLevel = "safe" | "review" | "none";
export type Severity = "error" | "warning" | "info";

export interface RuleMeta {
  name: string;
  severity: Severity;
  /** One line for lists of rules. */
  summary: string;
  /** A file that holds none of these has no finding of this rule: what the byte scan looks for. */
  literals: readonly string[];
  /** Effective sidecars of the workloads that the rule speaks about. */
  effective: readonly Sidecar[];
  /** Its findings mean that the workload still works round the regular sidecar (what `opt-out auto` looks for). */
  isHack: boolean;
}

/** A Pod template, what the target makes of it, and what all rules want to know about it. */
export interface Pod {
  template: PodTemplate;
  sidecar: Sidecar;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  /** The Pod as the webhook sees it, for "what if" questions. */
  seen: SidecarPod;
}

/** What a fix does; operations of several findings are carried out together. */
export type Operation =
  | { kind: "remove"; child: Child }
  /** Takes a call out of a script; a hook that this empties goes whole. */
  | { kind: "edit-script"; scalar: ScalarNode; script: ScriptAnalysis; call: ScriptFinding; hook: Child | undefined };

/** One place where a rule found something. */
export interface Site {
  /** From the resource's root to the value that holds it. */
  path: Path;
  /** For line and column. */
  node: Node;
  level: FixLevel;
  /** Instead of the rule's own. */
  severity?: Severity;
  /** What is there. */
  what: string;
  /** Why it is obsolete or harmful. */
  why: string;
  /** What to do, or what the fix does. */
  advice: string;
  /** Why the fix is not (or not by default) applied, or what it changes. */
  remark?: string;
  /** The fix; [] where there is none. */
  operations: Operation[];
}

export interface Rule {
  meta: RuleMeta;
  check(pod: Pod): Site[];
}
