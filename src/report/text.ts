import { styleText } from "node:util";
import type { FixLevel, Severity } from "../rules/rule.ts";
import type { ReportedFinding } from "./report.ts";

const FIX: Readonly<Record<FixLevel, string>> = {
  safe: "fixable",
  review: "fixable with --unsafe",
  none: "no automatic fix",
};
const COLOURS = { error: "red", warning: "yellow", info: "blue" } as const satisfies Record<Severity, string>;

/** Findings for people: a heading a file, a line of place and a line of message a finding, a summary line. */
export function textReport(findings: readonly ReportedFinding[], colours: boolean): string {
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    colours ? styleText(format, text) : text;
  const lines: string[] = [];
  let file: string | undefined;
  for (const finding of findings) {
    if (finding.file !== file) {
      if (file !== undefined) lines.push("");
      file = finding.file;
      lines.push(paint("bold", file));
    }
    const severity = paint(COLOURS[finding.severity], finding.severity);
    lines.push(`  ${finding.line}:${finding.column} ${severity} ${paint("bold", finding.rule)} ${place(finding)}`);
    lines.push(`    ${finding.message} [${FIX[finding.fix]}]`);
  }
  if (findings.length > 0) lines.push("", summaryLine(findings));
  return lines.map((line) => `${line}\n`).join("");
}

/** One line for a stream where nothing else is wanted, as the function's stderr. */
export function lineReport(finding: ReportedFinding): string {
  const { severity, rule, message, path } = finding;
  return `${severity}: ${rule}: ${workloadName(finding)} ${path}: ${message} [${FIX[finding.fix]}]`;
}

function place(finding: ReportedFinding): string {
  return `${workloadName(finding)} ${finding.path}`;
}

function workloadName({ resource }: ReportedFinding): string {
  const namespace = resource.namespace === null ? "" : `${resource.namespace}/`;
  return `${resource.kind} ${namespace}${resource.name}`;
}

function summaryLine(findings: readonly ReportedFinding[]): string {
  const count = (test: (finding: ReportedFinding) => boolean): number => findings.filter(test).length;
  const severities = (["error", "warning", "info"] as const)
    .map((severity) => [severity, count((finding) => finding.severity === severity)] as const)
    .filter(([, n]) => n > 0)
    .map(([severity, n]) => `${n} ${severity}${n === 1 || severity === "info" ? "" : "s"}`);
  const safe = count((finding) => finding.fix === "safe");
  const review = count((finding) => finding.fix === "review");
  const fixable = safe + review > 0 ? `; ${safe} fixable with fix, ${review} more with fix --unsafe` : "";
  return `${findings.length} finding${findings.length === 1 ? "" : "s"} (${severities.join(", ")})${fixable}`;
}
