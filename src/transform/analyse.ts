import { configMapOf } from "../kube/config-map.ts";
import type { Resource } from "../kube/resource.ts";
import { RULE_NAMES } from "../rules/index.ts";
import { unsettledSidecar } from "../rules/native-annotation.ts";
import type { Rule, RuleContext, Site } from "../rules/rule.ts";
import { withoutLonger } from "../source/bytes.ts";
import { servingTarget } from "../target/index.ts";
import { acrossTargets, type Verdict } from "./across-targets.ts";
import { forArgoTemplates } from "./argo-templates.ts";
import { configScripts, scriptConfigMaps, usedConfigMaps } from "./config-scripts.ts";
import { type Finding, offsetOf } from "./finding.ts";
import type { DocumentChunk, Input } from "./input.ts";
import { type PlannedEdits, planEdits, settleShared } from "./plan.ts";
import { settleScripts } from "./settle-scripts.ts";
import { type RuleNames, SUPPRESSION_LITERALS, type Suppressed, suppress } from "./suppression.ts";
import { documentsOf, type Setting, settingsOf, type Workload, workloadAt, workloadKinds } from "./workload.ts";

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
 * @param only documents to look at, by index; undefined: all.
 */
export function* analyse(
  input: Input,
  setting: Setting,
  rules: readonly Rule[],
  keep: ReadonlySet<string> = new Set(),
  only?: ReadonlySet<number>,
): Generator<DocumentFindings> {
  const literals = literalsOf(rules);
  // Dashboards and other large texts stand in ConfigMaps, about which few rules speak.
  const ofConfigMaps = literalsOf(rules.filter((rule) => rule.checkConfigMap !== undefined));
  const holdsLiteral = (chunk: DocumentChunk): boolean => {
    if (only !== undefined && !only.has(chunk.index)) return false;
    const text = chunk.text.slice(chunk.start, chunk.end);
    return (chunk.kind === "ConfigMap" ? ofConfigMaps : literals).some((literal) => text.includes(literal));
  };
  const names: RuleNames = {
    known: new Set(RULE_NAMES),
    active: new Set(rules.map(({ meta }) => meta.name)),
  };
  const whole = withScripts(input, setting);
  const settings = settingsOf(whole) as readonly Whole[];
  const kinds = [...workloadKinds(setting), "ConfigMap"];
  for (const document of documentsOf(input, whole, kinds, holdsLiteral)) {
    const { chunk, root, resources, workloads } = document;
    const kept = workloads.filter(({ key }) => keep.has(key));
    const speaking = speakingOf(rules, chunk);
    const alone = speaking.filter(({ meta }) => meta.standsAlone);
    const all = [
      ...workloads.flatMap((workload) => podFindings(workload, keep.has(workload.key) ? alone : speaking, settings)),
      ...resources.flatMap((resource) => configFindings(resource, speaking, settings)),
    ];
    const { open, suppressed, notes } = suppress(document, all, names, kept.length === 0);
    settleShared(root, open);
    settleScripts(open);
    settleNeeded(open);
    yield { chunk, workloads, findings: open, suppressed, notes, edits: (chosen) => planEdits(chunk.text, chosen) };
  }
}

/** Rules whose literals a document holds: the others have no finding there, and some of them read whole scripts. */
function speakingOf(rules: readonly Rule[], { text, start, end }: DocumentChunk): Rule[] {
  const own = text.slice(start, end);
  return rules.filter(({ meta }) => meta.literals.some((literal) => own.includes(literal)));
}

function literalsOf(rules: readonly Rule[]): string[] {
  return withoutLonger([...rules.flatMap((rule) => rule.meta.literals), ...SUPPRESSION_LITERALS]);
}

