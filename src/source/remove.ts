import type { TextEdit } from "./edit.ts";
import { lineStart, nextLine } from "./position.ts";
import { type AliasNode, type Entry, type Item, isMerge, type MapNode, type Node, type SeqNode } from "./tree.ts";

/** An entry of a map or an item of a list. */
export type Child = Entry | Item;

type Collection = MapNode | SeqNode;

const NO_ALIASES: readonly AliasNode[] = [];

/**
 * Edits that take entries and items out of their maps and lists. A map or list that this empties goes with its
 * key where `prunable` names the key, else it becomes `{}` or `[]`. Full-line comments stay, a comment behind
 * removed text on its own line goes.
 * @param aliases of the document; entries whose whole value one of them takes from an emptied map go with it.
 */
export function removeChildren(
  text: string,
  victims: readonly Child[],
  prunable: ReadonlySet<string>,
  aliases = NO_ALIASES,
): TextEdit[] {
  const doomed = prune(new Set(victims), prunable, aliases);
  const groups = new Map<Collection, Child[]>();
  for (const child of doomed) {
    const collection = collectionOf(child);
    groups.set(collection, [...(groups.get(collection) ?? []), child]);
  }
  return [...groups].flatMap(([collection, children]) => removeFrom(text, collection, new Set(children)));
}

export function collectionOf(child: Child): Collection {
  return "map" in child ? child.map : child.seq;
}

export function childrenOf(collection: Collection): readonly Child[] {
  return collection.kind === "map" ? collection.entries : collection.items;
}

/** Victims, with emptied prunable containers in place of what they held. @param aliases as `removeChildren`. */
export function prune(victims: ReadonlySet<Child>, prunable: ReadonlySet<string>, aliases = NO_ALIASES): Set<Child> {
  const doomed = new Set(victims);
  for (let changed = true; changed; ) {
    changed = false;
    for (const child of doomed) {
      const collection = collectionOf(child);
      const parent = collection.parent;
      const isPrunable = parent !== undefined && "map" in parent && prunable.has(parent.name ?? "");
      if (!isPrunable || !childrenOf(collection).every((sibling) => doomed.has(sibling))) continue;
      for (const sibling of childrenOf(collection)) doomed.delete(sibling);
      doomed.add(parent);
      for (const { target, parent: user } of aliases) {
        const goesToo = target === collection && user !== undefined && "map" in user;
        if (goesToo && (prunable.has(user.name ?? "") || isMerge(user))) doomed.add(user);
      }
      changed = true;
    }
  }
  return withoutNested(doomed);
}

function withoutNested(doomed: Set<Child>): Set<Child> {
  const outer = [...doomed].filter((child) => {
    for (let up = collectionOf(child).parent; up !== undefined; up = collectionOf(up).parent) {
      if (doomed.has(up)) return false;
    }
    return true;
  });
  return new Set(outer);
}

function removeFrom(text: string, collection: Collection, doomed: Set<Child>): TextEdit[] {
  const children = childrenOf(collection);
  const isEmptied = children.every((child) => doomed.has(child));
  if (collection.flow) {
    const brackets = collection.kind === "map" ? "{}" : "[]";
    if (isEmptied) return [{ start: collection.start, end: collection.end, text: brackets }];
    return children.flatMap((child, index) => (doomed.has(child) ? removeFromFlow(text, children, index, doomed) : []));
  }
  const edits = children.flatMap((child, index) =>
    doomed.has(child) ? removeLines(text, children, index, doomed) : [],
  );
  return isEmptied ? [...edits, ...emptied(text, collection)] : edits;
}

function childEnd(child: Child): number {
  const own = "map" in child ? child.key.end + 1 : child.start;
  return Math.max(child.value.end, own);
}

function removeFromFlow(text: string, children: readonly Child[], index: number, doomed: Set<Child>): TextEdit[] {
  const child = children[index] as Child;
  const hasKeptBefore = children.slice(0, index).some((sibling) => !doomed.has(sibling));
  const next = children[index + 1];
  if (!hasKeptBefore && next !== undefined) return [{ start: child.start, end: next.start, text: "" }];
  const previous = children[index - 1] as Child;
  const gap = text.slice(childEnd(previous), child.start);
  if (!gap.includes("#")) return [{ start: childEnd(previous), end: childEnd(child), text: "" }];
  // A comment stands between the two: only the comma and the child itself go.
  const comma = childEnd(previous) + gap.indexOf(",");
  return [
    { start: comma, end: comma + 1, text: "" },
    { start: child.start, end: childEnd(child), text: "" },
  ];
}

