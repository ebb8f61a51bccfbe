import type { Operation } from "../rules/rule.ts";
import type { TextEdit } from "../source/edit.ts";
import type { Written } from "../source/emit.ts";
import { insertEntries, insertEntry, rawScalar } from "../source/insert.ts";
import { type Entry, type Node, resolve } from "../source/tree.ts";
import { type AnnotationPlace, annotationPlace } from "./annotation-place.ts";

export type Move = Extract<Operation, { kind: "move-annotation" }>;

/** Annotations that go to one Pod template together, in their order. */
export interface MoveGroup {
  moves: Move[];
  /** What writes them into the template; their old places are not touched. */
  edits: TextEdit[];
}

/**
 * Moves by the place they go to: what several write there must be written at once. A move whose key another fix is
 * about to write there is left out; next time it meets that key.
 */
export function moveGroups(text: string, operations: readonly Operation[]): MoveGroup[] {
  const groups = new Map<Node, { place: AnnotationPlace; moves: Move[] }>();
  for (const operation of operations) {
    if (operation.kind !== "move-annotation") continue;
    const place = annotationPlace(operation.template);
    const group = groups.get(place.node) ?? { place, moves: [] };
    const name = operation.entry.name;
    const isTaken =
      group.moves.some(({ entry }) => entry.name === name) ||
      operations.some((other) => other.kind === "rename-key" && other.entry.map === place.node && other.key === name);
    if (!isTaken) group.moves.push(operation);
    if (group.moves.length > 0) groups.set(place.node, group);
  }
  return [...groups.values()].map(({ place, moves }) => ({ moves, edits: insertion(text, place, moves) }));
}

function insertion(text: string, { node, missing, before }: AnnotationPlace, moves: readonly Move[]): TextEdit[] {
  const entries = new Map(moves.map(({ entry }) => [entry.name ?? "", notation(text, entry)]));
  const [key, ...inner] = missing;
  if (key === undefined) return insertEntries(text, node, entries);
  const annotations: Written = Object.fromEntries(entries);
  const value = inner.reduceRight<Written>((held, name) => ({ [name]: held }), annotations);
  return insertEntry(text, node, key, value, before === undefined ? {} : { before });
}

/** The value as its author wrote it; what a tag makes a string of is written as the string it is. */
function notation(text: string, entry: Entry): Written {
  const value = resolve(entry.value);
  if (value.kind !== "scalar") return null;
  return text.slice(value.propsStart, value.start).includes("!") ? value.text : rawScalar(text, value);
}
