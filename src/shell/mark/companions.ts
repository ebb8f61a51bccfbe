import { isHarmless, isLeaver } from "../commands.ts";
import { assignedIn, isStatusKept, readsStatusFirst } from "../control-flow.ts";
import { type Statement, type SyntaxNode, walk } from "../parse.ts";
import { type Loop, type Marking, MESSAGE } from "./marking.ts";
import { isRetryLoop } from "./retry-loop.ts";
import { readersIn } from "./variable-readers.ts";

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
  const readers: Statement[] = [];
  const fits = marking.found.units.every((unit) => readersIn(marking, unit.script.commands, name, source, readers));
  if (!fits) return marking.lower(calls, "none", "what it answers is used");
  if (readers.length > 0) marking.lower(calls, "review", MESSAGE);
  for (const reader of readers) marking.companions.set(reader, calls);
}

export function claimStatusReaders(marking: Marking, list: readonly Statement[]): void {
  list.forEach((statement, i) => {
    const call = marking.found.calls.get(statement.command)?.call;
    const next = list[i + 1];
    if (call === undefined || !marking.active.has(call) || !next || !readsStatusFirst(next) || isLeaver(next.command))
      return;
    const calls = new Set([call]);
    if (isHarmless(next.command, marking.found.printers) && !next.background) {
      marking.lower(calls, "review", MESSAGE);
      marking.companions.set(next, calls);
    } else if (isStatusKept(next)) {
      for (const name of assignedIn(next)) {
        const readers: Statement[] = [];
        const fits = marking.found.units.every((unit) =>
          readersIn(marking, unit.script.commands, name, next.command, readers),
        );
        if (!fits || marking.found.variables.assigned.get(name)?.length !== 1) continue;
        if (readers.length > 0) marking.lower(calls, "review", MESSAGE);
        for (const reader of [next, ...readers]) marking.companions.set(reader, calls);
      }
    }
  });
}
