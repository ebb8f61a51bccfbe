import { FIX_WORDS } from "./line.ts";
import { byFile, isFailure, type Report, type ReportItem, workloadName } from "./report.ts";
import { visible } from "./visible.ts";

/**
 * JUnit XML as Jenkins, GitLab and others read it (jenkinsci/xunit-plugin, junit-10.xsd): a suite a file, a case a
 * finding, one passing case for a file without any. Findings below `--fail-on` are passing cases that say what is there.
 */
export function junitReport({ files, items, failOn }: Report): string {
  const found = byFile(items);
  // With `never` the run passes whatever there is, and the report still tells what is wrong.
  const least = failOn === "never" ? "warning" : failOn;
  const suites = files.map((file) => suite(file, found.get(file) ?? [], least));
  const tests = files.reduce((sum, file) => sum + Math.max(1, found.get(file)?.length ?? 0), 0);
  const failures = items.filter((item) => isFailure(item, least)).length;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="native-sidecar" tests="${tests}" failures="${failures}" errors="0">`,
    ...suites.flat(),
    "</testsuites>",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function suite(file: string, items: readonly ReportItem[], failOn: Report["failOn"]): string[] {
  const failures = items.filter((item) => isFailure(item, failOn)).length;
  const name = attribute(file);
  const counts = `tests="${Math.max(1, items.length)}" failures="${failures}" errors="0" skipped="0"`;
  const clean = [`    <testcase name="no findings" classname="${name}"/>`];
  return [
    `  <testsuite name="${name}" ${counts}>`,
    ...(items.length === 0 ? clean : items.flatMap((item) => testcase(item, failOn))),
    "  </testsuite>",
  ];
}

function testcase(item: ReportItem, failOn: Report["failOn"]): string[] {
  const { what, why, advice, remark, at } = item.parts;
  const name = `${item.rule}: ${workloadName(item)} ${item.path}`;
  const told = [
    `${item.file}:${item.line}:${item.column}: ${item.severity}: ${what}`,
    `why: ${why}`,
    `do: ${advice} [${FIX_WORDS[item.fix]}]`,
    ...(remark === "" ? [] : [`note: ${remark}`]),
    ...(at === "" ? [] : [`at: ${at}`]),
  ];
  const text = told.map((line) => content(visible(line))).join("\n");
  const body = isFailure(item, failOn)
    ? `<failure type="${item.severity}" message="${attribute(what)}">${text}</failure>`
    : `<system-out>${text}</system-out>`;
  return [
    `    <testcase name="${attribute(name)}" classname="${attribute(item.file)}">`,
    `      ${body}`,
    "    </testcase>",
  ];
}

/** What XML 1.0 allows no document to hold, not even escaped, besides control characters: half surrogate pairs. */
const FORBIDDEN = /[\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function content(text: string): string {
  return text.replace(FORBIDDEN, "\ufffd").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function attribute(text: string): string {
  return content(visible(text)).replaceAll('"', "&quot;");
}
