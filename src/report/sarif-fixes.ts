import type { Site } from "../rules/rule.ts";
import type { TextEdit } from "../source/edit.ts";
import type { Position } from "../source/position.ts";
import type { ScalarNode } from "../source/tree.ts";
import type { Finding } from "../transform/finding.ts";
import { planEdits } from "../transform/plan.ts";
import { lineIndex } from "./line-index.ts";
import { maskSecrets } from "./mask.ts";
import { type Fix, messageParts, type Replacement } from "./report.ts";

/** Makes the fixes of one file's findings; undefined where there is none that may be applied without any other. */
export function fixMaker(findings: readonly Finding[]): (finding: Finding) => Fix | undefined {
  const bySite = new Map<Site, Finding>(findings.map((finding) => [finding.site, finding]));
  const indexes = new Map<string, (offset: number) => Position>();
  return (finding) => {
    const needed = withNeeded(finding, bySite);
    if (needed === undefined) return undefined;
    const { text } = finding.resource;
    // `curl … || pkill …`: neither call can go without the other.
    const edits = editsFor(text, needed) ?? editsFor(text, [...needed, ...inSameScript(finding, findings)]);
    // What a report says must not hold a secret, and a fix that says another text would write that.
    if (edits === undefined || edits.some((edit) => maskSecrets(edit.text) !== edit.text)) return undefined;
    const positionOf = indexes.get(text) ?? lineIndex(text);
    indexes.set(text, positionOf);
    return { description: description(finding), replacements: replacementsOf(edits, positionOf) };
  };
}

/** Edits that carry out all of these; undefined where they cannot. */
function editsFor(text: string, findings: readonly Finding[]): TextEdit[] | undefined {
  const { edits, carriedOut } = planEdits(text, findings);
  return edits.length > 0 && findings.every((one) => carriedOut.includes(one)) ? edits : undefined;
}

/** Other findings of the script whose fixes may be trusted as far as this one's. */
function inSameScript(finding: Finding, findings: readonly Finding[]): Finding[] {
  const script = scriptOf(finding);
  if (script === undefined) return [];
  const others = findings.filter((other) => other !== finding && scriptOf(other) === script);
  return others.filter(({ level }) => level === "safe" || level === finding.level);
}

function scriptOf({ site, level }: Finding): ScalarNode | undefined {
  const [operation] = level === "none" ? [] : site.operations;
  return operation?.kind === "edit-script" ? operation.scalar : undefined;
}

/** The finding with those that must go for it to go; undefined where one of them cannot. */
function withNeeded(finding: Finding, bySite: ReadonlyMap<Site, Finding>): Finding[] | undefined {
  const needed = new Set<Finding>([finding]);
  for (const one of needed) {
    if (one.level === "none" || one.site.operations.length === 0) return undefined;
    for (const site of one.site.after ?? []) {
      const other = bySite.get(site);
      if (other === undefined) return undefined;
      needed.add(other);
    }
  }
  return [...needed];
}

function description(finding: Finding): string {
  const { advice, remark } = messageParts(finding);
  const note = remark === "" ? "" : ` (${remark})`;
  return `${advice.charAt(0).toUpperCase()}${advice.slice(1)}${note}`;
}

function replacementsOf(edits: readonly TextEdit[], positionOf: (offset: number) => Position): Replacement[] {
  const once = new Map(edits.map((edit) => [JSON.stringify([edit.start, edit.end, edit.text]), edit]));
  const sorted = [...once.values()].sort((a, b) => a.start - b.start || a.end - b.end);
  return sorted.map(({ start, end, text }) => {
    const [from, to] = [positionOf(start), positionOf(end)];
    return {
      deletedRegion: { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column },
      insertedContent: { text },
    };
  });
}
