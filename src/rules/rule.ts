import type { JsonObject } from "../json.ts";
import type { ConfigMap } from "../kube/config-map.ts";
import type { PodTemplate } from "../kube/pod-template.ts";
import type { Resource } from "../kube/resource.ts";
import type { ScriptAnalysis, ScriptFinding } from "../shell/index.ts";
import type { TextEdit } from "../source/edit.ts";
import type { Child } from "../source/remove.ts";
import type { Entry, Node, Path, ScalarNode } from "../source/tree.ts";
import type { ClusterFacts, ResolvedTarget, Sidecar, SidecarPod } from "../target/index.ts";

/** How far a fix may be trusted: applied by default, applied with `--unsafe`, or only reported. */
export type FixLevel = "safe" | "review" | "none";
export type Severity = "error" | "warning" | "info";

export interface RuleMeta {
  name: string;
  severity: Severity;
  /** One line for lists of rules. */
  summary: string;
  /**
   * A file that holds none of these has no finding of this rule: what the byte scan looks for. Text whose notation
   * takes all of them apart (escapes, lines folded in double quotes) is not seen.
   */
  literals: readonly string[];
  /** Effective sidecars of the workloads that the rule speaks about. */
  effective: readonly Sidecar[];
  /** Its findings mean that the workload still works round the regular sidecar (what `opt-out auto` looks for). */
  isHack: boolean;
  /** Its fixes stand while an opt-out or an inject value is wrong: they put that right, or do not depend on it. */
  standsAlone?: boolean;
  /** Its fixes are made only where `strip.rules` asks for them by the rule's name; the level is `none` elsewhere. */
  onRequest?: boolean;
  /** Of several targets: a finding only where it holds at each that injects the Pod. */
  everywhere?: boolean;
}

/** A Pod template, what the target makes of it, and what all rules want to know about it. */
export interface Pod {
  template: PodTemplate;
  readonly sidecar: Sidecar;
  /** The istio-proxy that templates of the cluster's own make; undefined for the built-in ones. */
  readonly proxy?: JsonObject | undefined;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  /** The Pod as the webhook sees it, for "what if" questions. */
  seen: SidecarPod;
}

/** What a fix does; operations of several findings are carried out together. */
export type Operation =
  /** `mayUncover`: whatever value a merge key then brings in its place is looked at and fine. */
  | { kind: "remove"; child: Child; mayUncover?: boolean }
  /** Takes a call out of a script; a hook that this empties goes whole. */
  | { kind: "edit-script"; scalar: ScalarNode; script: ScriptAnalysis; call: ScriptFinding; hook: Child | undefined }
  /** Edits the string of a scalar (offsets into the string) within the scalar's own style. */
  | { kind: "edit-text"; scalar: ScalarNode; edits: readonly TextEdit[] }
  /** Another string in place of a value, in the quotes it has. */
  | { kind: "set-text"; node: Node; text: string }
  /** Another value of the document in place of this one, in the notation it has there. */
  | { kind: "put"; node: Node; from: ScalarNode }
  | { kind: "rename-key"; entry: Entry; key: string }
  /** An annotation of the workload itself goes to the end of its Pod template's annotations. */
  | { kind: "move-annotation"; entry: Entry; template: PodTemplate };

/** One place where a rule found something. */
export interface Site {
  /** From the resource's root to the value that holds it. */
  path: Path;
  /** For line and column. */
  node: Node;
  /** Where in the string of a scalar `node` it starts; 0 by default. */
  offset?: number;
  /** Where in that string it ends; undefined where the whole value, or no certain part of it, is meant. */
  end?: number;
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
  /** Sites that must go for this one to go: what stays needs it. */
  after?: readonly Site[];
}

/** What a rule may ask beyond the Pod itself. */
export interface RuleContext {
  target: ResolvedTarget;
  cluster: ClusterFacts;
  scripts: ConfigScripts;
  /**
   * Whether the target renders the Pod as it stands; undefined where that cannot be told (a kind that is not
   * rendered, a run without the renderer).
   */
  isRendered(): boolean | undefined;
}

/** ConfigMaps of the input that hold proxy calls, and the workloads that run them. */
export interface ConfigScripts {
  /** Kinds of the calls in ConfigMaps that a Pod mounts or loads. */
  callsOf(pod: Pod): ReadonlySet<"quit" | "wait" | "kill">;
  /** Sidecars of the workloads of the input that mount or load a ConfigMap. */
  usersOf(configMap: Resource): readonly Sidecar[];
}

export interface Rule {
  meta: RuleMeta;
  check(pod: Pod, context: RuleContext): Site[];
  /** For what ConfigMaps hold; their rules speak for the Pods that use them. */
  checkConfigMap?(configMap: ConfigMap, context: RuleContext): Site[];
}