function removeLines(text: string, children: readonly Child[], index: number, doomed: Set<Child>): TextEdit[] {
  const child = children[index] as Child;
  const first = lineStart(text, child.start);
  const end = nextLine(text, childEnd(child));
  const comments = commentLines(text, child, nextLine(text, child.start), end);
  if (text.slice(first, child.start).trim() !== "")
    return removeBehindDash(text, children, index, doomed, comments, end);
  const indent = " ".repeat(child.start - first);
  const kept = comments
    .map((line) => (endsInBlockScalar(children[index - 1]) ? indent + line.trimStart() : line))
    .join("");
  return [cutLines(text, first, end, kept)];
}

/** `- first: 1`: the child shares its line with the dash (or the `?`) of what holds it. */
function removeBehindDash(
  text: string,
  children: readonly Child[],
  index: number,
  doomed: Set<Child>,
  comments: string[],
  end: number,
): TextEdit[] {
  const child = children[index] as Child;
  const next = children[index + 1];
  if (next === undefined) return [{ start: child.start, end: Math.min(childEnd(child), end), text: "" }];
  const between = text.slice(end, lineStart(text, next.start));
  const isPulledUp = comments.length === 0 && between.trim() === "" && !doomed.has(next);
  if (isPulledUp) return [{ start: child.start, end: next.start, text: "" }];
  const start = text.slice(0, child.start).trimEnd().length;
  const lineBreak = text.slice(0, end).endsWith("\r\n") ? "\r\n" : "\n";
  return [{ start, end, text: lineBreak + comments.join("") }];
}

/** Cuts whole lines; where the text's last line has no line break, its new last line has none either. */
function cutLines(text: string, start: number, end: number, kept: string): TextEdit {
  const isLastLine = end === text.length && !text.endsWith("\n");
  if (!isLastLine || start === 0) return { start, end, text: kept };
  const before = text.slice(0, start);
  const lineBreak = before.endsWith("\r\n") ? 2 : before.endsWith("\n") ? 1 : 0;
  if (kept === "") return { start: start - lineBreak, end, text: "" };
  return { start, end, text: kept.replace(/\r?\n$/, "") };
}

/** Full-line comments between two offsets, whole lines; a `#` line inside a scalar is none. */
function commentLines(text: string, child: Child, from: number, to: number): string[] {
  const scalars = multiLineScalars(text, child.value);
  const lines: string[] = [];
  for (let at = from; at < to; at = nextLine(text, at)) {
    const line = text.slice(at, nextLine(text, at));
    const isComment = line.trimStart().startsWith("#");
    if (isComment && !scalars.some(([start, end]) => at >= start && at < end)) lines.push(line);
  }
  return lines;
}

function multiLineScalars(text: string, node: Node): [number, number][] {
  if (node.kind === "alias") return [];
  if (node.kind === "scalar") return text.slice(node.start, node.end).includes("\n") ? [[node.start, node.end]] : [];
  return childrenOf(node).flatMap((child) => multiLineScalars(text, child.value));
}

/** A comment behind a block scalar must not be indented like its text, or it would become part of it. */
function endsInBlockScalar(child: Child | undefined): boolean {
  for (let node = child?.value; node !== undefined; ) {
    if (node.kind === "alias") return false;
    if (node.kind === "scalar") return node.style === "literal" || node.style === "folded";
    if (node.flow) return false;
    node = childrenOf(node).at(-1)?.value;
  }
  return false;
}

/** A block collection without children left: `{}` or `[]` behind its key. */
function emptied(text: string, collection: Collection): TextEdit[] {
  const brackets = collection.kind === "map" ? "{}" : "[]";
  const parent = collection.parent;
  if (parent === undefined || !("map" in parent)) {
    const start = collection.start;
    return [{ start, end: start, text: brackets }];
  }
  const colon = text.indexOf(":", parent.key.end) + 1;
  const head = text.slice(colon, collection.start);
  const props = (/^[ \t]*(?:[&!]\S*[ \t]+)*/.exec(head)?.[0] ?? "").trimEnd().length;
  return [{ start: colon + props, end: colon + props, text: ` ${brackets}` }];
}
