import type { FixLevel, Operation } from "../rules/rule.ts";
import type { ScriptAnalysis, ScriptFinding } from "../shell/index.ts";
import type { TextEdit } from "../source/edit.ts";
import { type Child, prune, removeChildren } from "../source/remove.ts";
import { editScalar } from "../source/scalar-text.ts";
import { SharedText } from "../source/shared.ts";
import type { MapNode, ScalarNode } from "../source/tree.ts";
import type { Finding } from "./finding.ts";

/** Maps and lists that go when a fix empties them (rules.md, "Removing a call, exactly"). */
const PRUNABLE: ReadonlySet<string> = new Set([
  "lifecycle",
  "securityContext",
  "env",
  "annotations",
  "labels",
  "podMetadata",
]);

const ORDER: readonly FixLevel[] = ["safe", "review", "none"];

function lower(a: FixLevel, b: FixLevel): FixLevel {
  return ORDER[Math.max(ORDER.indexOf(a), ORDER.indexOf(b))] as FixLevel;
}

/**
 * Lowers the level of findings whose text serves others too: an edit behind an anchor is made only where every
 * reader of that text has the finding.
 * @param findings of one document.
 */
export function settleShared(root: MapNode, findings: Finding[]): void {
  const shared = new SharedText(root);
  const users = new Map<object, Finding[]>();
  for (const finding of findings) {
    for (const target of finding.site.operations.map(targetOf)) {
      users.set(target, [...(users.get(target) ?? []), finding]);
    }
  }
  for (const [target, sharers] of users) {
    const readers = shared.readersOf(target);
    // Several findings of one reader (two calls in a script) are one user.
    const places = new Set(sharers.map((finding) => placeOf(finding))).size;
    if (readers <= 1) continue;
    const level = sharers.map((finding) => finding.level).reduce(lower);
    for (const finding of sharers) {
      finding.level = places < readers ? "none" : level;
      if (places < readers) finding.remark = "the text is shared by an anchor with a place that must keep it";
    }
  }
  for (const finding of findings) {
    const removed = finding.site.operations.flatMap((op) => (op.kind === "remove" ? [op.child] : []));
    const sharers = removed.flatMap((child) => users.get(child) ?? []);
    const all = sharers.flatMap((other) =>
      other.site.operations.flatMap((op) => (op.kind === "remove" ? [op.child] : [])),
    );
    if (removed.length === 0 || !shared.breaksAlias([...prune(new Set(all), PRUNABLE)])) continue;
    finding.level = "none";
    finding.remark = "an alias elsewhere needs the anchor that would go";
  }
}

function placeOf(finding: Finding): string {
  return `${finding.resource.root.start} ${finding.site.path.join("\0")}`;
}

function targetOf(operation: Operation): object {
  return operation.kind === "remove" ? operation.child : operation.scalar;
}

/** Text edits that carry out the fixes of the given findings of one document together. */
export function planEdits(text: string, findings: readonly Finding[]): TextEdit[] {
  const operations = findings.flatMap((finding) => finding.site.operations);
  const removed = new Set(operations.flatMap((operation) => (operation.kind === "remove" ? [operation.child] : [])));
  const edits: TextEdit[] = [];
  for (const { scalar, script, hook, calls } of scriptEdits(operations)) {
    const fix = script.fix([...calls]);
    if (hook !== undefined && fix.empty) removed.add(hook);
    else if (!isWithin(scalar, removed)) edits.push(...(editScalar(text, scalar, fix.edits) ?? []));
  }
  return [...removeChildren(text, [...removed], PRUNABLE), ...edits];
}

interface ScriptEdit {
  scalar: ScalarNode;
  script: ScriptAnalysis;
  hook: Child | undefined;
  calls: Set<ScriptFinding>;
}

/** Calls to take out, by script. Two readers of one anchored script hold equal analyses of it: it is edited once. */
function scriptEdits(operations: readonly Operation[]): ScriptEdit[] {
  const edits = new Map<ScalarNode, ScriptEdit>();
  for (const operation of operations) {
    if (operation.kind !== "edit-script") continue;
    const { scalar, script, hook, call } = operation;
    const known = edits.get(scalar) ?? { scalar, script, hook, calls: new Set() };
    if (known.script === script) known.calls.add(call);
    edits.set(scalar, known);
  }
  return [...edits.values()];
}

function isWithin(scalar: ScalarNode, removed: ReadonlySet<Child>): boolean {
  return [...removed].some((child) => scalar.start >= child.start && scalar.end <= child.value.end);
}
