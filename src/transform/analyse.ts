import type { Rule } from "../rules/rule.ts";
import type { TextEdit } from "../source/edit.ts";
import type { Finding } from "./finding.ts";
import type { DocumentChunk, Input } from "./input.ts";
import { planEdits, settleShared } from "./plan.ts";
import { type Setting, type Workload, workloadDocuments } from "./workload.ts";

/** Highest level a fix may have to be applied; `off`: the rule is not run. */
export type StripLevel = "off" | "safe" | "review";

export interface StripOptions {
  level: StripLevel;
  /** Other levels for single rules; here `off` silences the rule. */
  rules: Readonly<Record<string, StripLevel>>;
}

export interface DocumentFindings {
  chunk: DocumentChunk;
  workloads: Workload[];
  findings: Finding[];
  /** Carries out the fixes of some of `findings` together. */
  edits(chosen: readonly Finding[]): TextEdit[];
}

/** Findings of the rules in one input, in document order. Workloads in `keep` have none: they keep their hacks. */
export function* analyse(
  input: Input,
  setting: Setting,
  rules: readonly Rule[],
  keep: ReadonlySet<string> = new Set(),
): Generator<DocumentFindings> {
  const literals = [...new Set(rules.flatMap((rule) => rule.meta.literals))];
  const holdsLiteral = (chunk: DocumentChunk): boolean => {
    const text = chunk.text.slice(chunk.start, chunk.end);
    return literals.some((literal) => text.includes(literal));
  };
  for (const { chunk, root, workloads } of workloadDocuments(input, setting, holdsLiteral)) {
    const findings = workloads.flatMap((workload) => (keep.has(workload.key) ? [] : findingsOf(workload, rules)));
    settleShared(root, findings);
    yield { chunk, workloads, findings, edits: (chosen) => planEdits(chunk.text, chosen) };
  }
}

function findingsOf({ key, pod }: Workload, rules: readonly Rule[]): Finding[] {
  const { resource } = pod.template;
  const findings = rules
    .filter((rule) => rule.meta.effective.includes(pod.sidecar))
    .flatMap((rule) =>
      rule.check(pod).map(
        (site): Finding => ({
          rule: rule.meta,
          severity: site.severity ?? rule.meta.severity,
          level: site.level,
          pod,
          workload: key,
          resource,
          site,
          remark: site.remark,
        }),
      ),
    );
  return findings.sort((a, b) => a.site.node.start - b.site.node.start);
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