/** The setting with what the ConfigMaps of the inputs hold; of this input alone where nothing else is known. */
export function withScripts(input: Input, setting: Setting): Whole {
  const known = settingsOf(setting);
  if (known.every(({ scripts }) => scripts !== undefined)) return setting as Whole;
  const configMaps = scriptConfigMaps([input]);
  const [whole, ...others] = known.map((one): Whole => {
    return { ...one, scripts: one.scripts ?? configScripts(usedConfigMaps(configMaps, [input], one)) };
  });
  return { ...(whole as Whole), ...(others.length > 0 && { others }) };
}

type Whole = Setting & Required<Pick<Setting, "scripts">>;

/** Findings of one workload, of all targets together. */
function podFindings(workload: Workload, rules: readonly Rule[], settings: readonly Whole[]): Finding[] {
  const { pod } = workload;
  const [only, ...others] = settings;
  const found =
    others.length === 0 && only !== undefined
      ? findingsAt(workload, rules, only)
      : inRuleOrder(rules, acrossTargets(settings.map((setting) => verdictAt(workload, rules, setting))));
  const unsettled = found.length === 0 ? undefined : unsettledSidecar(pod);
  if (unsettled !== undefined) for (const finding of found) if (!finding.rule.standsAlone) hold(finding, unsettled);
  return inOrder(found);
}

function verdictAt(workload: Workload, rules: readonly Rule[], setting: Whole): Verdict {
  const there = workloadAt(workload, setting);
  return {
    name: setting.name ?? "",
    sidecar: there.pod.sidecar,
    undecided: there.decision.undecided,
    findings: findingsAt(there, rules, setting),
  };
}

function findingsAt(workload: Workload, rules: readonly Rule[], setting: Whole): Finding[] {
  const { key, pod, decision } = workload;
  const context = contextOf(setting, workload);
  const each = rules.flatMap((rule) =>
    sitesOf(rule, workload, context).map((site) => {
      return { ...findingOf(rule, site, pod.template.resource), pod, workload: key };
    }),
  );
  const found = forArgoTemplates(each, workload, setting);
  const dependent = found.filter((finding) => !finding.rule.standsAlone);
  if (dependent.length > 0 && decision.undecided !== undefined)
    for (const finding of dependent) hold(finding, decision.undecided);
  return found;
}

/** What a rule finds where it speaks of the Pod's sidecar; which one that is costs a render where own templates make it. */
function sitesOf({ meta, check }: Rule, { pod, decision }: Workload, context: RuleContext): Site[] {
  const { effective } = meta;
  if (!decision.takesRender) return effective.includes(pod.sidecar) ? check(pod, context) : [];
  const sites = check(pod, context);
  return sites.length === 0 || effective.length === ALL_SIDECARS || effective.includes(pod.sidecar) ? sites : [];
}

/** native, regular and none. */
const ALL_SIDECARS = 3;

function inRuleOrder(rules: readonly Rule[], findings: Finding[]): Finding[] {
  const place = new Map(rules.map(({ meta }, n) => [meta, n]));
  return findings.sort((a, b) => (place.get(a.rule) ?? 0) - (place.get(b.rule) ?? 0));
}

function configFindings(resource: Resource, rules: readonly Rule[], settings: readonly Whole[]): Finding[] {
  const configMap = configMapOf(resource);
  if (configMap === undefined) return [];
  const verdicts = settings.map((setting): Verdict => {
    const context = contextOf(setting, undefined);
    const findings = rules.flatMap(
      (rule) => rule.checkConfigMap?.(configMap, context).map((site) => findingOf(rule, site, resource)) ?? [],
    );
    return { name: setting.name ?? "", sidecar: undefined, findings };
  });
  const [only, ...others] = verdicts;
  return others.length === 0 ? [...(only?.findings ?? [])] : inOrder(acrossTargets(verdicts));
}

function contextOf({ target, cluster, scripts, isCurrent }: Whole, workload: Workload | undefined): RuleContext {
  const setting: Setting = { target, cluster, podTemplates: [] };
  return {
    target: workload === undefined ? target : servingTarget(target, cluster, workload.pod.seen),
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
