import { isLeaver, isNeutral, isPrint, isTest, looksOnly, nameOf } from "../commands.ts";
import { type CompoundList, type SyntaxNode, walk } from "../parse.ts";
import { LOOKED, type Marking, MESSAGE } from "./marking.ts";

const IDLE = new Set([
  ...[
    "set",
    "shopt",
    "export",
    "readonly",
    "local",
    "declare",
    "typeset",
    "unset",
    "umask",
    "ulimit",
    "trap",
    "cd",
    "exit",
  ],
  ...["return", "true", "false", ":", "[", "test", "shift", "alias", "break", "continue"],
]);

/** What stays of a node is nothing but tests. */
export function restIsTest(marking: Marking, node: SyntaxNode): boolean {
  if (marking.marks.gone.has(node) || isCallNode(marking, node)) return true;
  if (node.type === "AndOr") return node.commands.every((command) => restIsTest(marking, command));
  if (node.type === "Pipeline")
    return node.commands.length === 1 && node.commands.every((command) => restIsTest(marking, command));
  return isTest(node);
}

/** Why calls that go with these nodes need a look: a message goes with them, or nothing but tests and other calls. */
export function whyLooked(marking: Marking, nodes: readonly SyntaxNode[]): string {
  let prints = false;
  for (const root of nodes) {
    walk(root, (node) => {
      prints ||= isPrint(node, marking.found.printers);
      return !prints;
    });
  }
  return prints ? MESSAGE : LOOKED;
}

export function isCallNode(marking: Marking, node: SyntaxNode): boolean {
  const call = marking.found.calls.get(node)?.call;
  if (call !== undefined) return marking.active.has(call);
  const answer = marking.found.answers.get(node);
  if (answer) return answer.calls.every((one) => marking.active.has(one));
  const use = marking.found.uses.get(node);
  if (use !== undefined) return marking.callers.has(use);
  const unit = marking.found.nested.get(node);
  if (unit) return unit.script.commands.every((s) => marking.marks.gone.has(s));
  return node.type === "BraceGroup" || node.type === "Subshell"
    ? node.body.commands.every((s) => marking.marks.gone.has(s))
    : false;
}

/** What stays of a node is no other work: leaving, `true`, `:`, tests and kept statuses. */
export function restIsNeutral(marking: Marking, node: SyntaxNode): boolean {
  if (marking.marks.gone.has(node) || isCallNode(marking, node)) return true;
  const list = (inner: CompoundList): boolean =>
    inner.commands.every((s) => marking.marks.gone.has(s) || restIsNeutral(marking, s.command));
  if (node.type === "AndOr" || node.type === "Pipeline")
    return node.commands.every((command) => restIsNeutral(marking, command));
  if (node.type === "BraceGroup" || node.type === "Subshell") return list(node.body);
  if (node.type === "Redirected") return restIsNeutral(marking, node.command);
  if (node.type === "Command" && !node.name) return node.redirects.length === 0 && looksOnly(node);
  return isLeaver(node) || isNeutral(node) || isTest(node);
}

/** A command that stays and does something: no setting, no assignment, no leaving. */
export function isWork(marking: Marking, statement: SyntaxNode): boolean {
  let work = false;
  walk(statement, (node) => {
    if (work || marking.marks.gone.has(node) || node.type === "Function") return false;
    if (node.type !== "Command") return true;
    if (isCallNode(marking, node)) return false;
    const unit = marking.found.nested.get(node);
    if (unit) {
      if (unit.parent?.via !== "trap") work ||= unit.script.commands.some((inner) => isWork(marking, inner));
      return false;
    }
    const name = nameOf(node);
    if (name !== undefined && IDLE.has(name)) return false;
    if (node.name || node.redirects.length > 0) work = true;
    return !work;
  });
  return work;
}
