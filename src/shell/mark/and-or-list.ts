import { isHarmless, isLeaver, isNeutral, isPrint, isTest } from "../commands.ts";
import { holdsJump } from "../control-flow.ts";
import type { AndOr, SyntaxNode } from "../parse.ts";
import { errexitAt } from "./errexit.ts";
import { guardedCalls } from "./guarded-status.ts";
import { type Context, DECIDES, type Marking, NONE, NOTHING, type Result } from "./marking.ts";
import { readsStatus } from "./statement-list.ts";
import { whyLooked } from "./what-stays.ts";

interface Member {
  node: SyntaxNode;
  operator: string | undefined;
  result: Result;
}

interface Chain {
  none: string | undefined;
  /** Members that only run where a call fails. */
  dead: SyntaxNode[];
  picksMessage: boolean;
  /** The list succeeded because of the call where what is left fails. */
  masked: boolean;
  negated: boolean;
}

export function markAndOr(marking: Marking, node: AndOr, context: Context, condition: boolean): Result {
  const members = node.commands.map((command, i) => ({
    node: command,
    operator: node.operators[i - 1],
    result: marking.markNode(command, { ...context, last: context.last && i === node.commands.length - 1 }),
  }));
  checkGuards(marking, members);
  const calls = new Set(members.flatMap((member) => [...member.result.calls]));
  if (calls.size === 0) return NOTHING;
  if (!members.some((member) => member.result.gone)) {
    if (members.some((member, i) => member.result.tail.size > 0 && i < members.length - 1)) {
      marking.lower(calls, "review", "what follows tests the status that was its own");
      marking.unhide(members.slice(0, -1).flatMap((member) => [...member.result.tail]));
    }
    return {
      ...NOTHING,
      calls,
      tail: members.at(-1)?.result.tail ?? NONE,
      after: members.at(-1)?.result.after ?? NONE,
    };
  }
  const kept = members.filter((member) => !member.result.gone).map((member) => member.node);
  const { printers } = marking.found;
  const guards = kept.every((member) => isTest(member) || isNeutral(member));
  if (guards && !condition) return { ...NOTHING, gone: true, calls };
  const tested = members.some((member) => member.result.gone && member.result.tested);
  const harmless = kept.every((member) => isHarmless(member, printers));
  const chain = readChain(marking, members, context);
  if (harmless && (tested || chain.picksMessage) && !condition) {
    marking.lower(calls, "review", whyLooked(marking, kept));
    return { ...NOTHING, gone: true, calls };
  }
  if (kept.length === 0 || (guards && condition && chain.none === undefined)) {
    if (kept.length === 0) return { ...NOTHING, gone: true, calls, tested, negated: chain.negated };
  }
  if (tested && members.some((member) => marking.found.answers.has(member.node))) marking.lower(calls, "none", DECIDES);
  else if (tested) marking.lower(marking.ofKind(calls, false), "review", "its answer is looked at");
  if (chain.none) marking.lower(calls, "none", chain.none);
  checkMembersReadingStatus(marking, members);
  for (const dead of chain.dead) marking.marks.gone.add(dead);
  for (const member of members) if (member.result.gone) marking.marks.gone.add(member.node);
  if (chain.picksMessage) marking.lower(calls, "review", whyLooked(marking, chain.dead));
  const tail = checkTail(marking, node, members, context);
  const last = members.at(-1)?.result ?? NOTHING;
  if (!last.gone) return { ...NOTHING, calls, tail: chain.masked ? tail : last.tail, after: last.after };
  return chain.masked ? { ...NOTHING, calls, tail } : { ...NOTHING, calls, after: tail };
}

/** `{ [ -f x ] && call; } && main`: the test in the first part decides about what follows. */
function checkGuards(marking: Marking, members: readonly Member[]): void {
  for (const [i, { node }] of members.entries()) {
    const later = members.slice(i + 1);
    if (later.every((member) => member.result.gone || isNeutral(member.node))) break;
    marking.lower(guardedCalls(marking, node), "none", DECIDES);
  }
}

/** `call && exit $?` leaves with another status than the call's; anything else that reads it cannot stay. */
function checkMembersReadingStatus(marking: Marking, members: readonly Member[]): void {
  for (const [i, { node, result }] of members.entries()) {
    const before = members[i - 1]?.result;
    if (result.gone || !before?.gone || !readsStatus(marking, node)) continue;
    if (!isLeaver(node)) marking.lower(before.calls, "none", "its exit status is looked at");
    else for (const call of before.calls) marking.marks.statusOfScript.add(call);
  }
}

/**
 * Follows the list with every call succeeding: what then never runs must be a message or nothing,
 * and what runs must still run without the call.
 */
export function readChain(marking: Marking, members: readonly Member[], context: Context): Chain {
  const { printers } = marking.found;
  const chain: Chain = { none: undefined, dead: [], picksMessage: false, masked: false, negated: false };
  /** Value of what came so far, where it is nothing but calls. */
  let value: boolean | undefined;
  let kept: SyntaxNode[] = [];
  let afterCall = false;
  let pending = false;
  for (const { node, operator, result } of members) {
    const runs = operator === undefined || value === undefined || (operator === "&&") === value;
    if (result.gone) {
      const success = !result.negated;
      if (kept.length === 0) value = operator === undefined || runs ? success : value;
      else if ((operator === "||") === success) pending = true;
      afterCall = true;
      continue;
    }
    if (kept.length === 0 && !runs) {
      if (!isNeutral(node)) {
        if (isPrint(node, printers)) chain.picksMessage = true;
        else chain.none = DECIDES;
      }
      chain.dead.push(node);
      continue;
    }
    if (pending && !isNeutral(node)) {
      if (operator === "||" && isPrint(node, printers)) {
        chain.picksMessage = true;
        chain.dead.push(node);
        continue;
      }
      chain.none = "what follows it would run in other cases";
    }
    // Behind `call && echo ok`, an alternative runs only where the call fails.
    if (operator === "||" && value !== undefined && !isNeutral(node)) {
      if (kept.every((one) => isPrint(one, printers) || isNeutral(one))) {
        if (isPrint(node, printers)) chain.picksMessage = true;
        else chain.none = DECIDES;
      } else if (kept.some(isLeaver)) chain.none = DECIDES;
    } else if (operator === "||" && afterCall && kept.every(isTest) && isPrint(node, printers))
      chain.picksMessage = true;
    // `call && exit` ends the script where it stands last; before other statements the call decides about those.
    if (afterCall && (context.inLoop || (context.followed && kept.length === 0)) && holdsJump(node))
      chain.none = DECIDES;
    kept = [...kept, node];
    pending = false;
    if (chain.picksMessage && kept.length === 0) chain.none = DECIDES;
  }
  chain.masked = pending;
  chain.negated = value === false;
  return chain;
}

export function checkTail(
  marking: Marking,
  node: AndOr,
  members: readonly Member[],
  context: Context,
): ReadonlySet<number> {
  const lastKept = members.findLastIndex((member) => !marking.marks.gone.has(member.node));
  const tail = members.slice(lastKept + 1);
  const calls = new Set(tail.flatMap((member) => [...member.result.calls]));
  if (lastKept < 0 || calls.size === 0) return NONE;
  marking.lower(marking.ofKind(calls, true), "review", "it waits behind another command");
  if (!context.last && errexitAt(marking, context, node)) {
    marking.lower(calls, "review", "under `set -e` the command before it would end the script when it fails");
    marking.unhide(calls);
  }
  return calls;
}
