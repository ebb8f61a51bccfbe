import { isNeutral, looksOnly, nameOf } from "../commands.ts";
import { assignedIn } from "../control-flow.ts";
import { type CompoundList, type SyntaxNode, walk } from "../parse.ts";
import { type Context, type Marking, NOTHING, type Result } from "./marking.ts";
import { markList } from "./statement-list.ts";
import { isReadOutside } from "./variable-readers.ts";
import { checkWrittenFiles } from "./written-file.ts";

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
    if (definition.body.type === "Redirected") checkWrittenFiles(marking, [definition.body], calls);
    if (capturedFunctions(marking).has(name))
      marking.lower(calls, "none", "what its function prints is used by another command");
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
      if (definitions.some(({ pos }) => pos < marking.found.variables.sourced))
        marking.lower(calls, "review", "a file that the script reads in may define its function anew");
      marking.callers.set(name, calls);
      continue;
    }
    marking.lower(calls, "review", "its function does more");
    marking.tails.set(name, { tail: result.tail, after: result.after });
    if (result.gone) {
      if (list) marking.marks.filled.add(list);
      else marking.lower(calls, "none", "nothing would be left of its function");
    }
  }
}

/** Functions that run in a substitution (`"$(status)"`), themselves or through others: what they print is an answer. */
function capturedFunctions(marking: Marking): ReadonlySet<string> {
  if (marking.captured) return marking.captured;
  const { functions, units } = marking.found;
  const captured = new Set<string>();
  const gather = (root: SyntaxNode): void =>
    walk(root, (node) => {
      const name = nameOf(node);
      if (name === undefined || !functions.has(name) || captured.has(name)) return true;
      captured.add(name);
      for (const { body } of functions.get(name) ?? []) gather(body);
      return true;
    });
  for (const unit of functions.size === 0 ? [] : units) {
    walk(unit.script, (node) => {
      if ((node.type === "CommandExpansion" || node.type === "ProcessSubstitution") && node.script) gather(node.script);
      return true;
    });
  }
  marking.captured = captured;
  return captured;
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
