import { ruleDocument } from "../rules/documents.ts";
import { RULES } from "../rules/index.ts";
import type { RuleMeta, Severity } from "../rules/rule.ts";

export const LEVELS = { error: "error", warning: "warning", info: "note" } as const satisfies Record<Severity, string>;

/** Words of `problem.severity` (GitHub, "SARIF support for code scanning"). */
const PROBLEMS = { error: "error", warning: "warning", info: "recommendation" } as const satisfies Record<
  Severity,
  string
>;

/** How often a finding is right: what is read off a field always is, what is read out of a script nearly always. */
const PRECISION: ReadonlyMap<string, "very-high" | "medium"> = new Map([
  ["bad-inject-value", "very-high"],
  ["bad-opt-out", "very-high"],
  ["misplaced-annotation", "very-high"],
  ["hold-application", "very-high"],
  // Who runs a ConfigMap's text, and what an opt-out guards, cannot be seen.
  ["script-in-config", "medium"],
  ["redundant-opt-out", "medium"],
]);

/** GitHub takes no more for a rule's descriptions. */
const MAX_DESCRIPTION = 1024;

/** All rules as `reportingDescriptor`s, in their order; ids in the same order. */
export function ruleDescriptors(): object[] {
  return RULES.map(({ meta }) => descriptor(meta));
}

export const RULE_INDEX: ReadonlyMap<string, number> = new Map(RULES.map(({ meta }, index) => [meta.name, index]));

function descriptor({ name, severity, summary, isHack }: RuleMeta): object {
  const document = (ruleDocument(name) ?? "").replace(/^# .*\n+/, "");
  const sections = sectionsOf(document);
  const about = sections.get("What it does") ?? summary;
  const help = ["What it does", "Why is this bad", "Fix safety", "When not to use it"].flatMap((title) => {
    const text = sections.get(title);
    return text === undefined ? [] : [`${title}: ${plain(text)}`];
  });
  // The first of a document's links tells of what the rule rests on; the document itself is the help below.
  const [link] = /https:\/\/[^)\s]+/.exec(sections.get("References") ?? "") ?? [];
  return {
    id: name,
    name: pascalCase(name),
    shortDescription: { text: clipped(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}`, MAX_DESCRIPTION) },
    fullDescription: { text: clipped(plain(about), MAX_DESCRIPTION) },
    ...(link !== undefined && { helpUri: link }),
    help: { text: help.join("\n\n") || summary, ...(document !== "" && { markdown: document }) },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: {
      tags: ["istio", "kubernetes", "native-sidecar", isHack ? "workaround" : "configuration"],
      precision: PRECISION.get(name) ?? "high",
      "problem.severity": PROBLEMS[severity],
    },
  };
}

/** Sections of a rule's document by their headings. */
function sectionsOf(document: string): Map<string, string> {
  const parts = document.split(/^## (.+)\n/m);
  const sections = new Map<string, string>();
  for (let n = 1; n < parts.length; n += 2) sections.set((parts[n] ?? "").trim(), (parts[n + 1] ?? "").trim());
  return sections;
}

/** Markdown's prose without its marks. */
function plain(text: string): string {
  return text.replaceAll("`", "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

export function clipped(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
