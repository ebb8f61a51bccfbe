import type { FixLevel, Severity, Site } from "../rules/rule.ts";
import type { Sidecar } from "../target/index.ts";
import type { Finding, TargetView } from "./finding.ts";

/** What one of several targets says about a Pod or a ConfigMap. */
export interface Verdict {
  /** Short name of the target. */
  name: string;
  /** What the Pod gets there; undefined for a ConfigMap. */
  sidecar: Sidecar | undefined;
  /** Why nobody can tell which sidecar the Pod gets there, as a clause (see SidecarDecision). */
  undecided?: string | undefined;
  findings: readonly Finding[];
}

const LEVELS: readonly FixLevel[] = ["safe", "review", "none"];
const SEVERITIES: readonly Severity[] = ["info", "warning", "error"];

/**
 * The findings of one Pod or ConfigMap at several targets as one list: each with where it holds, and with the lowest
 * level that any of the targets gives its fix. A manifest is applied to all of them, so a workaround that only a
 * regular sidecar needs must stay as long as one of them injects that.
 */
export function acrossTargets(verdicts: readonly Verdict[]): Finding[] {
  const merged = new Map<Site, Site>();
  const findings = grouped(verdicts).flatMap((group) => {
    const finding = agreed(group, verdicts);
    if (finding !== undefined) for (const one of group) if (one !== undefined) merged.set(one.site, finding.site);
    return finding ?? [];
  });
  for (const { site } of findings) if (site.after !== undefined) site.after = mergedSites(site.after, merged);
  return findings;
}

/** A site without a finding of its own at all targets stays as it is: nothing can go before it. */
function mergedSites(sites: readonly Site[], merged: ReadonlyMap<Site, Site>): Site[] {
  return sites.map((site) => merged.get(site) ?? site);
}

/** One finding for each target that has it. */
type Group = (Finding | undefined)[];

function grouped(verdicts: readonly Verdict[]): Group[] {
  const groups = new Map<string, Group>();
  for (const [n, { findings }] of verdicts.entries()) {
    const counts = new Map<string, number>();
    for (const finding of findings) {
      const place = placeOf(finding);
      const count = counts.get(place) ?? 0;
      counts.set(place, count + 1);
      const name = `${place}\0${count}`;
      const group = groups.get(name) ?? verdicts.map(() => undefined);
      group[n] = finding;
      groups.set(name, group);
    }
  }
  return [...groups.values()];
}

function placeOf({ rule, resource, site }: Finding): string {
  return [rule.name, resource.root.start, site.offset ?? 0, ...site.path].join("\0");
}

/** @returns undefined for what is no finding of several targets at all. */
function agreed(group: Group, verdicts: readonly Verdict[]): Finding | undefined {
  const views = verdicts.map(({ name, sidecar, undecided }, n) => {
    return { name, sidecar: undecided === undefined ? sidecar : "unknown", holds: group[n] !== undefined } as const;
  });
  const held = group.flatMap((finding, n) => (finding === undefined ? [] : [{ finding, name: views[n]?.name ?? "" }]));
  const [first] = held;
  const missing = views.filter(({ holds }) => !holds);
  if (first === undefined) return undefined;
  if (first.finding.rule.everywhere && missing.some(({ sidecar }) => sidecar !== "none")) return undefined;
  const lowest = held.reduce((low, one) => (isLower(one.finding.level, low.finding.level) ? one : low));
  const { finding } = lowest;
  const isEven = held.every((one) => one.finding.level === finding.level);
  const severity = held.map((one) => one.finding.severity).reduce(higher);
  const site: Site = { ...finding.site, why: whyOf(held) };
  const remark = isEven || finding.remark === undefined ? finding.remark : `at ${lowest.name}: ${finding.remark}`;
  const whole: Finding = { ...finding, severity, site, remark, targets: views };
  const unclear = verdicts.find(({ undecided }, n) => undecided !== undefined && group[n] === undefined);
  const objection =
    unclear === undefined || finding.rule.standsAlone
      ? objectionTo(finding, missing)
      : { level: "none" as const, remark: `not fixed: at ${unclear.name} ${unclear.undecided}`, advice: UNCLEAR };
  if (objection === undefined) return whole;
  const { advice } = objection;
  // A fix that is held back for a reason of its own is so wherever the Pod runs.
  const isHeld = advice === undefined && !isLower(objection.level, finding.level);
  if (isHeld) return whole;
  if (advice !== undefined) site.advice = advice;
  return { ...whole, level: objection.level, remark: objection.remark };
}

interface Objection {
  level: FixLevel;
  remark: string;
  /** What to do in place of the fix. */
  advice?: string;
}

const KEEP =
  'keep it until every target injects a native sidecar, or opt the Pod out (sidecar.istio.io/nativeSidecar: "false")';

const UNCLEAR = "mend what is refused there, and run this again";

/** What targets that have no such finding say against its fix. */
function objectionTo({ rule, level, site }: Finding, missing: readonly TargetView[]): Objection | undefined {
  if (missing.length === 0 || rule.everywhere) return undefined;
  const named = (views: typeof missing): string => views.map(({ name }) => name).join(", ");
  const regular = missing.filter(({ sidecar }) => sidecar === "regular");
  if (rule.isHack && regular.length > 0) {
    const remark = `not fixed: at ${named(regular)} the sidecar is regular and needs it`;
    return { level: "none", remark, advice: KEEP };
  }
  if (rule.isHack && missing.every(({ sidecar }) => sidecar === "none")) {
    // Where no proxy is, nobody reads an annotation for it; a call to it fails, which may end the script or hold it up.
    if (site.path.includes("annotations")) return undefined;
    const remark = `not safe: at ${named(missing)} no sidecar is injected, and what the program does there may change`;
    return { level: "review", remark };
  }
  return level === "none" ? undefined : { level: "none", remark: `not fixed: it does not hold at ${named(missing)}` };
}

/** One reason where all give the same, else each with its target. */
function whyOf(held: readonly { finding: Finding; name: string }[]): string {
  const reasons = new Map<string, string[]>();
  for (const { finding, name } of held) {
    const { why } = finding.site;
    reasons.set(why, [...(reasons.get(why) ?? []), name]);
  }
  if (reasons.size === 1) return held[0]?.finding.site.why ?? "";
  return [...reasons].map(([why, names]) => `at ${names.join(", ")} ${why}`).join("; ");
}

function isLower(level: FixLevel, than: FixLevel): boolean {
  return LEVELS.indexOf(level) > LEVELS.indexOf(than);
}

function higher(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b) ? a : b;
}
