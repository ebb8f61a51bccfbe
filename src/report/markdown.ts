import type { FixLevel, Severity } from "../rules/rule.ts";
import { byFile, counted, type Report, type ReportItem, summaryLine, targetName, workloadName } from "./report.ts";
import { visible } from "./visible.ts";

/** A comment of GitHub takes 65,536 characters, a note of GitLab more. */
const MAX_LENGTH = 60_000;
/** Findings of so few files are shown open. */
const MAX_OPEN = 3;

const MARKS = { error: "❌", warning: "⚠️", info: "ℹ️" } as const satisfies Record<Severity, string>;
const FIX: Readonly<Record<FixLevel, string>> = { safe: "`fix`", review: "`fix --unsafe`", none: "by hand" };

/** By this line a pipeline finds its own comment again and replaces it. */
const MARKER = "<!-- native-sidecar check -->";

/** A comment for a pull request: a table a file, to be folded; as many findings as a comment takes. */
export function markdownReport({ targets, items, files }: Report): string {
  const names = targets.map((target) => prose(targetName(target)));
  const about = `${names.length === 1 ? "Target" : "Targets"}: ${names.join("; ")}.`;
  const head = [MARKER, "### native-sidecar", ""];
  if (items.length === 0) return joined([...head, `✅ No findings in ${counted(files.length, "file")}. ${about}`]);
  const lines = [...head, `${prose(summaryLine(items))}. ${about}`];
  const found = byFile(items);
  let [length, left] = [joined(lines).length, items.length];
  for (const [file, own] of found) {
    const section = [...opening(file, own.length, found.size <= MAX_OPEN)];
    length += joined(section).length + CLOSING_LENGTH;
    const rows = fittingRows(own, MAX_LENGTH - length);
    if (rows.length === 0) break;
    length += joined(rows).length;
    left -= rows.length;
    lines.push(...section, ...rows, ...CLOSING);
    if (rows.length < own.length) break;
  }
  if (left > 0) lines.push("", `… and ${counted(left, "finding")} more: run \`native-sidecar check\`.`);
  return joined(lines);
}

const CLOSING: readonly string[] = ["", "</details>"];
const CLOSING_LENGTH = joined(CLOSING).length;

function opening(file: string, n: number, isOpen: boolean): string[] {
  const summary = `<summary>${code(file)}: ${counted(n, "finding")}</summary>`;
  const head = ["| Line | Finding | Workload | What to do | Fix |", "|---:|---|---|---|---|"];
  return ["", isOpen ? "<details open>" : "<details>", summary, "", ...head];
}

/** As many rows as fit into so many characters. */
function fittingRows(items: readonly ReportItem[], room: number): string[] {
  const rows: string[] = [];
  let length = 0;
  for (const item of items) {
    const line = row(item);
    length += line.length + 1;
    if (length > room) break;
    rows.push(line);
  }
  return rows;
}

function row(item: ReportItem): string {
  const { what, why, advice, remark, at } = item.parts;
  const finding = `${MARKS[item.severity]} **${item.rule}**: ${prose(what)}<br>${prose(why)}${at === "" ? "" : `<br><sub>at ${prose(at)}</sub>`}`;
  const advised = `${prose(advice)}${remark === "" ? "" : `<br><sub>${prose(remark)}</sub>`}`;
  return `| ${item.line} | ${finding} | ${code(workloadName(item))} | ${advised} | ${FIX[item.fix]} |`;
}

/** Words as Markdown shows them, on one line; no one is mentioned by them. */
function prose(text: string): string {
  return visible(text)
    .replace(/[\\`*_[\]<>|#~&]/g, "\\$&")
    .replaceAll("@", "@<!-- -->");
}

/** A name as code. As HTML with every unusual character escaped: backticks would not keep a table's `|` apart. */
function code(text: string): string {
  return `<code>${visible(text).replace(/[^\w./: -]|_/gu, (char) => `&#${char.codePointAt(0)};`)}</code>`;
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
