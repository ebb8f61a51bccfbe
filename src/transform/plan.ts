import type { FixLevel, Operation } from "../rules/rule.ts";
import type { ScriptAnalysis, ScriptFinding } from "../shell/index.ts";
import { aliasesOf } from "../source/aliases.ts";
import type { TextEdit } from "../source/edit.ts";
import { rawScalar, setValue } from "../source/insert.ts";
import { type Child, prune, removeChildren } from "../source/remove.ts";
import { editScalar } from "../source/scalar-text.ts";
import { isBelow, SharedText } from "../source/shared.ts";
import {
  type AliasNode,
  at,
  type Entry,
  effectiveEntries,
  entryBehind,
  type MapNode,
  type Node,
  resolve,
  type ScalarNode,
} from "../source/tree.ts";
import { annotationPlace } from "./annotation-place.ts";
import type { Finding } from "./finding.ts";
import { type Move, moveGroups } from "./move-annotations.ts";

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
const SHARED = "not fixed: the text is shared by an anchor with a place that must keep it";
const UNCLEAR = "not fixed: the document's aliases unfold too far to tell who else reads the text";
const NEEDED = "not fixed: an alias elsewhere needs the anchor that would go";
const ANCHORED = "not safe: an alias of it elsewhere goes at this level alone";
const COVERED = "not fixed: a merge key would bring another value in its place";

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
      if (places < readers) finding.remark = Number.isFinite(readers) ? SHARED : UNCLEAR;
      else if (level === "none" && finding.level !== "none") finding.remark = SHARED;
      finding.level = places < readers ? "none" : level;
    }
  }
  for (const finding of findings) {
    const { operations } = finding.site;
    const isHeld = operations.some((operation) => rewritesShared(operation, shared));
    if (!isHeld && !uncoversAnother(finding)) continue;
    finding.level = "none";
    finding.remark = isHeld ? SHARED : COVERED;
  }
  settleAnchors(shared, findings, users);
}

/** Lowers what would take an anchor away from an alias that stays, or that goes only at a lower level. */
function settleAnchors(shared: SharedText, findings: Finding[], users: ReadonlyMap<object, Finding[]>): void {
  if (shared.aliases.length === 0) return;
  const removers = findings.filter(({ site }) => removedBy(site.operations).length > 0);
  for (let changed = true; changed; ) {
    changed = false;
    for (const finding of removers) {
      const own = removedBy(finding.site.operations).flatMap((child) => users.get(child) ?? []);
      const all = own.flatMap(({ site }) => removedBy(site.operations));
      const broken = shared.aliasesBrokenBy(prune(new Set(all), PRUNABLE, shared.aliases));
      const level = broken.map((alias) => levelOfGoing(alias, finding, removers)).reduce(lower, finding.level);
      if (level === finding.level) continue;
      finding.level = level;
      finding.remark = level === "none" ? NEEDED : ANCHORED;
      changed = true;
    }
  }
}

/** At which level an alias goes by itself: only fixes of the same rule are sure to be applied with the one asked about. */
function levelOfGoing(alias: AliasNode, { rule }: Finding, removers: readonly Finding[]): FixLevel {
  const taking = removers.filter(
    (other) => other.rule.name === rule.name && isBelow(alias, new Set(removedBy(other.site.operations))),
  );
  return taking.map(({ level }) => level).sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))[0] ?? "none";
}

/** Whether a value that a merge key brings would take the place of one that is removed because of what it says. */
function uncoversAnother({ resource, site }: Finding): boolean {
  return site.operations.some((operation) => {
    if (operation.kind !== "remove" || operation.mayUncover || !("map" in operation.child)) return false;
    const map = at(resource.root, site.path.slice(0, -1));
    const holds = map?.kind === "map" && effectiveEntries(map).includes(operation.child);
    return holds && entryBehind(map, operation.child) !== undefined;
  });
}

/** Whether an operation writes a new value where others read the old one. */
function rewritesShared(operation: Operation, shared: SharedText): boolean {
  switch (operation.kind) {
    case "set-text":
    case "put":
      return isReadElsewhere(operation.node, shared);
    case "rename-key":
      return operation.entry.key.anchor !== undefined || operation.entry.key.kind === "alias";
    case "move-annotation":
      return shared.readersOf(annotationPlace(operation.template).node) > 1;
    default:
      return false;
  }
}

/** An alias reads the value that stands here; what reads the whole entry is told by the entry itself. */
function isReadElsewhere(node: Node, shared: SharedText): boolean {
  if (node.kind === "alias" || node.parent === undefined) return false;
  return shared.readersOf(node) > shared.readersOf(node.parent);
}

function placeOf(finding: Finding): string {
  return `${finding.resource.root.start} ${finding.site.path.join("\0")}`;
}

/** What of the document an operation changes: its readers must all want that. */
function targetOf(operation: Operation): object {
  switch (operation.kind) {
    case "remove":
      return operation.child;
    case "edit-script":
    case "edit-text":
      return operation.scalar;
    case "set-text":
    case "put":
      return operation.node.parent ?? operation.node;
    case "rename-key":
    case "move-annotation":
      return operation.entry;
  }
}

function removedBy(operations: readonly Operation[]): Child[] {
  return operations.flatMap((operation): Child[] => {
    if (operation.kind === "remove") return [operation.child];
    return operation.kind === "move-annotation" ? [operation.entry] : [];
  });
}

export interface PlannedEdits {
  edits: TextEdit[];
  /** Findings that the edits deal with; what cannot be done in one go with others waits for the next round. */
  carriedOut: Finding[];
}

