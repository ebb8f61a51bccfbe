import { isNeutral, nameOf } from "../commands.ts";
import type { Unit } from "../nested.ts";
import { type SyntaxNode, walk } from "../parse.ts";
import type { Context, Marking } from "./marking.ts";
import { isCallNode } from "./what-stays.ts";

/** `set -e` holds at a node, as far as the text shows: the last switch before it; in a function or loop any switch. */
export function errexitAt(marking: Marking, context: Context, node: SyntaxNode): boolean {
  let on = context.unit.errexit;
  for (
    let unit: Unit | undefined = context.unit;
    unit;
    unit = unit.parent?.via === "shell" ? undefined : unit.parent?.unit
  ) {
    const all = context.inFunction || context.inLoop || unit !== context.unit;
    for (const change of errexitSwitches(unit)) {
      if (change.trap && goesWhole(marking, change.trap)) continue;
      if (all) on ||= change.on;
      else if (change.pos < node.pos) on = change.on;
    }
  }
  return on;
}

/** A trap whose body is nothing but calls goes with them. */
export function goesWhole(marking: Marking, trap: SyntaxNode): boolean {
  const body = marking.found.nested.get(trap)?.script.commands ?? [];
  const goes = (node: SyntaxNode): boolean =>
    node.type === "AndOr"
      ? node.commands.every((member) => goes(member) || isNeutral(member))
      : isCallNode(marking, node);
  return body.length > 0 && body.every(({ command }) => goes(command));
}

interface Switch {
  pos: number;
  on: boolean;
  /** A trap on ERR, which runs where `set -e` would end the script. */
  trap?: SyntaxNode;
}

const switches = new WeakMap<Unit, Switch[]>();

/** Where a text turns `set -e` on and off; off counts only where it surely runs, as a statement of its own. */
function errexitSwitches(unit: Unit): Switch[] {
  const known = switches.get(unit);
  if (known) return known;
  const found: Switch[] = [];
  const own = new Set<SyntaxNode>(unit.script.commands.map((statement) => statement.command));
  walk(unit.script, (node) => {
    if (node.type === "Command" && nameOf(node) === "trap" && node.args.some((arg) => arg.text === "ERR"))
      found.push({ pos: node.pos, on: true, trap: node });
    if (node.type !== "Command" || nameOf(node) !== "set") return true;
    node.args.forEach((arg, i) => {
      const named = /^[-+]\w*o$/.test(arg.text) && node.args[i + 1]?.text === "errexit";
      const on = arg.text.startsWith("-");
      if ((named || /^[-+]\w*e/.test(arg.text)) && (on || own.has(node))) found.push({ pos: node.pos, on });
    });
    return true;
  });
  switches.set(unit, found);
  return found;
}
