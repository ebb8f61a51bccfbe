import type { DocumentChunk } from "./input.ts";

const KEY = /^([- ]*)metadata:[ \t]*(?:#.*)?$/;
const FIELD = /^( *)namespace:(?:[ \t]+(["']?)([a-z0-9][-a-z0-9.]*)\2)?(?:[ \t]*|[ \t]+#.*)$/;
const FIRST_KEY = /^([- ]*)[A-Za-z]\w*:/;

/**
 * `metadata.namespace` of a document in block style, without parsing: null where it has none, undefined where only a
 * parse can tell.
 */
export function peekNamespace({ text, start, end }: DocumentChunk): string | null | undefined {
  const lines = text.slice(start, end).split(/\r?\n/);
  const column = lines.map((line) => FIRST_KEY.exec(line)?.[1]?.length).find((found) => found !== undefined);
  if (column === undefined) return undefined;
  const from = lines.findIndex((line) => KEY.exec(line)?.[1]?.length === column);
  if (from < 0) return undefined;
  let inner: number | undefined;
  for (const line of lines.slice(from + 1)) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const indent = line.length - line.trimStart().length;
    if (indent <= column) return null;
    inner ??= indent;
    // A merge key may bring the namespace, an unusual notation hide it.
    if (indent === inner && /^ *(?:["'?<]|namespace\s*:)/.test(line)) return FIELD.exec(line)?.[3] ?? undefined;
  }
  return null;
}
