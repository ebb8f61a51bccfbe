import { isLeaver, nameOf } from "../commands.ts";
import { assignedIn, bodiesOf, firstCommands, firstReadsStatus, isStatusKept } from "../control-flow.ts";
import { type Statement, type SyntaxNode, walk } from "../parse.ts";
import { namesRead } from "../variables.ts";
import { errexitAt } from "./errexit.ts";
import { guardedCalls } from "./guarded-status.ts";
import { type Context, type Marking, NOTHING, type Result } from "./marking.ts";

/** Marks a list; what its last statement answers is what the list answers. */
export function markList(marking: Marking, list: readonly Statement[], context: Context): Result & { empty: boolean } {
  const results = markBackwards(marking, list, context);
  const calls = new Set(results.flatMap((result) => [...result.calls]));
  let pending = new Set<number>();
  let after = new Set<number>();
  for (const [i, statement] of list.entries()) {
    const result = results[i] ?? NOTHING;
    const before = list[i - 1];
    if (!result.gone && before && !results[i - 1]?.gone) checkGuardedStatus(marking, before, statement);
    if (i < list.length - 1) checkGuardedEnd(marking, statement, context);
    if (pending.size > 0 && !result.gone) checkStatusRead(marking, statement, pending);
    // `main && call; exit $?`, `main && call; rc=$?`
    const passesOn = isLeaver(statement.command) || isStatusKept(statement);
    if (!result.gone && passesOn && readsStatus(marking, statement.command))
      for (const call of after) marking.marks.statusOnSuccess.add(call);
    if (!result.gone) after = new Set(result.after);
    pending = result.gone ? new Set([...pending, ...result.calls]) : new Set(result.tail);
  }
  const empty = list.length > 0 && list.every((statement) => marking.marks.gone.has(statement));
  const last = results.at(-1) ?? NOTHING;
  return { gone: empty, empty, calls, tested: last.tested, negated: last.negated, tail: pending, after };
}

/** From the last statement on: what follows and goes does not count as following. */
export function markBackwards(marking: Marking, list: readonly Statement[], context: Context): Result[] {
  const results: Result[] = [];
  let followed = false;
  for (const statement of [...list].reverse()) {
    const result = marking.markStatement(statement, { ...context, last: context.last && !followed, followed });
    results.push(result);
    followed ||= !result.gone;
  }
  return results.reverse();
}

/** `$?` behind a call is the call's. Only passing it on may stay. */
export function checkStatusRead(marking: Marking, next: Statement, calls: Set<number>): void {
  if (marking.companions.has(next) || !readsStatus(marking, next.command)) return;
  const plain = !holdsSubstitution(next.command);
  if (isLeaver(next.command) && plain) {
    // `call; exit $?`: from now on the status of what comes before the call.
    for (const call of calls) marking.marks.statusOfScript.add(call);
    return;
  }
  if (isStatusKept(next) && plain && !isReadLater(marking, next)) return;
  marking.lower(calls, "none", "its exit status is looked at");
}

/** `case … in a) [ -f x ] && call ;; esac; work $?` */
function checkGuardedStatus(marking: Marking, before: Statement, next: Statement): void {
  if (before.background || !readsStatus(marking, next.command)) return;
  const calls = guardedCalls(marking, before.command);
  if (calls.size > 0) checkStatusRead(marking, next, calls);
}

/**
 * `set -e; f() { [ -f x ] && call; }; f; main`: a function, a script or a subshell that fails ends the script, which the
 * test by itself does not.
 */
function checkGuardedEnd(marking: Marking, { command, background }: Statement, context: Context): void {
  if (background || !isUnit(marking, command) || !errexitAt(marking, context, command)) return;
  marking.lower(guardedCalls(marking, command), "review", "where the test before it fails, the script ends there now");
}

function isUnit(marking: Marking, node: SyntaxNode): boolean {
  if (node.type === "Redirected") return isUnit(marking, node.command);
  return node.type === "Subshell" || marking.found.uses.has(node) || marking.found.nested.has(node);
}

/** Also through a function of the script that starts with `$?`, and through one in a substitution (`x=$(report)`). */
export function readsStatus(marking: Marking, next: SyntaxNode, seen = new Set<string>()): boolean {
  if (firstReadsStatus(next)) return true;
  const names = firstCommands(next).flatMap((first) => functionsIn(marking, first));
  return names.some((name) => {
    if (seen.has(name)) return false;
    seen.add(name);
    const definitions = marking.found.functions.get(name) ?? [];
    const bodies = definitions.flatMap(({ body }) => bodiesOf(body.type === "Redirected" ? body.command : body) ?? []);
    return bodies.some(({ commands: [first] }) => first !== undefined && readsStatus(marking, first.command, seen));
  });
}

/** Functions that a command runs: itself, or in what is substituted into it. */
function functionsIn({ found }: Marking, command: SyntaxNode): string[] {
  const names: string[] = [];
  walk(command, (node) => {
    const name = nameOf(node);
    if (name !== undefined && found.functions.has(name)) names.push(name);
    return true;
  });
  return names;
}

function holdsSubstitution(command: SyntaxNode): boolean {
  let holds = false;
  walk(command, (node) => {
    holds ||= node.type === "CommandExpansion" || node.type === "ProcessSubstitution";
    return !holds;
  });
  return holds;
}

export function isReadLater(marking: Marking, statement: Statement): boolean {
  const names = assignedIn(statement);
  return marking.found.units.some((unit) => [...namesRead(unit.script)].some((name) => names.has(name)));
}
