import { argWords } from "../commands.ts";
import { nestedUnit } from "../nested.ts";
import type { Command, Word } from "../parse.ts";
import { classifyCommand } from "../requests.ts";
import { findTextCalls } from "../text-calls.ts";
import { collectVariables, valuesOf } from "../variables.ts";
import { findAnswers } from "./answer.ts";
import { addVariableCommand } from "./command-in-variable.ts";
import type { Search, Where } from "./search.ts";

export function findNested(search: Search, node: Command, via: "trap" | "eval", where: Where): void {
  const words = argWords(node).filter((word) => word.value !== "--");
  const [body, ...rest] = words;
  if (!body || (via === "trap" && (rest.length === 0 || /^-[lp]?$/.test(body.value)))) return;
  if (via === "trap" || rest.length === 0) {
    if (enter(search, node, body, via, where.unit.errexit, where)) return;
    if (addVariableCommand(search, body, node, where)) return;
    return findAnswers(search, node, where);
  }
  const classified = classifyCommand(
    words.flatMap((word) => valuesOf(word, search.into.variables)[0]?.split(/\s+/) ?? []),
  );
  if (classified && search.options.kinds.has(classified.kind)) {
    search.into.calls.set(node, { call: search.addCall(classified, where, node), tested: false });
  }
}

/** Reads a word as a script; false where its text is not in the word. */
export function enter(
  search: Search,
  node: Command,
  word: Word,
  via: "trap" | "shell" | "eval",
  errexit: boolean,
  where: Where,
  shell?: string,
): boolean {
  if (addVariableCommand(search, word, node, where)) return true;
  const unit = nestedUnit(where.unit, word, via, errexit, shell);
  if (!unit) return false;
  if (unit.error) {
    for (const call of findTextCalls(unit.text)) {
      if (search.options.kinds.has(call.kind)) search.add(call.kind, where, node, "none", "the script does not parse");
    }
    return true;
  }
  search.into.units.push(unit);
  search.into.nested.set(node, unit);
  const { variables } = search.into;
  const inner = collectVariables([unit.script], new Map());
  for (const [name, words] of inner.assigned)
    variables.assigned.set(name, [...(variables.assigned.get(name) ?? []), ...words]);
  if (inner.opened >= 0) {
    variables.opened = Number.POSITIVE_INFINITY;
    if (inner.sourced >= 0) variables.sourced = Number.POSITIVE_INFINITY;
    variables.settled = inner.settled;
  }
  variables.known.clear();
  search.descend(unit.script, { unit, loop: undefined });
  return true;
}
