import { argWords, isFilter, isNeutral, isPrint, nameOf } from "../commands.ts";
import type { Answer } from "../discovery.ts";
import { rangeInRoot } from "../nested.ts";
import { type Script, type SyntaxNode, walk } from "../parse.ts";
import type { Search, Where } from "./search.ts";

/** Calls in command substitutions of a node that is no call itself. */
export function findAnswers(search: Search, node: SyntaxNode, where: Where): void {
  const calls: number[] = [];
  let only = true;
  walk(node, (inner) => {
    if ((inner.type !== "CommandExpansion" && inner.type !== "ProcessSubstitution") || !inner.script) return true;
    const unit = inner.script.source === undefined ? where.unit : { ...where.unit, text: inner.script.source };
    const before = search.into.found.length;
    const waits = new Set(search.waitOfLoop.values());
    search.descend(inner.script, { unit, loop: where.loop });
    const found = search.into.found.slice(before).map((_, i) => before + i);
    for (const statement of inner.script.commands) {
      walk(statement, (part) => {
        const call = search.into.calls.get(part)?.call;
        if (call !== undefined && waits.has(call) && !found.includes(call)) found.push(call);
        return true;
      });
    }
    if (found.length > 0 && !holdsOnlyCalls(search, inner.script)) only = false;
    if (inner.script.source !== undefined) {
      const place = rangeInRoot(where.unit, node.pos, node.end);
      for (const call of found) if (call >= before) Object.assign(search.into.found[call] ?? {}, place);
    }
    calls.push(...found);
    return false;
  });
  if (calls.length === 0) return;
  const answer = only ? answerOf(search, node, calls) : undefined;
  if (answer) search.into.answers.set(node, answer);
  else for (const call of calls) search.lower(call, "none", "another command works with its answer");
}

export function holdsOnlyCalls(search: Search, script: Script): boolean {
  const { calls, nested, answers, printers } = search.into;
  const only = (node: SyntaxNode): boolean => {
    if (calls.has(node) || answers.has(node) || isNeutral(node) || isPrint(node, printers)) return true;
    if (node.type === "AndOr") return node.commands.every(only);
    if (node.type === "Pipeline")
      return node.commands.some(only) && node.commands.every((part) => only(part) || isFilter(part));
    const unit = nested.get(node);
    return unit?.script.commands.every((statement) => only(statement.command)) ?? false;
  };
  return script.commands.every((statement) => only(statement.command));
}

export function answerOf(search: Search, node: SyntaxNode, calls: number[]): Answer | undefined {
  if (node.type === "TestCommand") return { calls, captured: undefined, use: "test" };
  if (node.type !== "Command") return undefined;
  const name = nameOf(node);
  if (name === "[" || name === "test") return { calls, captured: undefined, use: "test" };
  const declares = name === "export" || name === "local" || name === "declare" || name === "readonly";
  if ((!node.name || declares) && node.redirects.length === 0) {
    const assignments = [...node.prefix, ...node.args].filter((part) => part.type === "Assignment");
    const [assignment] = assignments;
    if (assignments.length !== 1 || !assignment || argWords(node).some((word) => !word.text.startsWith("-")))
      return undefined;
    return { calls, captured: assignment.name, use: "capture" };
  }
  return name &&
    (search.into.printers.has(name) || /^(?:echo|printf|logger)$/.test(name)) &&
    node.redirects.every((r) => r.type === "Redirect" && /^(?:\/dev\/null|[0-9])$/.test(r.target?.value ?? ""))
    ? { calls, captured: undefined, use: "print" }
    : undefined;
}
