import { isFilter, nameOf } from "../commands.ts";
import type { Discovery } from "../discovery.ts";
import type { Unit } from "../nested.ts";
import { type Command, type CompoundList, type Pipeline, type Statement, type SyntaxNode, walk } from "../parse.ts";
import { markAndOr } from "./and-or-list.ts";
import { markAnswer } from "./answer.ts";
import { checkUnclaimed, findCompanions } from "./companions.ts";
import { markIf, statusOf } from "./condition.ts";
import { errexitAt, goesWhole } from "./errexit.ts";
import { markDefinition, markFunction } from "./function.ts";
import { addressesJobs } from "./job-control.ts";
import { markLoop } from "./loop.ts";
import { type Context, Marking, type Marks, NONE, NOTHING, type Result } from "./marking.ts";
import { markList } from "./statement-list.ts";
import { isWork, restIsNeutral } from "./what-stays.ts";
import { checkWrittenFiles } from "./written-file.ts";

/** Marks what goes with the `active` calls. Levels only fall; a caller repeats this with those left until none falls. */
export function mark(discovery: Discovery, active: ReadonlySet<number>): Marks {
  const marking = new Marking(discovery, active, { markNode, markStatement });
  const { root, functions } = discovery;
  findCompanions(marking);
  for (const name of functions.keys()) markFunction(marking, name);
  const context: Context = { unit: root, followed: false, last: true, inLoop: false, inFunction: false };
  const result = markList(marking, root.script.commands, context);
  checkUnclaimed(marking);
  for (const call of result.tail) marking.marks.statusOfScript.add(call);
  for (const call of result.after) marking.marks.statusOnSuccess.add(call);
  marking.marks.leavesWork = root.script.commands.some((statement) => isWork(marking, statement));
  return marking.marks;
}

export function markStatement(marking: Marking, statement: Statement, context: Context): Result {
  const companion = marking.companions.get(statement);
  if (companion) {
    marking.marks.gone.add(statement);
    return { ...NOTHING, gone: true, calls: companion };
  }
  const result = marking.markNode(statement.command, { ...context, last: context.last && !statement.background });
  if (result.gone) marking.marks.gone.add(statement);
  if (result.calls.size === 0) return result;
  checkBothOutputs(marking, statement, result, context);
  if (statement.background) {
    if (!result.gone) {
      if (!restIsNeutral(marking, statement.command))
        marking.lower(result.calls, "review", "it runs in a background job with other work");
    } else if (marking.found.root.text.includes("$!")) checkJobId(marking, statement, result.calls);
    if (result.gone && addressesJobs(marking))
      marking.lower(result.calls, "none", "the script addresses its background jobs");
  }
  if (result.gone && result.negated && !context.followed)
    marking.lower(result.calls, "none", "its answer is turned round");
  if (result.gone && result.tested)
    marking.lower(marking.ofKind(result.calls, false), "review", "its answer is looked at");
  return statement.background && !result.gone ? { ...result, tail: NONE, after: NONE } : result;
}

/** Shells that take `main &> file` for a job in the background and an empty redirection (POSIX sh, 2.9.1.3). */
const WITHOUT_BOTH_OUTPUTS = /^(?:sh|dash|ash)$/;
const BOTH_OUTPUTS = "`&>` is a redirection to bash, and to other shells the end of a background job";

/**
 * Behind `&>` such a shell runs another script than the one that was read: `call &> file` starts the call and goes on.
 * Where all of it goes, that makes no difference but to `$!`.
 */
function checkBothOutputs(marking: Marking, statement: Statement, result: Result, context: Context): void {
  if (!WITHOUT_BOTH_OUTPUTS.test(context.unit.shell ?? "") || !holdsBothOutputs(statement, result.gone)) return;
  if (!result.gone || marking.found.root.text.includes("$!")) marking.lower(result.calls, "review", BOTH_OUTPUTS);
}

