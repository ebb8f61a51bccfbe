import { isHarmless, isLeaver } from "../commands.ts";
import { assignedIn, isStatusKept, readsStatusFirst } from "../control-flow.ts";
import { type Statement, type SyntaxNode, walk } from "../parse.ts";
import type { Loop, Marking } from "./marking.ts";
import { isRetryLoop } from "./retry-loop.ts";
import { isReadByRest, readersToGo } from "./variable-readers.ts";
import { whyLooked } from "./what-stays.ts";

/** Statements that only look at an answer kept in a variable, or at `$?` of a call, go with it. */
export function findCompanions(marking: Marking): void {
  for (const [node, answer] of marking.found.answers) {
    const calls = new Set(answer.calls.filter((call) => marking.active.has(call)));
    if (calls.size === 0 || answer.captured === undefined || isInRetryLoop(marking, node)) continue;
    claimReaders(marking, answer.captured, node, calls);
  }
  for (const unit of marking.found.units) {
    walk(unit.script, (node) => {
      if (node.type === "Script" || node.type === "CompoundList") claimStatusReaders(marking, node.commands);
      return true;
    });
  }
}

export function isInRetryLoop(marking: Marking, node: SyntaxNode): boolean {
  marking.loops ??= loopsOfAnswers(marking);
  return (marking.loops.get(node) ?? []).some((loop) =>
    isRetryLoop(marking, loop, loop.type === "While" ? loop.clause : undefined, loop.body),
  );
}

export function loopsOfAnswers(marking: Marking): Map<SyntaxNode, Loop[]> {
  const loops = new Map<SyntaxNode, Loop[]>();
  const enter = (root: SyntaxNode, around: Loop[]): void =>
    walk(root, (node) => {
      if (marking.found.answers.has(node)) loops.set(node, around);
      if (node === root || (node.type !== "While" && node.type !== "For" && node.type !== "ArithmeticFor")) return true;
      enter(node, [...around, node]);
      return false;
    });
  for (const unit of marking.found.units) enter(unit.script, []);
  return loops;
}

export function claimReaders(marking: Marking, name: string, source: SyntaxNode, calls: Set<number>): void {
  const readers = readersToGo(marking, name, source);
  if (!readers) {
    marking.unclaimed.push({ name, source, calls });
    return;
  }
  if (readers.length > 0) marking.lower(calls, "review", whyLooked(marking, readers));
  for (const reader of readers) marking.companions.set(reader, calls);
}

/** Answers are used where something reads them that does not go with other calls. */
export function checkUnclaimed(marking: Marking): void {
  for (const { name, source, calls } of marking.unclaimed)
    if (isReadByRest(marking, source, name)) marking.lower(calls, "none", "what it answers is used");
}

export function claimStatusReaders(marking: Marking, list: readonly Statement[]): void {
  list.forEach((statement, i) => {
    const call = marking.found.calls.get(statement.command)?.call;
    const next = list[i + 1];
    if (call === undefined || !marking.active.has(call) || !next || !readsStatusFirst(next) || isLeaver(next.command))
      return;
    const calls = new Set([call]);
    if (isHarmless(next.command, marking.found.printers) && !next.background) {
      marking.lower(calls, "review", whyLooked(marking, [next]));
      marking.companions.set(next, calls);
    } else if (isStatusKept(next)) {
      for (const name of assignedIn(next)) {
        const readers = readersToGo(marking, name, next.command);
        if (!readers || marking.found.variables.assigned.get(name)?.length !== 1) continue;
        if (readers.length > 0) marking.lower(calls, "review", whyLooked(marking, readers));
        for (const reader of [next, ...readers]) marking.companions.set(reader, calls);
      }
    }
  });
}
