import { at, effectiveEntries, type MapNode, type Path, resolve } from "../source/tree.ts";

/**
 * Labels or annotations as strings, whatever the user's notation (an unquoted `false` is "false"); {} where there
 * are none. The map has no prototype.
 */
export function stringMapAt(root: MapNode, path: Path): Record<string, string> {
  const map: Record<string, string> = Object.create(null);
  for (const entry of effectiveEntries(at(root, path))) {
    const value = resolve(entry.value);
    if (entry.name !== undefined && value.kind === "scalar" && value.value !== null) map[entry.name] = value.text;
  }
  return map;
}