/** Text edits that carry out the fixes of the given findings of one document together. */
export function planEdits(text: string, findings: readonly Finding[]): PlannedEdits {
  const operations = findings.flatMap((finding) => finding.site.operations);
  const moves = moveGroups(text, operations);
  const others = operations.filter((operation) => operation.kind !== "move-annotation");
  const scripts = scriptEdits(text, others);
  const plain = editsOf(text, others, scripts, []);
  const ready = moves.filter((group) => !group.edits.some((edit) => plain.some((other) => touches(edit, other))));
  const carried = new Set<Move>(ready.flatMap((group) => group.moves));
  const left = new Set(scripts.flatMap((script) => script.left));
  const carriedOut = findings.filter(({ site }) =>
    site.operations.every(
      (operation) =>
        (operation.kind !== "move-annotation" || carried.has(operation)) &&
        (operation.kind !== "edit-script" || !left.has(operation.call)),
    ),
  );
  if (carried.size === 0) return { edits: plain, carriedOut };
  const sources = [...carried].map(({ entry }) => entry);
  return { edits: [...editsOf(text, others, scripts, sources), ...ready.flatMap((group) => group.edits)], carriedOut };
}

function touches(edit: TextEdit, other: TextEdit): boolean {
  return edit.start <= other.end && other.start <= edit.end;
}

/** Edits of everything but the writing of moved annotations. */
function editsOf(
  text: string,
  operations: readonly Operation[],
  scripts: readonly ScriptEdit[],
  moved: readonly Entry[],
): TextEdit[] {
  const removed = new Set<Child>([...moved, ...removedBy(operations)]);
  const edits: TextEdit[] = [];
  for (const { scalar, script, hook, calls } of scripts) {
    const fix = script.fix(calls);
    if (hook !== undefined && fix.empty) removed.add(hook);
    else if (!isWithin(scalar, removed)) edits.push(...(editScalar(text, scalar, fix.edits) ?? []));
  }
  for (const operation of distinct(operations)) edits.push(...valueEdits(text, operation, removed));
  const [first] = removed;
  const aliases = first === undefined ? [] : aliasesOf(text, first.value);
  return [...removeChildren(text, [...removed], PRUNABLE, aliases), ...edits];
}

/** Two readers of one anchored text have the same operation on it: it is carried out once. */
function distinct(operations: readonly Operation[]): Operation[] {
  const seen = new Map<object, Set<Operation["kind"]>>();
  return operations.filter((operation) => {
    const kinds = seen.get(targetOf(operation)) ?? new Set();
    const isNew = !kinds.has(operation.kind);
    seen.set(targetOf(operation), kinds.add(operation.kind));
    return isNew;
  });
}

function valueEdits(text: string, operation: Operation, removed: ReadonlySet<Child>): readonly TextEdit[] {
  switch (operation.kind) {
    case "edit-text": {
      const { scalar, edits } = operation;
      return isWithin(scalar, removed) ? [] : (editScalar(text, scalar, edits) ?? []);
    }
    case "set-text":
      return isWithin(operation.node, removed) ? [] : setValue(text, operation.node, operation.text);
    case "put":
      return setValue(text, operation.node, rawScalar(text, operation.from));
    case "rename-key":
      return renamed(operation.entry, operation.key);
    default:
      return [];
  }
}

/** Another key in the quotes of the old one. */
function renamed({ key }: Entry, name: string): TextEdit[] {
  const node = resolve(key);
  const quote = node.kind !== "scalar" ? "" : node.style === "double" ? '"' : node.style === "single" ? "'" : "";
  return [{ start: key.start, end: key.end, text: quote + name + quote }];
}

interface ScriptEdit {
  scalar: ScalarNode;
  script: ScriptAnalysis;
  hook: Child | undefined;
  /** Those that go together. */
  calls: ScriptFinding[];
  /** Those that wait for the next round. */
  left: ScriptFinding[];
}

/** Calls to take out, by script. Two readers of one anchored script hold equal analyses of it: it is edited once. */
function scriptEdits(text: string, operations: readonly Operation[]): ScriptEdit[] {
  const asked = new Map<ScalarNode, Omit<ScriptEdit, "calls" | "left"> & { calls: Set<ScriptFinding> }>();
  for (const operation of operations) {
    if (operation.kind !== "edit-script") continue;
    const { scalar, script, hook, call } = operation;
    const known = asked.get(scalar) ?? { scalar, script, hook, calls: new Set<ScriptFinding>() };
    if (known.script === script) known.calls.add(call);
    asked.set(scalar, known);
  }
  return [...asked.values()].map((edit) => {
    const { script } = edit;
    const all = [...edit.calls];
    const calls = together(text, { ...edit, calls: all });
    const applied = new Set(script.fix(calls).applied);
    return { ...edit, calls, left: all.filter((call) => !applied.has(call)) };
  });
}

/** The calls that go in one edit: all of them, or as many as the notation of the string lets go together. */
function together(text: string, { scalar, script, hook, calls }: Omit<ScriptEdit, "left">): ScriptFinding[] {
  const isDone = (chosen: ScriptFinding[]): boolean => {
    const fix = script.fix(chosen);
    return (hook !== undefined && fix.empty) || editScalar(text, scalar, fix.edits) !== undefined;
  };
  if (isDone(calls)) return calls;
  const chosen: ScriptFinding[] = [];
  for (const call of calls)
    if (script.fix([...chosen, call]).applied.includes(call) && isDone([...chosen, call])) chosen.push(call);
  return chosen;
}

function isWithin(node: Node, removed: ReadonlySet<Child>): boolean {
  return [...removed].some((child) => node.start >= child.start && node.end <= child.value.end);
}
