import { type Counts, plainFinding, type Report, type TargetSummary } from "./report.ts";

/** The JSON document of `check --format json`. */
export async function jsonReport({ targets, items, counts }: Report): Promise<string> {
  const report = { ...shownTargets(targets), findings: items.map(plainFinding), summary: summaryOf(await counts()) };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** `target` where there is one, as it always was; `targets` where there are several, which `at` of findings counts. */
export function shownTargets(targets: readonly TargetSummary[]): object {
  const [target, ...others] = targets;
  return others.length === 0 ? { target } : { targets };
}

function summaryOf({ sidecars, ...counts }: Counts): object {
  const [only, ...others] = sidecars;
  return others.length === 0 ? { ...counts, ...only } : { ...counts, sidecars };
}
