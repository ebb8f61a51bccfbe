import { isNeutral, looksOnly, nameOf } from "../commands.ts";
import { assignedIn } from "../control-flow.ts";
import { type CompoundList, type SyntaxNode, walk } from "../parse.ts";
import { type Context, type Marking, NOTHING, type Result } from "./marking.ts";
import { markList } from "./statement-list.ts";
import { isReadOutside } from "./variable-readers.ts";

export function markFunction(marking: Marking, name: string): void {
  if (marking.visited.has(name)) return;
  marking.visited.add(name);
  const definitions = marking.found.functions.get(name) ?? [];
  for (const definition of definitions) {
    walk(definition.body, (node) => {
      const used = marking.found.uses.get(node);
      if (used !== undefined && used !== name) markFunction(marking, used);
      return true;
    });
    const context: Context = {
      unit: marking.found.root,
      followed: false,
      last: false,
      inLoop: false,
      inFunction: true,
    };
    const body = definition.body.type === "Redirected" ? definition.body.command : definition.body;
    const list = body.type === "BraceGroup" || body.type === "Subshell" ? body.body : undefined;
    const result = list ? markList(marking, list.commands, context) : marking.markNode(body, context);
    const calls = marking.activeIn(definition.body);
    if (calls.size === 0) continue;
    const uses = [...marking.found.uses.values()].filter((used) => used === name).length;
    const alone =
      definitions.length === 1 && list !== undefined && !marking.found.mentioned.has(name) && restIsOwn(marking, list);
    if (alone) {
      unmark(marking, list);
      if (uses !== 1)
        marking.lower(
          calls,
          "review",
          uses === 0 ? "its function is never used here" : "its function is used from several places",
        );
      marking.callers.set(name, calls);
      continue;
    }
    marking.lower(calls, "review", "its function does more");
    marking.tails.set(name, result.tail);
    if (result.gone) {
      if (list) marking.marks.filled.add(list);
      else marking.lower(calls, "none", "nothing would be left of its function");
    }
  }
}

export function markDefinition(marking: Marking, name: string): Result {
  const calls = marking.callers.get(name);
  // A definition has no status and is no use: its calls are counted where it is used.
  return calls ? { ...NOTHING, gone: true } : NOTHING;
}

/** What stays of a function's body is nothing but `return`, `true` and variables of its own. */
export function restIsOwn(marking: Marking, list: CompoundList): boolean {
  return list.commands.every((statement) => {
    if (marking.marks.gone.has(statement)) return true;
    const { command } = statement;
    if (isNeutral(command) || isPlainReturn(command)) return true;
    if (command.type !== "Command" || !looksOnly(command)) return false;
    if (command.name && !/^(?:local|declare|typeset)$/.test(nameOf(command) ?? "")) return false;
    return !isReadOutside(marking, list, assignedIn(statement));
  });
}

/** `return` with the call's own status or success: any other one may be what the script waits for. */
function isPlainReturn(command: SyntaxNode): boolean {
  return (
    command.type === "Command" && nameOf(command) === "return" && /^(?:0|"?\$\?"?)?$/.test(command.args[0]?.text ?? "")
  );
}

/** Marks inside a construct that goes whole are moot. */
export function unmark(marking: Marking, root: SyntaxNode): void {
  walk(root, (node) => {
    marking.marks.gone.delete(node);
    if (node.type === "CompoundList") marking.marks.filled.delete(node);
    return true;
  });
}
