import { EFFECTS } from "../diff/change.ts";
import { groupChanges, groupEffects } from "../diff/summary.ts";
import { changeLines } from "./diff-lines.ts";
import { countsLine, type DiffReport, EFFECT_TITLES, targetTitle } from "./diff-report.ts";
import { heading, sameDetails } from "./diff-text.ts";

/** `diff` as a comment on a pull request. */
export function diffMarkdown({ from, to, cluster, upgrade }: DiffReport): string {
  const lines = [
    `## ${escaped(targetTitle(from, cluster))} → ${escaped(targetTitle(to, cluster))}`,
    "",
    `${countsLine(upgrade)}.`,
  ];
  for (const { effect, workloads } of groupEffects(upgrade.differing, EFFECTS)) {
    const mark = effect.severity === "warning" ? "⚠️ " : "";
    lines.push("", `### ${mark}${EFFECT_TITLES[effect.effect]}`, "", `${escaped(sentence(effect.message))}`, "");
    for (const { names, detail } of sameDetails(workloads))
      lines.push(`- ${escaped(names)}${detail && `: ${escaped(detail)}`}`);
  }
  for (const group of groupChanges(upgrade.differing)) {
    lines.push("", `### ${escaped(heading(group))}`, "", "| what | change |", "|---|---|");
    for (const { kind, subject, what } of changeLines(group.changes))
      lines.push(`| ${escaped(subject)} | ${escaped(what || kind)} |`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Text that Markdown shows as it is: names come from the input. */
function escaped(text: string): string {
  return text.replace(/[\r\n]+/g, " ").replace(/[\\`*_[\]<>|#~]/g, "\\$&");
}
