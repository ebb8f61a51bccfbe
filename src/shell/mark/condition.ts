import { isHarmless, isTest } from "../commands.ts";
import type { CompoundList, If } from "../parse.ts";
import { markAndOr } from "./and-or-list.ts";
import { guardedCalls } from "./guarded-status.ts";
import { type Context, DECIDES, type Marking, NOTHING, type Result } from "./marking.ts";
import { markList } from "./statement-list.ts";
import { restIsTest, whyLooked } from "./what-stays.ts";

export function markCondition(marking: Marking, list: CompoundList, context: Context): Result {
  const before = list.commands.slice(0, -1);
  const last = list.commands.at(-1);
  if (!last) return NOTHING;
  const head = markList(marking, before, { ...context, last: false });
  const inner = { ...context, last: true };
  const negatedAndOr = last.command.type === "AndOr";
  const result =
    negatedAndOr && last.command.type === "AndOr"
      ? markAndOr(marking, last.command, inner, true)
      : marking.markNode(last.command, inner);
  if (!negatedAndOr && !result.gone) marking.lower(guardedCalls(marking, last.command), "none", DECIDES);
  const calls = new Set([...head.calls, ...result.calls]);
  if (head.calls.size > 0 && before.length > 0 && result.gone && !head.empty) return { ...result, gone: false, calls };
  return { ...result, gone: result.gone && (before.length === 0 || head.empty), calls };
}

export function markIf(marking: Marking, node: If, context: Context): Result {
  const { printers } = marking.found;
  const branches = [node.then, ...node.elif.map((elif) => elif.then), ...(node.else ? [node.else] : [])];
  const conditions = node.elif.map((elif) => elif.clause);
  const condition = markCondition(marking, node.clause, context);
  const results = branches.map((branch) => markList(marking, branch.commands, context));
  for (const clause of conditions) marking.lower(marking.activeIn(clause), "none", DECIDES);
  const calls = new Set([condition, ...results].flatMap((result) => [...result.calls]));
  if (condition.calls.size > 0) {
    const restOfCondition = node.clause.commands.every((s) => restIsTest(marking, s.command));
    const restHarmless = (list: CompoundList): boolean =>
      list.commands.every((s) => marking.marks.gone.has(s) || (!s.background && isHarmless(s.command, printers)));
    if (
      restOfCondition &&
      branches.every(restHarmless) &&
      conditions.every((clause) => clause.commands.every((s) => isTest(s.command)))
    ) {
      marking.lower(calls, "review", whyLooked(marking, branches));
      return { ...NOTHING, gone: true, calls };
    }
    if (restOfCondition) marking.lower(condition.calls, "none", DECIDES);
    else marking.lower(condition.calls, "review", "its answer is part of a condition");
    return { ...NOTHING, calls, ...statusOf(results) };
  }
  if (calls.size === 0) return NOTHING;
  const clauses = [node.clause, ...conditions];
  const pure = clauses.every((clause) => clause.commands.every((s) => isTest(s.command)));
  if (pure && results.every((result) => result.empty)) return { ...NOTHING, gone: true, calls };
  fillBranches(
    marking,
    node,
    results.map((result) => result.empty),
  );
  return { ...NOTHING, calls, ...statusOf(results.filter((result) => !result.empty)) };
}

/** `else` and last elifs without work go; another empty branch keeps its place with `:`. */
export function fillBranches(marking: Marking, node: If, empty: readonly boolean[]): void {
  let trailing = true;
  if (node.else) {
    if (empty.at(-1)) marking.marks.gone.add(node.else);
    else trailing = false;
  }
  for (const [i, elif] of [...node.elif.entries()].reverse()) {
    if (!empty[i + 1]) trailing = false;
    else if (trailing && elif.clause.commands.every((s) => isTest(s.command))) marking.marks.gone.add(elif);
    else {
      marking.marks.filled.add(elif.then);
      trailing = false;
    }
  }
  if (empty[0]) marking.marks.filled.add(node.then);
}

/** Calls whose status is that of a construct that ends with one of these results. */
export function statusOf(results: readonly Result[]): Pick<Result, "tail" | "after"> {
  return {
    tail: new Set(results.flatMap((result) => [...result.tail])),
    after: new Set(results.flatMap((result) => [...result.after])),
  };
}
