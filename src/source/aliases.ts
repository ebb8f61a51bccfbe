import { childrenOf, collectionOf } from "./remove.ts";
import type { AliasNode, Node } from "./tree.ts";

/** By the root of a document: a list of many workloads asks once for each of them. */
const known = new WeakMap<Node, readonly AliasNode[]>();
const NONE: readonly AliasNode[] = [];

/** All aliases of the document that holds a node, in order. */
export function aliasesOf(text: string, node: Node): readonly AliasNode[] {
  let root = node;
  while (root.parent !== undefined) root = collectionOf(root.parent);
  let aliases = known.get(root);
  if (aliases === undefined) {
    aliases = text.slice(root.propsStart, root.end).includes("&") ? gather(root, []) : NONE;
    known.set(root, aliases);
  }
  return aliases;
}

function gather(node: Node, found: AliasNode[]): AliasNode[] {
  if (node.kind === "alias") found.push(node);
  else if (node.kind !== "scalar") {
    for (const child of childrenOf(node)) {
      if ("map" in child) gather(child.key, found);
      gather(child.value, found);
    }
  }
  return found;
}
