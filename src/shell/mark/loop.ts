import { isNeutral, isPause, isTest, looksOnly } from "../commands.ts";
import { assignedIn, endsOnSuccess, holdsJump } from "../control-flow.ts";
import { type CompoundList, type SyntaxNode, type While, walk } from "../parse.ts";
import { namesRead } from "../variables.ts";
import { markCondition } from "./condition.ts";
import { type Context, DECIDES, type Marking, NOTHING, type Result } from "./marking.ts";
import { isCountUsed, isRetryLoop, looksLikeRetryLoop } from "./retry-loop.ts";
import { checkStatusRead, markList } from "./statement-list.ts";
import { isReadHarmlessly } from "./variable-readers.ts";
import { isCallNode, restIsTest } from "./what-stays.ts";

const COUNTED = "what the loop sets is used later";

export function markLoop(
  marking: Marking,
  node: SyntaxNode,
  clause: CompoundList | undefined,
  body: CompoundList,
  context: Context,
): Result {
  const calls = marking.activeIn(node);
  if (calls.size === 0) return NOTHING;
  marking.lower(leavingCalls(marking, node), "none", "the script ends with it");
  const result = markWholeOrParts(marking, node, clause, body, context, calls);
  if (!result.gone && looksLikeRetryLoop(marking, node, clause, body) && isCountUsed(marking, node))
    marking.explain(calls, COUNTED);
  return result;
}

function markWholeOrParts(
  marking: Marking,
  node: SyntaxNode,
  clause: CompoundList | undefined,
  body: CompoundList,
  context: Context,
  calls: Set<number>,
): Result {
  const inner = { ...context, last: false, inLoop: true };
  const inClause = clause ? marking.activeIn(clause) : new Set<number>();
  if (isRetryLoop(marking, node, clause, body)) return markRetryLoop(marking, node, body, calls, inClause);
  if (clause && inClause.size > 0) return markLoopCondition(marking, node, clause, body, inner, calls);
  const result = markList(marking, body.commands, inner);
  const next = clause?.commands[0] ?? body.commands[0];
  if (result.tail.size > 0 && !result.empty && next) checkStatusRead(marking, next, new Set(result.tail));
  if (!result.empty) return { ...NOTHING, calls, tail: result.tail, after: result.after };
  const pure = clause
    ? clause.commands.every((s) => isTest(s.command))
    : node.type !== "Select" && (node.type !== "For" || (node.wordlist ?? []).every(looksOnly));
  if (clause) marking.lower(calls, "review", "a loop repeats it");
  if (pure) return { ...NOTHING, gone: true, calls };
  marking.marks.filled.add(body);
  return { ...NOTHING, calls };
}

/** Calls in a loop that take the shell's place (`exec curl …`). */
function leavingCalls(marking: Marking, loop: SyntaxNode): number[] {
  const calls: number[] = [];
  walk(loop, (node) => {
    if (marking.found.replacing.has(node)) calls.push(...marking.activeIn(node));
    return true;
  });
  return calls;
}

export function markRetryLoop(
  marking: Marking,
  node: SyntaxNode,
  body: CompoundList,
  calls: Set<number>,
  inClause: Set<number>,
): Result {
  const quits = marking.ofKind(calls, false);
  const plain =
    node.type === "For" && inClause.size === 0 && body.commands.every((s) => isOnlyCalls(marking, s.command));
  if (!plain) marking.lower(quits, "review", "a loop tries it again, and goes with it");
  if (node.type === "While" && !endsWhenReady(marking, node, inClause.size > 0)) {
    marking.lower(calls, "review", "the loop does not end with the proxy being ready");
  }
  return { ...NOTHING, gone: true, calls };
}

/** The loop ends once its call succeeds, as far as its form tells: one that goes on with a ready proxy watches it. */
export function endsWhenReady(marking: Marking, node: While, called: boolean): boolean {
  if (!called) return holdsJump(node.body, /^break$/) || asksForMoreThanCount(node);
  const last = node.clause.commands.at(-1)?.command;
  const asks = last?.type === "AndOr" ? last.commands.find((member) => marking.activeIn(member).size > 0) : last;
  if (!asks || marking.found.answers.has(asks)) return true;
  const negated = asks.type === "Pipeline" && asks.prefixes.some((prefix) => prefix.type === "Negation");
  return endsOnSuccess(node, negated);
}

/** The condition reads what the body sets from more than its own count: an answer, a status, a mark of success. */
function asksForMoreThanCount(node: While): boolean {
  if (node.clause.commands.every((s) => isNeutral(s.command) || isPause(s.command))) return false;
  const read = namesRead(node.clause);
  let asks = false;
  walk(node.body, (inner) => {
    if (inner.type === "Assignment" && read.has(inner.name))
      asks ||= inner.value?.type !== "Word" || !/^\$\(\(|^[`$(]+expr /.test(inner.value.text);
    return !asks;
  });
  return asks;
}

/** Nothing but calls and waits, tried once. */
export function isOnlyCalls(marking: Marking, node: SyntaxNode): boolean {
  const list = (inner: CompoundList | undefined): boolean =>
    inner?.commands.every((s) => isOnlyCalls(marking, s.command)) ?? true;
  switch (node.type) {
    case "AndOr":
      return node.commands.every((member) => isOnlyCalls(marking, member) || isNeutral(member) || isTest(member));
    case "BraceGroup":
    case "Subshell":
      return list(node.body);
    case "Redirected":
      return isOnlyCalls(marking, node.command);
    case "If":
      return (
        [node.clause, ...node.elif.map((elif) => elif.clause)].every((clause) =>
          clause.commands.every((s) => isTest(s.command)),
        ) && [node.then, ...node.elif.map((elif) => elif.then), node.else].every(list)
      );
    case "While":
    case "For": {
      const waits = marking.ofKind(marking.activeIn(node), false).length === 0;
      return (
        (waits || node.type === "For") &&
        isRetryLoop(marking, node, node.type === "While" ? node.clause : undefined, node.body) &&
        (waits || list(node.body))
      );
    }
    default:
      return isCallNode(marking, node) && marking.activeIn(node).size > 0;
  }
}

export function markLoopCondition(
  marking: Marking,
  node: SyntaxNode,
  clause: CompoundList,
  body: CompoundList,
  inner: Context,
  calls: Set<number>,
): Result {
  const condition = markCondition(marking, clause, inner);
  const result = markList(marking, body.commands, inner);
  const rest = clause.commands.every((s) => restIsTest(marking, s.command));
  if (!rest) {
    marking.lower(condition.calls, "review", "the loop waits for something else too");
    if (result.empty) marking.marks.filled.add(body);
    return { ...NOTHING, calls };
  }
  // The body runs only while the call fails, so with a proxy that is ready it never does.
  const until = node.type === "While" && endsOnSuccess(node, condition.negated);
  if (until && marking.ofKind(calls, false).length === 0) {
    marking.lower(calls, "review", "the loop does more than wait");
    if (!isReadHarmlessly(marking, node, assignedIn(node))) marking.lower(calls, "none", COUNTED);
    return { ...NOTHING, gone: true, calls };
  }
  marking.lower(calls, "none", DECIDES);
  return { ...NOTHING, calls };
}
