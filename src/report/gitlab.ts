import type { Severity } from "../rules/rule.ts";
import { fingerprints } from "./fingerprint.ts";
import { FIX_WORDS } from "./line.ts";
import type { Report } from "./report.ts";

/** GitLab knows info, minor, major, critical and blocker. */
const SEVERITIES = { error: "critical", warning: "major", info: "info" } as const satisfies Record<Severity, string>;

/** GitLab's code-quality report: a JSON array, [] where nothing was found (docs.gitlab.com/ci/testing/code_quality). */
export function gitlabReport({ items }: Report): string {
  const names = fingerprints(items);
  const issues = items.map((item) => ({
    type: "issue",
    check_name: item.rule,
    description: `${item.message} [${FIX_WORDS[item.fix]}]`,
    categories: ["Compatibility"],
    severity: SEVERITIES[item.severity],
    fingerprint: names.get(item),
    location: { path: item.file, lines: { begin: item.line, end: item.end.line } },
  }));
  return `${JSON.stringify(issues, null, 2)}\n`;
}
