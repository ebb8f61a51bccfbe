import type { Json, JsonObject } from "../../json.ts";
import { SourceError } from "../../source/failure.ts";
import { parseChunk } from "../../source/parse.ts";
import { effectiveEntries, isMerge, type MapNode, mergedMaps, type Node, resolve } from "../../source/tree.ts";
import { byBytes } from "./go-text.ts";

/** Ends the parse of a text that is no YAML; the message is one line. */
export class YamlError extends Error {}

/** Values that a text may unfold to: many times what any template's output has. */
const MAX_VALUES = 200_000;

/**
 * YAML as sigs.k8s.io/yaml reads it on the way to JSON: YAML 1.1 booleans (`yes`, `off`, `n`) and octals, no base 60, no dates,
 * the last of equal keys counts, keys become text. Maps come back without a prototype.
 * @throws YamlError also for what nests too deeply, or whose aliases multiply
 */
export function parseGoYaml(text: string): Json {
  try {
    const root = parseChunk({ file: "", text, start: 0, end: text.length }, { repeatedKeys: "last" });
    return root === undefined ? null : toJson(root, { left: MAX_VALUES });
  } catch (error) {
    if (error instanceof SourceError) throw new YamlError(error.message);
    throw error;
  }
}

function toJson(node: Node, budget: { left: number }): Json {
  if (budget.left-- <= 0) throw new YamlError(`its aliases unfold to more than ${MAX_VALUES} values`);
  const value = resolve(node);
  if (value.kind === "seq") return value.items.map((item) => toJson(item.value, budget));
  if (value.kind === "map") return mapToJson(value, budget);
  if (typeof value.value === "number" && !Number.isFinite(value.value))
    throw new YamlError("a number that JSON does not know");
  return value.value;
}

function mapToJson(map: MapNode, budget: { left: number }): JsonObject {
  checkKeys(map);
  const object: JsonObject = Object.create(null);
  const entries = effectiveEntries(map).map((entry) => [entry.name as string, entry.value] as const);
  for (const [name, value] of entries.sort(([a], [b]) => byBytes(a, b))) object[name] = toJson(value, budget);
  return object;
}

/** @throws YamlError for keys that JSON cannot have, and for merge keys of anything but maps */
function checkKeys({ entries }: MapNode): void {
  for (const entry of entries) {
    const key = resolve(entry.key);
    if (key.kind !== "scalar" || key.value === null) throw new YamlError("a key that is no text");
    if (!isMerge(entry)) continue;
    const merged = mergedMaps(entry);
    if (merged.some(({ kind }) => kind !== "map")) throw new YamlError("a merge key (<<) of what is no map");
    for (const each of merged) if (each.kind === "map") checkKeys(each);
  }
}
