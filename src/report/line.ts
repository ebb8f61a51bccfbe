import type { FixLevel } from "../rules/rule.ts";
import { type ReportedFinding, workloadName } from "./report.ts";
import { visible } from "./visible.ts";

/** What `fix` does with a finding, in brackets behind what to do. */
export const FIX_WORDS: Readonly<Record<FixLevel, string>> = {
  safe: "fixable",
  review: "fixable with --unsafe",
  none: "no automatic fix",
};

/** One line for a stream where nothing else is wanted, as the function's stderr. */
export function lineReport(finding: ReportedFinding): string {
  const { severity, rule, message, path, fix } = finding;
  return visible(`${severity}: ${rule}: ${workloadName(finding)} ${path}: ${message} [${FIX_WORDS[fix]}]`);
}