/** @param whole also in the lists within; else only what the statement itself starts. */
function holdsBothOutputs(root: SyntaxNode, whole: boolean): boolean {
  let holds = false;
  walk(root, (node) => {
    if (!whole && node.type === "Statement" && node !== root) return false;
    holds ||= node.type === "Redirect" && /^&>/.test(node.operator);
    return !holds;
  });
  return holds;
}

export function checkJobId(marking: Marking, statement: Statement, calls: Set<number>): void {
  const { text } = marking.found.root;
  if (text.includes("$!", statement.end)) marking.lower(calls, "none", "the id of its background job is used");
}

export function markNode(marking: Marking, node: SyntaxNode, context: Context): Result {
  switch (node.type) {
    case "Command":
      return markCommand(marking, node, context);
    case "TestCommand":
      return markAnswer(marking, node);
    case "Pipeline":
      return markPipeline(marking, node, context);
    case "AndOr":
      return markAndOr(marking, node, context, false);
    case "If":
      return markIf(marking, node, context);
    case "While":
      return markLoop(marking, node, node.clause, node.body, context);
    case "For":
    case "ArithmeticFor":
    case "Select":
      return markLoop(marking, node, undefined, node.body, context);
    case "BraceGroup":
      return markList(marking, node.body.commands, context);
    case "Subshell":
      return markSubshell(marking, node, node.body, context);
    case "Redirected": {
      const result = marking.markNode(node.command, context);
      if (result.gone) checkWrittenFiles(marking, [node], result.calls);
      return result;
    }
    case "Case":
      return markCase(
        marking,
        node.items.map((item) => item.body),
        context,
      );
    case "Function":
      return markDefinition(marking, node.name.value);
    default:
      marking.lower(marking.activeIn(node), "none", "it stands in a construct that is not edited");
      return NOTHING;
  }
}

export function markCommand(marking: Marking, node: Command, context: Context): Result {
  const result = markPlainCommand(marking, node, context);
  if (result.gone) checkWrittenFiles(marking, [node], result.calls);
  if (!marking.found.replacing.has(node)) return result;
  if (result.gone && !context.last)
    marking.lower(result.calls, "none", "the script ends with it, and what follows would run in its place");
  else if (result.gone && keepsExitTrap(marking))
    marking.lower(result.calls, "none", "the script ends with it, and its trap would run in its place");
  for (const call of result.tail) marking.marks.statusOfScript.add(call);
  for (const call of result.after) marking.marks.statusOnSuccess.add(call);
  return result;
}

function markPlainCommand(marking: Marking, node: Command, context: Context): Result {
  for (const wrapper of marking.found.wrappers.get(node) ?? []) {
    if (marking.active.has(wrapper.call)) marking.marks.unwrapped.add(node);
  }
  const call = marking.found.calls.get(node);
  if (call)
    return marking.active.has(call.call)
      ? { ...NOTHING, gone: true, calls: new Set([call.call]), tested: call.tested }
      : NOTHING;
  const name = marking.found.uses.get(node);
  const calls = name === undefined ? undefined : marking.callers.get(name);
  if (calls) return { ...NOTHING, gone: true, calls };
  const status = name === undefined ? undefined : marking.tails.get(name);
  if (status) return { ...NOTHING, calls: new Set([...status.tail, ...status.after]), ...status };
  if (marking.found.answers.has(node)) return markAnswer(marking, node);
  const unit = marking.found.nested.get(node);
  return unit ? markNested(marking, node, unit, context) : NOTHING;
}

export function markNested(marking: Marking, node: Command, unit: Unit, context: Context): Result {
  const isTrap = unit.parent?.via === "trap";
  const last = isTrap ? true : context.last && unit.parent?.via === "eval";
  const result = markList(marking, unit.script.commands, {
    unit,
    followed: false,
    last: last || unit.parent?.via === "shell",
    inLoop: false,
    inFunction: context.inFunction,
  });
  if (result.calls.size === 0) return NOTHING;
  if (isTrap) marking.lower(marking.ofKind(result.calls, true), "review", "it waits in a trap");
  if (isTrap && result.gone && replacesTrap(marking, node))
    marking.lower(result.calls, "none", "an earlier trap for the same signal would hold in its place");
  const outside = unit.parent && { ...context, unit: unit.parent.unit };
  if (outside && !isTrap && !context.last && result.tail.size > 0 && errexitAt(marking, outside, node)) {
    marking.lower(result.tail, "review", "under `set -e` the status of what is left would end the script");
    marking.unhide(result.tail);
  }
  return isTrap ? { ...result, tail: NONE, after: NONE } : result;
}

