import { isLeaver } from "../commands.ts";
import { assignedIn, bodiesOf, firstCommands, isStatusKept, readsStatusFirst } from "../control-flow.ts";
import type { Statement } from "../parse.ts";
import { namesRead } from "../variables.ts";
import { type Context, type Marking, NOTHING, type Result } from "./marking.ts";

/** Marks a list; what its last statement answers is what the list answers. */
export function markList(marking: Marking, list: readonly Statement[], context: Context): Result & { empty: boolean } {
  const results = markBackwards(marking, list, context);
  const calls = new Set(results.flatMap((result) => [...result.calls]));
  let pending = new Set<number>();
  for (const [i, statement] of list.entries()) {
    const result = results[i] ?? NOTHING;
    if (pending.size > 0 && !result.gone) checkStatusRead(marking, statement, pending);
    pending = result.gone ? new Set([...pending, ...result.calls]) : new Set(result.tail);
  }
  const empty = list.length > 0 && list.every((statement) => marking.marks.gone.has(statement));
  const last = results.at(-1) ?? NOTHING;
  return { gone: empty, empty, calls, tested: last.tested, negated: last.negated, tail: pending };
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
  if (marking.companions.has(next) || !readsStatus(marking, next)) return;
  if (isLeaver(next.command)) {
    // `call; exit $?`: from now on the status of what comes before the call.
    for (const call of calls) marking.marks.statusOfScript.add(call);
    return;
  }
  if (isStatusKept(next) && !isReadLater(marking, next)) return;
  marking.lower(calls, "none", "its exit status is looked at");
}

/** Also through a function of the script that starts with `$?`. */
export function readsStatus(marking: Marking, next: Statement): boolean {
  if (readsStatusFirst(next)) return true;
  const names = firstCommands(next.command).map((first) => marking.found.uses.get(first));
  const definitions = names.flatMap((name) => (name === undefined ? [] : (marking.found.functions.get(name) ?? [])));
  const bodies = definitions.flatMap(({ body }) => bodiesOf(body.type === "Redirected" ? body.command : body) ?? []);
  return bodies.some((body) => body.commands[0] !== undefined && readsStatusFirst(body.commands[0]));
}

export function isReadLater(marking: Marking, statement: Statement): boolean {
  const names = assignedIn(statement);
  return marking.found.units.some((unit) => [...namesRead(unit.script)].some((name) => names.has(name)));
}
