import type { Outline } from "./resource-outline.ts";

/**
 * True where a part of the text may use an anchor of another part: then an item cannot be read alone. Parts are the
 * items and the other top-level keys. Looks at characters only, so text that merely looks like an anchor counts too.
 */
export function sharesAnchors(text: string, outline: Outline): boolean {
  if (!text.includes("&") || !text.includes("*")) return false;
  const parts = [...outline.sections.map(({ start }) => start), ...outline.items.map(({ dash }) => dash)];
  parts.sort((a, b) => a - b);
  /** Name → the first part that may define it. */
  const anchors = new Map<string, number>();
  for (const { name, offset } of references(text, "&")) {
    if (!anchors.has(name)) anchors.set(name, partOf(parts, offset));
  }
  if (anchors.size === 0) return false;
  for (const { name, offset } of references(text, "*")) {
    const part = anchors.get(name);
    if (part !== undefined && part !== partOf(parts, offset)) return true;
  }
  return false;
}

const NAME = /[^\s,[\]{}]+/y;

function* references(text: string, sigil: "&" | "*"): Generator<{ name: string; offset: number }> {
  for (let at = text.indexOf(sigil); at >= 0; at = text.indexOf(sigil, at + 1)) {
    if (at > 0 && !/[\s,[{:]/.test(text[at - 1] as string)) continue;
    NAME.lastIndex = at + 1;
    const name = NAME.exec(text)?.[0];
    if (name !== undefined) yield { name, offset: at };
  }
}

/** Index of the last part that starts at or before the offset. */
function partOf(parts: readonly number[], offset: number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle] as number) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
