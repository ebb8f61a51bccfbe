import { parseFully } from "./parse.ts";
import type { Node } from "./tree.ts";

/** The tree without what makes it a graph. */
export function flat(node: Node | undefined): unknown {
  if (node === undefined || node.kind === "alias") return node;
  const { parent, ...rest } = node;
  if (rest.kind === "scalar") return rest;
  if (rest.kind === "seq")
    return { ...rest, items: rest.items.map(({ start, value }) => ({ start, value: flat(value) })) };
  const entries = rest.entries.map(({ start, key, name, value }) => ({
    start,
    key: flat(key),
    name,
    value: flat(value),
  }));
  return { ...rest, entries };
}

/** What the full parser says; its error's message where it refuses. */
export function full(text: string, start = 0, end = text.length): unknown {
  try {
    return flat(parseFully({ file: "t", text, start, end }));
  } catch (error) {
    return String(error);
  }
}
