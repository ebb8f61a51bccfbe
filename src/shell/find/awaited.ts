import { isFilter, isNeutral, isTest, nameOf } from "../commands.ts";
import { type AndOr, type SyntaxNode, type While, walk } from "../parse.ts";
import type { Search } from "./search.ts";

/** Notes the commands whose success ends a loop: `until curl …`, `while ! curl …`, `until [ "$(curl …)" = 200 ]`. */
export function collectAwaited(search: Search, loop: While): void {
  const last = loop.clause.commands.at(-1)?.command;
  if (last) collect(search, last, loop.kind === "until");
}

/** @param ends the loop ends where the node succeeds. */
function collect(search: Search, node: SyntaxNode, ends: boolean): void {
  switch (node.type) {
    case "Pipeline":
      return collectPipeline(search, node, ends);
    case "AndOr":
      if (decidesTogether(node, ends)) for (const member of node.commands) collect(search, member, ends);
      return;
    case "Redirected":
      return collect(search, node.command, ends);
    case "BraceGroup":
    case "Subshell": {
      const last = node.body.commands.at(-1)?.command;
      return last && collect(search, last, ends);
    }
    case "TestCommand":
      return collectTest(search, node, ends);
    case "Command":
      if (nameOf(node) === "[" || nameOf(node) === "test") collectTest(search, node, ends);
      else if (ends) search.awaited.set(node, "itself");
      return;
    default:
  }
}

/** `until a && b`, `while ! a || ! b` need both; beside a counter (`until a || [ $n -gt 9 ]`) one is enough. */
function decidesTogether({ commands, operators }: AndOr, ends: boolean): boolean {
  const [operator] = operators;
  if (!operators.every((one) => one === operator)) return false;
  if ((operator === "&&") === ends) return true;
  return commands.filter((member) => !isTest(member)).length === 1 && !commands.some(isNeutral);
}

function collectPipeline(search: Search, node: Extract<SyntaxNode, { type: "Pipeline" }>, ends: boolean): void {
  const isNegated = node.prefixes.filter((prefix) => prefix.type === "Negation").length % 2 === 1;
  const [head, ...filters] = node.commands;
  if (!head) return;
  if (filters.length === 0) collect(search, head, ends !== isNegated);
  else if (ends !== isNegated && head.type === "Command" && filters.every(isFilter)) search.awaited.set(head, "status");
}

/** `[ "$(curl …)" = 200 ]` ends an `until`, `[ "$(curl …)" != 200 ]` a `while`. */
function collectTest(search: Search, node: SyntaxNode, ends: boolean): void {
  let text = "";
  const asked: SyntaxNode[] = [];
  walk(node, (inner) => {
    if (inner.type === "CommandExpansion" && inner.script) {
      for (const { command } of inner.script.commands) if (command.type === "Command") asked.push(command);
      return false;
    }
    if (inner.type === "Word") text += ` ${withoutExpansion(inner.text)}`;
    if (inner.type === "TestBinary") text += ` ${inner.operator} `;
    return true;
  });
  const isEqual = /\s(?:=|==|-eq)(?:\s|$)/.test(text);
  const isOther = /\s(?:!=|-ne)(?:\s|$)/.test(text);
  if (isEqual !== isOther && isEqual === ends && /\b200\b/.test(text))
    for (const command of asked) search.awaited.set(command, "status");
}

/** The word without what commands put into it: from the first of them to where the last one ends. */
function withoutExpansion(word: string): string {
  const start = word.search(/\$\(|`/);
  const end = start < 0 ? -1 : word.lastIndexOf(word.startsWith("`", start) ? "`" : ")");
  return end > start ? word.slice(0, start) + word.slice(end + 1) : word;
}
