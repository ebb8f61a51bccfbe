import { isHarmless } from "../commands.ts";
import { bodiesOf } from "../control-flow.ts";
import { type Statement, type SyntaxNode, walk } from "../parse.ts";
import { namesRead } from "../variables.ts";
import type { Marking } from "./marking.ts";

export function isReadOutside(marking: Marking, node: SyntaxNode, names: ReadonlySet<string>): boolean {
  if (names.size === 0) return false;
  for (const unit of marking.found.units) {
    const outside = new Set<string>();
    const skip = new Set<SyntaxNode>([node]);
    walk(unit.script, (inner) => {
      if (skip.has(inner)) return false;
      if (inner.type === "SimpleExpansion") outside.add(inner.text.slice(1));
      else if (inner.type === "ParameterExpansion") outside.add(inner.parameter);
      else if (inner.type === "ArithmeticWord") outside.add(inner.value.replace("$", ""));
      return true;
    });
    if ([...names].some((name) => outside.has(name))) return true;
  }
  return false;
}

/** Names set in a loop are read outside of it by messages only, and have a value without it. */
export function isReadHarmlessly(marking: Marking, node: SyntaxNode, names: ReadonlySet<string>): boolean {
  const { units, root } = marking.found;
  for (const name of names) {
    if (!isReadOutside(marking, node, new Set([name]))) continue;
    if (/\bset\s+-\w*u|nounset/.test(root.text)) return false;
    if (!units.every((unit) => readersIn(marking, unit.script.commands, name, node, []))) return false;
  }
  return true;
}

/** Gathers the statements that read a name; false where one does more than print. */
export function readersIn(
  marking: Marking,
  list: readonly Statement[],
  name: string,
  source: SyntaxNode,
  readers: Statement[],
): boolean {
  const { printers } = marking.found;
  return list.every((statement) => {
    const { command } = statement;
    if (command === source || !namesRead(statement).has(name)) return true;
    if (!statement.background && isHarmless(command, printers)) {
      readers.push(statement);
      return true;
    }
    const inner = bodiesOf(command);
    return inner?.every((body) => readersIn(marking, body.commands, name, source, readers)) ?? false;
  });
}