/** `exec` leaves no shell behind that could run its trap on EXIT. */
function keepsExitTrap(marking: Marking): boolean {
  const { units } = marking.found;
  let keeps = false;
  for (const { script } of units) {
    walk(script, (node) => {
      if (node.type !== "Command" || nameOf(node) !== "trap") return !keeps;
      keeps ||= !goesWhole(marking, node) && node.args.slice(1).some((arg) => /^(?:EXIT|0)$/i.test(arg.text));
      return !keeps;
    });
  }
  return keeps;
}

/** A trap that stays was set before for a signal of this one. */
function replacesTrap(marking: Marking, node: Command): boolean {
  const signals = new Set(node.args.slice(1).map((arg) => arg.text));
  return [...marking.found.nested].some(
    ([other, unit]) =>
      other.type === "Command" &&
      unit.parent?.via === "trap" &&
      other.pos < node.pos &&
      other.args.slice(1).some((arg) => signals.has(arg.text)) &&
      !goesWhole(marking, other),
  );
}

export function markPipeline(marking: Marking, node: Pipeline, context: Context): Result {
  const negated = node.prefixes.filter((prefix) => prefix.type === "Negation").length % 2 === 1;
  const call = marking.found.calls.get(node);
  if (call) {
    return marking.active.has(call.call)
      ? { ...NOTHING, gone: true, calls: new Set([call.call]), tested: call.tested, negated }
      : NOTHING;
  }
  const [only, ...others] = node.commands;
  if (only && others.length === 0) {
    const result = marking.markNode(only, context);
    return { ...result, negated: result.negated !== negated };
  }
  const calls = new Set<number>();
  for (const command of node.commands) {
    const result = marking.markNode(command, { ...context, last: false });
    for (const one of result.calls) calls.add(one);
    if (result.gone && !node.commands.every((other) => other === command || isFilter(other))) {
      marking.lower(result.calls, "none", "another command works with its answer");
    } else if (result.calls.size > 0) {
      if (result.gone && node.commands[0] === command) {
        checkWrittenFiles(marking, node.commands, result.calls);
        return { ...result, negated };
      }
      marking.lower(result.calls, "review", "it runs in a pipeline with other work");
    }
  }
  return { ...NOTHING, calls };
}

/** `exit`, `exit $?`: in a subshell, what follows it looks at that status. */
function leavesWithStatus(body: CompoundList): boolean {
  let leaves = false;
  walk(body, (node) => {
    leaves ||= node.type === "Command" && nameOf(node) === "exit" && /^(?:"?\$\?"?)?$/.test(node.args[0]?.text ?? "");
    return !leaves;
  });
  return leaves;
}

export function markSubshell(marking: Marking, node: SyntaxNode, body: CompoundList, context: Context): Result {
  const result = markList(marking, body.commands, context);
  if (result.calls.size > 0 && !result.gone && !context.last && leavesWithStatus(body))
    marking.lower(marking.activeIn(body), "none", "its exit status is looked at");
  if (result.calls.size > 0 && !result.gone && !restIsNeutral(marking, node)) {
    marking.lower(marking.activeIn(body), "review", "it runs in a subshell with other work");
  }
  return result;
}

export function markCase(marking: Marking, bodies: readonly CompoundList[], context: Context): Result {
  const results = bodies.map((body) => markList(marking, body.commands, context));
  const calls = new Set(results.flatMap((result) => [...result.calls]));
  return { ...NOTHING, calls, ...statusOf(results.filter((result) => !result.empty)) };
}
