import { unwrap } from "../command.ts";
import { isPrint, nameOf } from "../commands.ts";
import type { Unit } from "../nested.ts";
import { type SyntaxNode, walk } from "../parse.ts";
import type { Search } from "./search.ts";

/** Functions of the script, which of them only print or run their arguments, and programs named like the proxy's. */
export function collectFunctions(search: Search, root: Unit): void {
  walk(root.script, (node) => {
    if (node.type === "Function") {
      const name = node.name.value;
      search.into.functions.set(name, [...(search.into.functions.get(name) ?? []), node]);
    }
    if (node.type === "Command") {
      const name = nameOf(node);
      if (name === "envoy" || name === "pilot-agent") search.addOwnProgram(name);
    }
    return true;
  });
  const { functions, printers } = search.into;
  for (const [name, [definition]] of functions) {
    if (!definition) continue;
    if (isPrint(definition.body, new Set())) printers.add(name);
    if (runsItsArguments(definition.body, root.text)) search.forwarders.add(name);
  }
}

/** `"$@"` or `$*` stands in it other than as arguments of a program that is named (`curl "$@"`, `echo "$*"`). */
function runsItsArguments(body: SyntaxNode, text: string): boolean {
  let mentions = text.slice(body.pos, body.end).match(/\$[@*]/g)?.length ?? 0;
  walk(body, (node) => {
    if (node.type !== "Command" || nameOf(node) === undefined || nameOf(node) === "eval") return true;
    const words = [node.name, ...node.args].map((word) => word?.text ?? "");
    const first = words.findIndex((word) => /\$[@*]/.test(word));
    if (first > 0 && unwrap(words.slice(0, first)).program < first)
      mentions -= words.join(" ").match(/\$[@*]/g)?.length ?? 0;
    return true;
  });
  return mentions > 0;
}

/** Functions named elsewhere than in their definition and uses. */
export function collectMentions(search: Search): void {
  const { functions, uses, units, mentioned, nested, printers } = search.into;
  if (functions.size === 0) return;
  const own = new Set([...functions.values()].flat().map((definition): SyntaxNode => definition.name));
  for (const node of uses.keys()) if (node.type === "Command" && node.name) own.add(node.name);
  for (const unit of units) {
    walk(unit.script, (node) => {
      if (node.type === "Command" && (nested.has(node) || isPrint(node, printers))) return false;
      if (node.type !== "Word" || own.has(node)) return true;
      for (const name of node.value.match(/[\w.-]+/g) ?? []) if (functions.has(name)) mentioned.add(name);
      return true;
    });
  }
}
