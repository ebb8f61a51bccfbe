import type { Severity } from "../rules/rule.ts";
import { FIX_WORDS } from "./line.ts";
import { counted, type Report, type ReportItem, summaryLine, workloadName } from "./report.ts";
import { visible } from "./visible.ts";

/** Annotations of one kind that a step shows; more stay in its log (GitHub, "Workflow commands": limits of a step). */
const SHOWN = 10;

const COMMANDS = { error: "error", warning: "warning", info: "notice" } as const satisfies Record<Severity, string>;

/** Workflow commands that GitHub Actions shows as annotations of a pull request's files. */
export function githubReport({ items }: Report): string {
  // The first ones of each kind are shown: the runner takes them in their order.
  const lines = items.map(annotation);
  if (items.length > 0) lines.push(data(summaryLine(items)));
  const most = Math.max(
    ...Object.keys(COMMANDS).map((severity) => items.filter((i) => i.severity === severity).length),
  );
  if (most > SHOWN) lines.push(`GitHub shows ${counted(SHOWN, "annotation")} of each kind a step; all are in this log`);
  return lines.map((line) => `${line}\n`).join("");
}

function annotation(item: ReportItem): string {
  const { what, why, advice, remark, at } = item.parts;
  const properties = Object.entries({ ...place(item), title: `${item.rule}: ${workloadName(item)}` });
  const list = properties.map(([name, value]) => `${name}=${property(String(value))}`).join(",");
  const lines = [
    `${what}: ${why}`,
    `${advice} [${FIX_WORDS[item.fix]}]`,
    ...(remark === "" ? [] : [remark]),
    ...(at === "" ? [] : [`at ${at}`]),
    item.path,
  ];
  return `::${COMMANDS[item.severity]} ${list}::${data(lines.map(visible).join("\n"))}`;
}

/** Columns only within one line: GitHub refuses them otherwise. Stdin is no file of the repository. */
function place({ file, line, column, end }: ReportItem): Record<string, string | number> {
  if (file === "<stdin>") return {};
  if (end.line > line) return { file, line, endLine: end.line };
  return { file, line, endLine: line, col: column, endColumn: end.column };
}

/** What would end the command or begin another one (actions/toolkit, packages/core/src/command.ts). */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(visible(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
