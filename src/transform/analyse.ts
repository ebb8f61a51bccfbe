import { configMapOf } from "../kube/config-map.ts";
import type { Resource } from "../kube/resource.ts";
import { RULE_NAMES } from "../rules/index.ts";
import { unsettledSidecar } from "../rules/native-annotation.ts";
import type { Rule, RuleContext, Site } from "../rules/rule.ts";
import { configScripts, scriptConfigMaps } from "./config-scripts.ts";
import { type Finding, offsetOf } from "./finding.ts";
import type { DocumentChunk, Input } from "./input.ts";
import { type PlannedEdits, planEdits, settleShared } from "./plan.ts";
import { type RuleNames, SUPPRESSION_LITERALS, type Suppressed, suppress } from "./suppression.ts";
import { documentsOf, type Setting, type Workload, workloadKinds } from "./workload.ts";

/** Highest level a fix may have to be applied; `off`: the rule is not run. */
export type StripLevel = "off" | "safe" | "review";

export interface StripOptions {
  level: StripLevel;
  /** Other levels for single rules; here `off` silences the rule. */
  rules: Readonly<Record<string, StripLevel>>;
}

export interface DocumentFindings extends Omit<Suppressed, "open"> {
  chunk: DocumentChunk;
  workloads: Workload[];
  /** Those that nothing suppresses. */
  findings: Finding[];
  /** Carries out the fixes of some of `findings` together. */
  edits(chosen: readonly Finding[]): PlannedEdits;
}

/**
 * Findings of the rules in one input, in document order. Workloads in `keep` keep their hacks: for them only the rules
 * speak that do not depend on the sidecar.
 */
export function* analyse(
  input: Input,
  setting: Setting,
  rules: readonly Rule[],
  keep: ReadonlySet<string> = new Set(),
): Generator<DocumentFindings> {
  const literals = [...new Set([...rules.flatMap((rule) => rule.meta.literals), ...SUPPRESSION_LITERALS])];
  const holdsLiteral = (chunk: DocumentChunk): boolean => {
    const text = chunk.text.slice(chunk.start, chunk.end);
    return literals.some((literal) => text.includes(literal));
  };
  const names: RuleNames = {
    known: new Set(RULE_NAMES),
    active: new Set(rules.map(({ meta }) => meta.name)),
  };
  const whole = withScripts(input, setting);
  const alone = rules.filter(({ meta }) => meta.standsAlone);
  const kinds = [...workloadKinds(setting), "ConfigMap"];
  for (const document of documentsOf(input, whole, kinds, holdsLiteral)) {
    const { chunk, root, resources, workloads } = document;
    const kept = workloads.filter(({ key }) => keep.has(key));
    const all = [
      ...workloads.flatMap((workload) => podFindings(workload, keep.has(workload.key) ? alone : rules, whole)),
      ...resources.flatMap((resource) => configFindings(resource, rules, whole)),
    ];
    const { open, suppressed, notes } = suppress(document, all, names, kept.length === 0);
    settleShared(root, open);
    settleNeeded(open);
    yield { chunk, workloads, findings: open, suppressed, notes, edits: (chosen) => planEdits(chunk.text, chosen) };
  }
}

/** The setting with what the ConfigMaps of the inputs hold; of this input alone where nothing else is known. */
export function withScripts(input: Input, setting: Setting): Setting & Required<Pick<Setting, "scripts">> {
  const scripts = setting.scripts ?? configScripts(scriptConfigMaps([input]), [input], setting);
  return { ...setting, scripts };
}

type Whole = ReturnType<typeof withScripts>;

function podFindings(workload: Workload, rules: readonly Rule[], setting: Whole): Finding[] {
  const { key, pod } = workload;
  const context = contextOf(setting, workload);
  const found = rules
    .filter((rule) => rule.meta.effective.includes(pod.sidecar))
    .flatMap((rule) =>
      rule.check(pod, context).map((site) => {
        return { ...findingOf(rule, site, pod.template.resource), pod, workload: key };
      }),
    );
  const unsettled = found.length === 0 ? undefined : unsettledSidecar(pod);
  if (unsettled !== undefined) for (const finding of found) if (!finding.rule.standsAlone) hold(finding, unsettled);
  return inOrder(found);
}

function configFindings(resource: Resource, rules: readonly Rule[], setting: Whole): Finding[] {
  const configMap = configMapOf(resource);
  if (configMap === undefined) return [];
  const context = contextOf(setting, undefined);
  return rules.flatMap(
    (rule) => rule.checkConfigMap?.(configMap, context).map((site) => findingOf(rule, site, resource)) ?? [],
  );
}

function contextOf({ target, cluster, scripts, isCurrent }: Whole, workload: Workload | undefined): RuleContext {
  const setting: Setting = { target, cluster, podTemplates: [] };
  return {
    target,
    cluster,
    scripts: scripts as RuleContext["scripts"],
    isRendered: () => (workload === undefined ? undefined : isCurrent?.(workload, setting)),
  };
}

function findingOf({ meta }: Rule, site: Site, resource: Resource): Finding {
  return {
    rule: meta,
    severity: site.severity ?? meta.severity,
    level: site.level,
    pod: undefined,
    workload: undefined,
    resource,
    site,
    remark: site.remark,
  };
}

/** Stable: rules keep their order where two findings stand at one place. */
function inOrder(findings: Finding[]): Finding[] {
  const place = new Map(findings.map((finding) => [finding, offsetOf(finding)]));
  return findings.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
}

/** Which sidecar is meant is not settled: what is a hack under one of them is needed under the other. */
function hold(finding: Finding, unsettled: string): void {
  finding.level = "none";
  finding.remark = `not fixed: ${unsettled}; put that right first`;
}

/** Lowers what must not go before others that stay: they are suppressed, or cannot be fixed. */
function settleNeeded(findings: readonly Finding[]): void {
  const goes = new Set(findings.filter(({ level }) => level !== "none").map(({ site }) => site));
  for (const finding of findings) {
    if (finding.site.after?.every((site) => goes.has(site)) ?? true) continue;
    if (finding.level === "none") continue;
    finding.level = "none";
    finding.remark = "not fixed: something that stays needs it";
  }
}

/** What `fix` would do with a finding at the options given. */
export function isApplied(finding: Finding, options: StripOptions): boolean {
  const level = ruleLevel(finding.rule.name, options);
  if (finding.site.operations.length === 0) return false;
  return finding.level === "safe" ? level !== "off" : finding.level === "review" && level === "review";
}

/** The level that holds for a rule: its own, else the general one. */
export function ruleLevel(rule: string, options: StripOptions): StripLevel {
  return Object.hasOwn(options.rules, rule) ? (options.rules[rule] as StripLevel) : options.level;
}
