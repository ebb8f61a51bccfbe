import { plainFinding, type Report } from "./report.ts";

/** The JSON document of `check --format json`. */
export async function jsonReport({ target, items, counts }: Report): Promise<string> {
  const report = { target, findings: items.map(plainFinding), summary: await counts() };
  return `${JSON.stringify(report, null, 2)}\n`;
}
