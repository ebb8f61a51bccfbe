import { argWords, isFilter, isHarmless, isQuietRedirect, nameOf } from "../commands.ts";
import { type Command, type SyntaxNode, walk } from "../parse.ts";
import type { Search, Where } from "./search.ts";

/** An answer kept in a file that other commands name is used by them. */
export function checkFiles(search: Search, call: number, node: SyntaxNode, where: Where): void {
  const { text } = where.unit;
  walk(node, (inner) => {
    if (inner.type !== "Command") return true;
    const files = inner.redirects.flatMap((redirect) => (isQuietRedirect(redirect) ? [] : [redirect]));
    const targets = files.flatMap((redirect) =>
      redirect.type === "Redirect" && redirect.target ? [redirect.target.value] : [],
    );
    const words = argWords(inner).map((word) => word.value);
    const named = words.filter((_, i) =>
      /^(?:-\w*[oOD]|--output|--output-document|--dump-header)$/.test(words[i - 1] ?? ""),
    );
    const glued = words.flatMap((word) => /^(?:-[oO]|--output(?:-document)?=)(\/?[\w.].*)$/.exec(word)?.[1] ?? []);
    const tees = nameOf(inner) === "tee" ? words.filter((word) => !word.startsWith("-")) : [];
    const kept = [...targets, ...named, ...glued, ...tees].filter((file) => !/^(?:-|\/dev\/\w+|\d+)$/.test(file));
    const isNamed = (file: string): boolean => text.slice(0, node.pos).includes(file) || text.includes(file, node.end);
    if (kept.some(isNamed)) search.lower(call, "none", "its answer is kept in a file that is used");
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
