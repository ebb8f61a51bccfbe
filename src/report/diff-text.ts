import { EFFECTS } from "../diff/change.ts";
import { type ChangeGroup, groupChanges, groupEffects } from "../diff/summary.ts";
import { changeLines } from "./diff-lines.ts";
import { countsLine, type DiffReport, EFFECT_TITLES, namesOf, targetTitle, workloadTitle } from "./diff-report.ts";
import { painter } from "./paint.ts";

/** Workloads named in one heading. */
const MAX_NAMES = 8;

const MARKS = { added: "+", removed: "-", changed: "~" } as const;
const COLOURS = { added: "green", removed: "red", changed: "reset" } as const;

/** `diff` for people: what it means first, then every change once, then a count. */
export function diffText({ from, to, cluster, upgrade }: DiffReport, colours: boolean): string {
  const paint = painter(colours);
  const lines = [`from ${targetTitle(from, cluster)}`, `to   ${targetTitle(to, cluster)}`];
  for (const { effect, workloads } of groupEffects(upgrade.differing, EFFECTS)) {
    const colour = effect.severity === "warning" ? "yellow" : "blue";
    lines.push("", paint(["bold", colour], EFFECT_TITLES[effect.effect]), `  ${effect.message}`);
    for (const { names, detail } of sameDetails(workloads)) lines.push(`  - ${names}${detail && `: ${detail}`}`);
  }
  for (const group of groupChanges(upgrade.differing)) {
    lines.push("", paint("bold", heading(group)));
    for (const { kind, subject, what } of changeLines(group.changes))
      lines.push(paint(COLOURS[kind], `  ${MARKS[kind]} ${subject}${what && `: ${what}`}`));
  }
  lines.push("", countsLine(upgrade));
  return lines.map((line) => `${line}\n`).join("");
}

type Affected = ReturnType<typeof groupEffects>[number]["workloads"];

/** Workloads with the same detail on one line. */
export function sameDetails(workloads: Affected): { names: string; detail: string }[] {
  const byDetail = new Map<string, Affected[number]["workload"][]>();
  for (const { workload, detail } of workloads) byDetail.set(detail, [...(byDetail.get(detail) ?? []), workload]);
  return [...byDetail].map(([detail, members]) => ({ names: namesOf(members, MAX_NAMES), detail }));
}

const AMONG = {
  all: "workloads that differ",
  both: "workloads that are injected at both targets and differ",
  one: "workloads that are injected at one target only",
} as const;

/** Whose changes a group holds. */
export function heading({ workloads, isCommon, except, among }: ChangeGroup): string {
  const [first] = workloads;
  if (workloads.length === 1 && first !== undefined) return `${workloadTitle(first)} (${first.resource.file})`;
  if (!isCommon) return namesOf(workloads, MAX_NAMES);
  if (except.length === 0) return `All ${workloads.length} ${AMONG[among]}`;
  const total = workloads.length + except.length;
  return `${workloads.length} of the ${total} ${AMONG[among]} (all but ${namesOf(except, MAX_NAMES)})`;
}
