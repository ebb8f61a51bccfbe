import { unwrap } from "../command.ts";
import { isNeutral, nameOf } from "../commands.ts";
import { type Command, type CompoundList, type Script, type SyntaxNode, walk } from "../parse.ts";
import { asksAdminPage } from "../requests.ts";
import { namesRead } from "../variables.ts";
import type { Field } from "./readings.ts";
import type { Search } from "./search.ts";

const ERREXIT = /\bset\s+-\w*e|\berrexit\b/;

/**
 * Commands of the script itself on whose status nothing hangs: statements outside of loops, functions and conditions,
 * and the last member of a list. One that asks Envoy's admin port there reads a page (`curl … /server_info > info.json`)
 * and waits for nobody. Under `set -e` and in hooks every command is waited for.
 */
export function collectLookers(search: Search): void {
  const { root, options } = search.into;
  if (options.isHook || root.errexit || ERREXIT.test(root.text) || !root.text.includes(":15000")) return;
  const tested = namesTested(root.script);
  const list = (inner: Script | CompoundList): void => {
    for (const { command } of inner.commands) visit(command);
  };
  const visit = (node: SyntaxNode): void => {
    switch (node.type) {
      case "Command":
        search.lookers.add(node);
        if (!node.name && node.prefix.every((part) => part.type !== "Assignment" || !tested.has(part.name)))
          visitSubstitutions(node);
        return;
      case "Pipeline":
        for (const command of node.commands) visit(command);
        return;
      case "AndOr": {
        const last = node.commands.findLast((member) => !isNeutral(member));
        return last && visit(last);
      }
      case "BraceGroup":
      case "Subshell":
        return list(node.body);
      case "Redirected":
        return visit(node.command);
      case "If":
        for (const branch of [node.then, ...node.elif.map((elif) => elif.then), node.else]) if (branch) list(branch);
        return;
      case "Case":
        for (const item of node.items) list(item.body);
        return;
      default:
    }
  };
  const visitSubstitutions = (node: Command): void =>
    walk(node, (inner) => {
      if (inner.type !== "CommandExpansion") return true;
      if (inner.script) list(inner.script);
      return false;
    });
  list(root.script);
}

/** The command only reads a page of Envoy's admin port. */
export function readsPage(search: Search, node: Command, readings: readonly Field[][]): boolean {
  if (!search.lookers.has(node)) return false;
  return readings.every((reading) => {
    const argv = reading.map((field) => field.text);
    const { program, launchers } = unwrap(argv, search.options.wrappers);
    return launchers.length === 0 && asksAdminPage(argv.slice(program));
  });
}

/** Variables that a test, a `case` or a `grep` reads. */
function namesTested(script: Script): Set<string> {
  const names = new Set<string>();
  walk(script, (node) => {
    const isTest = node.type === "TestCommand" || /^(?:\[|test|grep)$/.test(nameOf(node) ?? "");
    const asked = node.type === "Case" ? node.word : isTest || node.type === "Pipeline" ? node : undefined;
    if (asked) for (const name of namesRead(asked)) names.add(name);
    return true;
  });
  return names;
}
