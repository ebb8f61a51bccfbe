import type { ReportedFinding, RunSummary } from "./report.ts";

/** The JSON document of `check --format json`. */
export function jsonReport(findings: readonly ReportedFinding[], { target, counts }: RunSummary): string {
  return `${JSON.stringify({ target, findings, summary: counts }, null, 2)}\n`;
}
