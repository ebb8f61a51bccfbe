import { asksOutside, isLeaver, isNeutral, isPause, isPrint, isTest, looksOnly } from "../commands.ts";
import { assignedIn, holdsJump, leavesOnSuccess } from "../control-flow.ts";
import type { CompoundList, SyntaxNode } from "../parse.ts";
import type { Marking } from "./marking.ts";
import { isUsedOutside } from "./variable-readers.ts";

/** A loop with no other purpose than its calls: the rest prints, pauses, counts and gives up. */
export function isRetryLoop(
  marking: Marking,
  node: SyntaxNode,
  clause: CompoundList | undefined,
  body: CompoundList,
): boolean {
  return looksLikeRetryLoop(marking, node, clause, body) && !isCountUsed(marking, node);
}

/** What the loop sets is used once it is over. */
export function isCountUsed(marking: Marking, loop: SyntaxNode): boolean {
  return [...assignedIn(loop)].some((name) => isUsedOutside(marking, loop, name));
}

/** The same, whatever becomes of the variables that it sets. */
export function looksLikeRetryLoop(
  marking: Marking,
  node: SyntaxNode,
  clause: CompoundList | undefined,
  body: CompoundList,
): boolean {
  if (node.type === "For" && !(node.wordlist ?? []).every(looksOnly)) return false;
  if (node.type === "Select" || printsEachTime(marking, node, body)) return false;
  const statements = [...(clause?.commands ?? []), ...body.commands];
  if (!statements.every((statement) => isRetryPart(marking, statement.command))) return false;
  return statements.every(
    (statement) =>
      !leavesOnSuccess(statement.command, (part) => marking.activeIn(part).size > 0, marking.found.answers),
  );
}

/** A `for` loop that never ends early and prints beside its calls does so as often as its list says. */
function printsEachTime(marking: Marking, node: SyntaxNode, body: CompoundList): boolean {
  return (
    node.type !== "While" &&
    !holdsJump(body) &&
    body.commands.some((statement) => isPrint(statement.command, marking.found.printers))
  );
}

/** A call, or what may stand beside it in a loop that tries it again. */
function isRetryPart(marking: Marking, node: SyntaxNode): boolean {
  const part = (inner: SyntaxNode): boolean => isRetryPart(marking, inner);
  const list = (inner: CompoundList): boolean => inner.commands.every((s) => part(s.command));
  const active = marking.found.calls.get(node)?.call;
  if (active !== undefined) return marking.active.has(active);
  const answer = marking.found.answers.get(node);
  if (answer) return answer.calls.every((call) => marking.active.has(call));
  const use = marking.found.uses.get(node);
  if (use !== undefined && marking.callers.has(use)) return true;
  const unit = marking.found.nested.get(node);
  if (unit) return unit.parent?.via !== "trap" && unit.script.commands.every((s) => part(s.command));
  if (node.type === "AndOr") return node.commands.every(part);
  if (node.type === "Pipeline") return node.commands.length === 1 && node.commands.every(part);
  if (node.type === "BraceGroup" || node.type === "Subshell") return list(node.body);
  if (node.type === "Redirected") return part(node.command);
  if (node.type === "If") {
    const clauses = [node.clause, ...node.elif.map((elif) => elif.clause)];
    return (
      clauses.every(list) &&
      [node.then, ...node.elif.map((elif) => elif.then), ...(node.else ? [node.else] : [])].every(list)
    );
  }
  if (node.type === "While") return list(node.clause) && list(node.body);
  if (node.type === "For") return list(node.body);
  if (isTest(node)) return node.type !== "Command" && node.type !== "TestCommand" ? true : !asksOutside(node);
  return isLeaver(node) || isPause(node) || isPrint(node, marking.found.printers) || isNeutral(node);
}
