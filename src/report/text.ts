import type { Severity } from "../rules/rule.ts";
import { carets, frameOf } from "./frame.ts";
import { FIX_WORDS } from "./line.ts";
import { type Paint, painter } from "./paint.ts";
import { byFile, type Report, type ReportItem, summaryLine, workloadName } from "./report.ts";
import { visible } from "./visible.ts";

export { lineReport } from "./line.ts";

const COLOURS = { error: "red", warning: "yellow", info: "blue" } as const satisfies Record<Severity, string>;

/** Findings for people, by file: place, lines of source, what, why and what to do; a summary line at the end. */
export function textReport({ items, colours }: Report): string {
  if (items.length === 0) return "";
  const paint = painter(colours);
  const lines: string[] = [];
  for (const [file, own] of byFile(items)) {
    lines.push(paint("bold", visible(file)));
    for (const item of own) lines.push(...findingLines(item, paint), "");
  }
  lines.push(summaryLine(items));
  return lines.map((line) => `${line}\n`).join("");
}

function findingLines(item: ReportItem, paint: Paint): string[] {
  const { what, why, advice, remark, at } = item.parts;
  const severity = paint(COLOURS[item.severity], item.severity);
  const place = visible(`${workloadName(item)} ${item.path}`);
  const told: [string, string][] = [
    ["what", what],
    ["why", why],
    ["do", `${advice} [${FIX_WORDS[item.fix]}]`],
  ];
  if (remark !== "") told.push(["note", remark]);
  if (at !== "") told.push(["at", at]);
  return [
    `  ${item.line}:${item.column} ${severity} ${paint("bold", item.rule)} ${place}`,
    ...sourceLines(item, paint),
    ...told.map(([word, text]) => `    ${paint("dim", `${word}:`.padEnd(5))} ${visible(text)}`),
  ];
}

/** The lines of source, each with what is pointed at underlined. */
function sourceLines(item: ReportItem, paint: Paint): string[] {
  const { lines, left } = frameOf(item);
  const width = Math.max(...lines.map(({ number }) => String(number).length));
  const gutter = (text: string): string => paint("dim", `    ${text.padStart(width)} |`);
  const shown = lines.flatMap((line) => {
    const marks = carets(line);
    const below =
      line.text.trim() === "" ? [] : [`${gutter("")} ${marks.indent}${paint(COLOURS[item.severity], marks.carets)}`];
    return [`${gutter(String(line.number))} ${line.text}`.trimEnd(), ...below];
  });
  return left === 0 ? shown : [...shown, `${gutter("")} … ${left} more line${left === 1 ? "" : "s"}`];
}
