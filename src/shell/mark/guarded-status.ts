import { isNeutral, isTest } from "../commands.ts";
import type { AndOr, CompoundList, Statement, SyntaxNode } from "../parse.ts";
import type { Marking } from "./marking.ts";

/**
 * Calls behind a test (`[ -f x ] && call`) that may give a node its status: without them the node would no longer fail
 * where the test does.
 */
export function guardedCalls(marking: Marking, node: SyntaxNode, seen = new Set<string>()): Set<number> {
  return new Set(lastLists(marking, node, seen).flatMap((list) => [...marking.activeIn(list)]));
}

/** And-or lists of tests and calls that are the last to run in a node. */
function lastLists(marking: Marking, node: SyntaxNode, seen: Set<string>): AndOr[] {
  const inLast = (list: readonly Statement[]): AndOr[] => {
    const last = list.at(-1);
    return last && !last.background ? lastLists(marking, last.command, seen) : [];
  };
  const inBodies = (lists: readonly CompoundList[]): AndOr[] => lists.flatMap((list) => inLast(list.commands));
  switch (node.type) {
    case "AndOr": {
      const last = node.commands.at(-1);
      if (last === undefined || (node.operators.at(-1) === "||" && isNeutral(last))) return [];
      return node.commands.some((member) => isTest(member) && !isNeutral(member))
        ? [node]
        : lastLists(marking, last, seen);
    }
    case "Pipeline": {
      const [only, ...others] = node.commands;
      return only && others.length === 0 ? lastLists(marking, only, seen) : [];
    }
    case "Redirected":
      return lastLists(marking, node.command, seen);
    case "BraceGroup":
    case "Subshell":
      return inBodies([node.body]);
    case "If":
      return inBodies([node.then, ...node.elif.map((elif) => elif.then), ...(node.else ? [node.else] : [])]);
    case "Case":
      return inBodies(node.items.map((item) => item.body));
    case "Command": {
      const unit = marking.found.nested.get(node);
      if (unit) return unit.parent?.via === "trap" ? [] : inLast(unit.script.commands);
      const name = marking.found.uses.get(node);
      if (name === undefined || seen.has(name)) return [];
      seen.add(name);
      return (marking.found.functions.get(name) ?? []).flatMap(({ body }) => lastLists(marking, body, seen));
    }
    default:
      return [];
  }
}
