import type { Operation } from "../rules/rule.ts";
import type { ScriptAnalysis } from "../shell/index.ts";
import type { Finding } from "./finding.ts";

type ScriptEdit = Extract<Operation, { kind: "edit-script" }>;

const TOGETHER = "it goes only together with another call, which stays";
const KEEP = "keep the call as long as the other one stays";
const LOOKED = "it goes only together with another call, which needs a look";

/**
 * Lowers calls that go only together with calls of the same script that are suppressed or of rules that do not run:
 * the levels of a script were settled for all its calls.
 */
export function settleScripts(findings: readonly Finding[]): void {
  const scripts = new Map<ScriptAnalysis, { finding: Finding; edit: ScriptEdit }[]>();
  for (const finding of findings) {
    const edit = finding.site.operations.find((operation) => operation.kind === "edit-script");
    if (edit === undefined || finding.level === "none") continue;
    const known = scripts.get(edit.script);
    if (known) known.push({ finding, edit });
    else scripts.set(edit.script, [{ finding, edit }]);
  }
  for (const [script, calls] of scripts) {
    const open = new Set(calls.map(({ edit }) => edit.call));
    if (script.findings.every((call) => call.level === "none" || open.has(call))) continue;
    const safe = calls.filter(({ finding }) => finding.level === "safe");
    const applied = script.fix(safe.map(({ edit }) => edit.call)).applied;
    const all = script.fix([...open]).applied;
    for (const { finding, edit } of calls) {
      if (finding.level === "safe" && applied.includes(edit.call)) continue;
      if (finding.level === "review" && all.includes(edit.call)) continue;
      const isLooked = all.includes(edit.call);
      finding.level = isLooked ? "review" : "none";
      if (!isLooked) finding.site = { ...finding.site, advice: KEEP };
      finding.remark = isLooked ? `not safe: ${LOOKED}` : `not fixed: ${TOGETHER}`;
    }
  }
}
