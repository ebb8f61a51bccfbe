import type { FixLevel, Severity } from "../rules/rule.ts";
import { positionAt } from "../source/position.ts";
import { type Finding, offsetOf, pathText } from "../transform/finding.ts";

/** A finding as every reporter shows it; plain data, no offsets left. */
export interface ReportedFinding {
  rule: string;
  severity: Severity;
  fix: FixLevel;
  message: string;
  resource: { apiVersion: string; kind: string; namespace: string | null; name: string };
  path: string;
  file: string;
  document: number;
  /** 1-based. */
  line: number;
  /** 1-based, UTF-16 units. */
  column: number;
}

/** What a run was about, besides its findings. */
export interface RunSummary {
  target: {
    istio: string;
    module: string | null;
    kubernetes: string;
    nativeSidecars: boolean;
    assumed: string[];
  };
  counts: { files: number; documents: number; workloads: number; native: number; regular: number; none: number };
}

/** Lines and columns are found here, once a finding is to be shown. */
export function reported(finding: Finding): ReportedFinding {
  const { resource } = finding;
  const { line, column } = positionAt(resource.text, offsetOf(finding));
  return {
    rule: finding.rule.name,
    severity: finding.severity,
    fix: finding.level,
    message: messageOf(finding),
    resource: {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      namespace: resource.namespace ?? null,
      name: resource.name,
    },
    path: pathText(finding),
    file: resource.file,
    document: resource.document,
    line,
    column,
  };
}

/** What is there, why it matters, what to do, and what holds a fix back. */
export function messageOf({ site, remark }: Finding): string {
  return `${site.what}: ${site.why}; ${site.advice}${remark === undefined ? "" : ` (${remark})`}`;
}
