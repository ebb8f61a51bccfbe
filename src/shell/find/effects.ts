import { isFilter, isHarmless, keepsFile, nameOf, writtenFiles } from "../commands.ts";
import { type Command, type SyntaxNode, walk } from "../parse.ts";
import type { Search, Where } from "./search.ts";

/** An answer kept in a file that other commands name is used by them. */
export function checkFiles(search: Search, call: number, node: SyntaxNode, where: Where): void {
  const { text } = where.unit;
  walk(node, (inner) => {
    if (inner.type !== "Command") return true;
    const kept = writtenFiles(inner);
    const isNamed = (file: string): boolean => text.slice(0, node.pos).includes(file) || text.includes(file, node.end);
    if (kept.some(isNamed)) search.lower(call, "none", "its answer is kept in a file that is used");
    if (kept.some(keepsFile)) search.lower(call, "review", "another program may wait for the file it writes");
    return true;
  });
}

export function isFreeOfEffects(search: Search, node: Command): boolean {
  let free = true;
  walk(node, (inner) => {
    if (
      inner.type === "Command" &&
      inner !== node &&
      inner.name &&
      !isFilter(inner) &&
      !isHarmless(inner, search.into.printers)
    ) {
      if (
        !/^(?:pgrep|pidof|lsof|ps|hostname|ls|id|seq)$/.test(nameOf(inner) ?? "") &&
        !search.options.env.has(inner.name.value)
      )
        free = false;
    }
    return free;
  });
  return free;
}
