import type { DocumentChunk } from "./input.ts";

const KEY = /^([- ]*)metadata:[ \t]*(?:#.*)?$/;
const FIELD = /^( *)namespace:(?:[ \t]+(["']?)([a-z0-9][-a-z0-9.]*)\2)?(?:[ \t]*|[ \t]+#.*)$/;
const FIRST_KEY = /^([- ]*)[A-Za-z]\w*:/;

/**
 * `metadata.namespace` of a document in block style, without parsing: null where it has none, undefined where only a
 * parse can tell.
 */
export function peekNamespace({ text, start, end }: DocumentChunk): string | null | undefined {
  let column: number | undefined;
  let isInside = false;
  let inner: number | undefined;
  for (const line of linesOf(text, start, end)) {
    if (!isInside) {
      column ??= FIRST_KEY.exec(line)?.[1]?.length;
      isInside = column !== undefined && KEY.exec(line)?.[1]?.length === column;
      continue;
    }
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const indent = line.length - line.trimStart().length;
    if (indent <= (column as number)) return null;
    inner ??= indent;
    // A merge key may bring the namespace, an unusual notation hide it.
    if (indent === inner && /^ *(?:["'?<]|namespace\s*:)/.test(line)) return FIELD.exec(line)?.[3] ?? undefined;
  }
  return isInside ? null : undefined;
}

/** One by one: a document may be many megabytes of them. */
function* linesOf(text: string, start: number, end: number): Generator<string> {
  for (let at = start; at <= end; ) {
    const found = text.indexOf("\n", at);
    const stop = found < 0 || found >= end ? end : found;
    const isCrLf = stop > at && stop < end && text.charCodeAt(stop - 1) === 13;
    yield text.slice(at, isCrLf ? stop - 1 : stop);
    at = stop + 1;
  }
}
