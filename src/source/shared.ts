import type { Child } from "./remove.ts";
import { childrenOf, collectionOf } from "./remove.ts";
import { type AliasNode, effectiveEntries, type MapNode, type Node, resolve } from "./tree.ts";

const MAX_VISITS = 200_000;

/**
 * How many places of a document read a node or child, aliases and merge keys followed: 1 where it is not shared.
 * Infinity where that takes too long to tell (an alias bomb).
 */
export class SharedText {
  private readonly root: MapNode;
  /** All of the document, keys aside. */
  readonly aliases: readonly AliasNode[];
  private counts: Map<object, number> | undefined;

  constructor(root: MapNode) {
    this.root = root;
    this.aliases = aliasesIn(root);
  }

  /** Number of readers of an entry, item or node. */
  readersOf(target: object): number {
    if (this.aliases.length === 0) return 1;
    this.counts ??= countReaders(this.root);
    return this.counts === OVERFLOW ? Number.POSITIVE_INFINITY : (this.counts.get(target) ?? 0);
  }

  /** Aliases that stay while taking out `removed` would take their anchor away. */
  aliasesBrokenBy(removed: ReadonlySet<Child>): AliasNode[] {
    return this.aliases.filter((alias) => isBelow(alias.target, removed) && !isBelow(alias, removed));
  }
}

/** Whether a node hangs somewhere below one of these entries and items. */
export function isBelow(node: Node, children: ReadonlySet<Child>): boolean {
  for (let up = node.parent; up !== undefined; up = collectionOf(up).parent) if (children.has(up)) return true;
  return false;
}

const OVERFLOW = new Map<object, number>();

function countReaders(root: MapNode): Map<object, number> {
  const counts = new Map<object, number>();
  let visits = 0;
  const count = (target: object): void => {
    counts.set(target, (counts.get(target) ?? 0) + 1);
  };
  const visit = (node: Node): void => {
    if (++visits > MAX_VISITS) return;
    const value = resolve(node);
    count(value);
    const children = value.kind === "map" ? effectiveEntries(value) : value.kind === "seq" ? value.items : [];
    for (const child of children) {
      count(child);
      visit(child.value);
    }
  };
  visit(root);
  return visits > MAX_VISITS ? OVERFLOW : counts;
}

function aliasesIn(node: Node): AliasNode[] {
  if (node.kind === "alias") return [node];
  if (node.kind === "scalar") return [];
  return childrenOf(node).flatMap((child) => aliasesIn(child.value));
}
