import {
  asksOutside,
  isFilter,
  isHarmless,
  isLeaver,
  isNeutral,
  isPause,
  isPrint,
  isTest,
  looksOnly,
  nameOf,
} from "./commands.ts";
import {
  assignedIn,
  bodiesOf,
  endsOnSuccess,
  firstCommands,
  holdsJump,
  isStatusKept,
  leavesOnSuccess,
  readsStatusFirst,
} from "./control-flow.ts";
import { type Discovery, type Level, rank } from "./discovery.ts";
import type { Unit } from "./nested.ts";
import {
  type AndOr,
  type Command,
  type CompoundList,
  type If,
  type Pipeline,
  type Statement,
  type SyntaxNode,
  type While,
  walk,
} from "./parse.ts";
import { namesRead } from "./variables.ts";

/** What goes of a script when a set of calls goes, and what that does to each call's level. */
export interface Marks {
  /** Statements, and-or members, `else` lists and elifs that go. */
  gone: Set<SyntaxNode>;
  /** Lists that would be empty where the shell wants a command: `:` takes their place. */
  filled: Set<CompoundList>;
  /** Wrapper words that go, by the command they stand in. */
  unwrapped: Set<SyntaxNode>;
  levels: Map<number, { level: Level; reason: string | undefined }>;
  /** Calls whose own exit status was the script's. */
  statusOfScript: Set<number>;
  /** A command that does something stays. */
  leavesWork: boolean;
}

interface Context {
  unit: Unit;
  /** More statements follow in the same list. */
  followed: boolean;
  /** The statement is the last one that runs: its status is that of the unit. */
  last: boolean;
  inLoop: boolean;
  inFunction: boolean;
}

interface Result {
  gone: boolean;
  calls: Set<number>;
  /** The call's answer is looked at by what goes with it: a filter, a test. */
  tested: boolean;
  /** With `!`: a call that succeeds makes this false. */
  negated: boolean;
  /** Calls whose status was that of the node, where what stays has another one. */
  tail: ReadonlySet<number>;
}

const NONE: ReadonlySet<number> = new Set();
const NOTHING: Result = { gone: false, calls: new Set(), tested: false, negated: false, tail: NONE };
const DECIDES = "its answer decides how the script goes on";
const MESSAGE = "its answer picks a message, which goes with it";

/** Marks what goes with the `active` calls. Levels only fall; a caller repeats this with those left until none falls. */
export function mark(discovery: Discovery, active: ReadonlySet<number>): Marks {
  return new Marker(discovery, active).run();
}

/** State of one marking. */
class Marker {
  private readonly found: Discovery;
  private readonly active: ReadonlySet<number>;
  private readonly marks: Marks = {
    gone: new Set(),
    filled: new Set(),
    unwrapped: new Set(),
    levels: new Map(),
    statusOfScript: new Set(),
    leavesWork: false,
  };
  /** Functions that do nothing but call; their uses are calls. */
  private readonly callers = new Map<string, Set<number>>();
  /** Statements that go with a call because they only look at its answer. */
  private readonly companions = new Map<Statement, Set<number>>();
  private readonly visited = new Map<string, boolean>();
  /** Loops around each answer, outermost first. */
  private loops: Map<SyntaxNode, Loop[]> | undefined;

  constructor(found: Discovery, active: ReadonlySet<number>) {
    this.found = found;
    this.active = active;
    for (const call of active) {
      const { most, reason } = found.found[call] ?? { most: "none", reason: undefined };
      this.marks.levels.set(call, { level: most, reason });
    }
  }

  run(): Marks {
    const { root, functions } = this.found;
    this.findCompanions();
    for (const name of functions.keys()) this.markFunction(name);
    const result = this.markList(root.script.commands, {
      unit: root,
      followed: false,
      last: true,
      inLoop: false,
      inFunction: false,
    });
    for (const call of result.tail) this.marks.statusOfScript.add(call);
    this.marks.leavesWork = root.script.commands.some((statement) => this.isWork(statement));
    return this.marks;
  }

  private lower(calls: Iterable<number>, level: Level, reason: string): void {
    for (const call of calls) {
      const now = this.marks.levels.get(call);
      if (now && rank(level) > rank(now.level)) Object.assign(now, { level, reason });
    }
  }

  private ofKind(calls: Iterable<number>, wait: boolean): number[] {
    return [...calls].filter((call) => (this.found.found[call]?.kind === "wait") === wait);
  }

  private activeIn(node: SyntaxNode): Set<number> {
    const calls = new Set<number>();
    walk(node, (inner) => {
      const call = this.found.calls.get(inner)?.call;
      if (call !== undefined) calls.add(call);
      for (const one of this.found.answers.get(inner)?.calls ?? []) calls.add(one);
      const name = this.found.uses.get(inner);
      for (const one of (name === undefined ? undefined : this.callers.get(name)) ?? []) calls.add(one);
      const unit = this.found.nested.get(inner);
      if (unit) for (const one of this.activeIn(unit.script)) calls.add(one);
      return true;
    });
    return new Set([...calls].filter((call) => this.active.has(call)));
  }

  // Lists and statements

  private markList(list: readonly Statement[], context: Context): Result & { empty: boolean } {
    const results = this.markBackwards(list, context);
    const calls = new Set(results.flatMap((result) => [...result.calls]));
    let pending = new Set<number>();
    for (const [i, statement] of list.entries()) {
      const result = results[i] ?? NOTHING;
      if (pending.size > 0 && !result.gone) this.checkStatusRead(statement, pending);
      pending = result.gone ? new Set([...pending, ...result.calls]) : new Set(result.tail);
    }
    const empty = list.length > 0 && list.every((statement) => this.marks.gone.has(statement));
    return { gone: empty, empty, calls, tested: false, negated: false, tail: pending };
  }

  /** From the last statement on: what follows and goes does not count as following. */
  private markBackwards(list: readonly Statement[], context: Context): Result[] {
    const results: Result[] = [];
    let followed = false;
    for (const statement of [...list].reverse()) {
      const result = this.markStatement(statement, { ...context, last: context.last && !followed, followed });
      results.push(result);
      followed ||= !result.gone;
    }
    return results.reverse();
  }

  /** `$?` behind a call is the call's. Only passing it on may stay. */
  private checkStatusRead(next: Statement, calls: Set<number>): void {
    if (this.companions.has(next) || !this.readsStatus(next)) return;
    if (isLeaver(next.command)) return;
    if (isStatusKept(next) && !this.isReadLater(next)) return;
    this.lower(calls, "none", "its exit status is looked at");
  }

  /** Also through a function of the script that starts with `$?`. */
  private readsStatus(next: Statement): boolean {
    if (readsStatusFirst(next)) return true;
    const names = firstCommands(next.command).map((first) => this.found.uses.get(first));
    const definitions = names.flatMap((name) => (name === undefined ? [] : (this.found.functions.get(name) ?? [])));
    const bodies = definitions.flatMap((definition) => bodiesOf(definition) ?? []);
    return bodies.some((body) => body.commands[0] !== undefined && readsStatusFirst(body.commands[0]));
  }

  private isReadLater(statement: Statement): boolean {
    const names = assignedIn(statement);
    return this.found.units.some((unit) => [...namesRead(unit.script)].some((name) => names.has(name)));
  }

  private markStatement(statement: Statement, context: Context): Result {
    const companion = this.companions.get(statement);
    if (companion) {
      this.marks.gone.add(statement);
      return { ...NOTHING, gone: true, calls: companion };
    }
    const result = this.markNode(statement.command, { ...context, last: context.last && !statement.background });
    if (result.gone) this.marks.gone.add(statement);
    if (result.calls.size === 0) return result;
    if (statement.background) {
      if (!result.gone) {
        if (!this.restIsNeutral(statement.command))
          this.lower(result.calls, "review", "it runs in a background job with other work");
      } else if (this.found.root.text.includes("$!")) this.checkJobId(statement, result.calls);
    }
    if (result.gone && result.tested) this.lower(this.ofKind(result.calls, false), "review", "its answer is looked at");
    return statement.background && !result.gone ? { ...result, tail: NONE } : result;
  }

  private checkJobId(statement: Statement, calls: Set<number>): void {
    const { text } = this.found.root;
    if (text.includes("$!", statement.end)) this.lower(calls, "none", "the id of its background job is used");
  }

  private markNode(node: SyntaxNode, context: Context): Result {
    switch (node.type) {
      case "Command":
        return this.markCommand(node, context);
      case "TestCommand":
        return this.markAnswer(node);
      case "Pipeline":
        return this.markPipeline(node, context);
      case "AndOr":
        return this.markAndOr(node, context, false);
      case "If":
        return this.markIf(node, context);
      case "While":
        return this.markLoop(node, node.clause, node.body, context);
      case "For":
      case "ArithmeticFor":
      case "Select":
        return this.markLoop(node, undefined, node.body, context);
      case "BraceGroup":
        return this.markList(node.body.commands, context);
      case "Subshell":
        return this.markSubshell(node, node.body, context);
      case "Redirected":
        return this.markNode(node.command, context);
      case "Case":
        return this.markCase(
          node.items.map((item) => item.body),
          context,
        );
      case "Function":
        return this.markDefinition(node.name.value);
      default:
        this.lower(this.activeIn(node), "none", "it stands in a construct that is not edited");
        return NOTHING;
    }
  }

  private markCommand(node: Command, context: Context): Result {
    for (const wrapper of this.found.wrappers.get(node) ?? []) {
      if (this.active.has(wrapper.call)) this.marks.unwrapped.add(node);
    }
    const call = this.found.calls.get(node);
    if (call)
      return this.active.has(call.call)
        ? { ...NOTHING, gone: true, calls: new Set([call.call]), tested: call.tested }
        : NOTHING;
    const name = this.found.uses.get(node);
    const calls = name === undefined ? undefined : this.callers.get(name);
    if (calls) return { ...NOTHING, gone: true, calls };
    if (this.found.answers.has(node)) return this.markAnswer(node);
    const unit = this.found.nested.get(node);
    return unit ? this.markNested(node, unit, context) : NOTHING;
  }

  private markNested(node: Command, unit: Unit, context: Context): Result {
    const isTrap = unit.parent?.via === "trap";
    const last = isTrap ? true : context.last && unit.parent?.via === "eval";
    const result = this.markList(unit.script.commands, {
      unit,
      followed: false,
      last: last || unit.parent?.via === "shell",
      inLoop: false,
      inFunction: context.inFunction,
    });
    if (result.calls.size === 0) return NOTHING;
    if (isTrap) this.lower(this.ofKind(result.calls, true), "review", "it waits in a trap");
    const outside = unit.parent && { ...context, unit: unit.parent.unit };
    if (
      outside &&
      unit.parent?.via === "shell" &&
      !context.last &&
      result.tail.size > 0 &&
      this.errexitAt(outside, node)
    ) {
      this.lower(result.tail, "review", "under `set -e` the status of what is left would end the script");
    }
    return { ...result, tail: isTrap ? NONE : result.tail };
  }

  private markAnswer(node: SyntaxNode): Result {
    const answer = this.found.answers.get(node);
    const calls = new Set(answer?.calls.filter((call) => this.active.has(call)));
    if (!answer || calls.size === 0) return NOTHING;
    if (calls.size < answer.calls.length) {
      this.lower(calls, "none", "another command works with its answer");
      return NOTHING;
    }
    if (answer.use === "print") this.lower(calls, "review", "its answer is printed");
    return { ...NOTHING, gone: true, calls, tested: answer.use === "test" };
  }

  private markPipeline(node: Pipeline, context: Context): Result {
    const negated = node.prefixes.filter((prefix) => prefix.type === "Negation").length % 2 === 1;
    const call = this.found.calls.get(node);
    if (call) {
      return this.active.has(call.call)
        ? { ...NOTHING, gone: true, calls: new Set([call.call]), tested: call.tested, negated }
        : NOTHING;
    }
    const [only, ...others] = node.commands;
    if (only && others.length === 0) {
      const result = this.markNode(only, context);
      return { ...result, negated: result.negated !== negated };
    }
    const calls = new Set<number>();
    for (const command of node.commands) {
      const result = this.markNode(command, { ...context, last: false });
      for (const one of result.calls) calls.add(one);
      if (result.gone && !node.commands.every((other) => other === command || isFilter(other))) {
        this.lower(result.calls, "none", "another command works with its answer");
      } else if (result.calls.size > 0) {
        if (result.gone && node.commands[0] === command) return { ...result, negated };
        this.lower(result.calls, "review", "it runs in a pipeline with other work");
      }
    }
    return { ...NOTHING, calls };
  }

  private markSubshell(node: SyntaxNode, body: CompoundList, context: Context): Result {
    const result = this.markList(body.commands, context);
    if (result.calls.size > 0 && !result.gone && !this.restIsNeutral(node)) {
      this.lower(this.activeIn(body), "review", "it runs in a subshell with other work");
    }
    return result;
  }

  private markCase(bodies: readonly CompoundList[], context: Context): Result {
    const calls = new Set<number>();
    const tail = new Set<number>();
    for (const body of bodies) {
      const result = this.markList(body.commands, context);
      for (const call of result.calls) calls.add(call);
      if (!result.empty) for (const call of result.tail) tail.add(call);
    }
    return { ...NOTHING, calls, tail };
  }

  // And-or lists

  private markAndOr(node: AndOr, context: Context, condition: boolean): Result {
    const members = node.commands.map((command, i) => ({
      node: command,
      operator: node.operators[i - 1],
      result: this.markNode(command, { ...context, last: context.last && i === node.commands.length - 1 }),
    }));
    const calls = new Set(members.flatMap((member) => [...member.result.calls]));
    if (calls.size === 0) return NOTHING;
    if (!members.some((member) => member.result.gone)) {
      if (members.some((member, i) => member.result.tail.size > 0 && i < members.length - 1)) {
        this.lower(calls, "review", "what follows tests the status that was its own");
      }
      return { ...NOTHING, calls, tail: members.at(-1)?.result.tail ?? NONE };
    }
    const kept = members.filter((member) => !member.result.gone).map((member) => member.node);
    const { printers } = this.found;
    const guards = kept.every((member) => isTest(member) || isNeutral(member));
    if (guards && !condition) return { ...NOTHING, gone: true, calls };
    const tested = members.some((member) => member.result.gone && member.result.tested);
    const harmless = kept.every((member) => isHarmless(member, printers));
    const chain = this.readChain(members, context);
    if (harmless && (tested || chain.picksMessage) && !condition) {
      this.lower(calls, "review", MESSAGE);
      return { ...NOTHING, gone: true, calls };
    }
    if (kept.length === 0 || (guards && condition && chain.none === undefined)) {
      if (kept.length === 0) return { ...NOTHING, gone: true, calls, tested, negated: chain.negated };
    }
    if (tested && members.some((member) => this.found.answers.has(member.node))) this.lower(calls, "none", DECIDES);
    else if (tested) this.lower(this.ofKind(calls, false), "review", "its answer is looked at");
    if (chain.none) this.lower(calls, "none", chain.none);
    for (const dead of chain.dead) this.marks.gone.add(dead);
    for (const member of members) if (member.result.gone) this.marks.gone.add(member.node);
    if (chain.picksMessage) this.lower(calls, "review", MESSAGE);
    const tail = this.checkTail(node, members, context);
    return {
      ...NOTHING,
      calls,
      tail: chain.masked ? tail : members.at(-1)?.result.gone ? NONE : (members.at(-1)?.result.tail ?? NONE),
    };
  }

  /**
   * Follows the list with every call succeeding: what then never runs must be a message or nothing,
   * and what runs must still run without the call.
   */
  private readChain(members: readonly Member[], context: Context): Chain {
    const { printers } = this.found;
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

  private checkTail(node: AndOr, members: readonly Member[], context: Context): ReadonlySet<number> {
    const lastKept = members.findLastIndex((member) => !this.marks.gone.has(member.node));
    const tail = members.slice(lastKept + 1);
    const calls = new Set(tail.flatMap((member) => [...member.result.calls]));
    if (lastKept < 0 || calls.size === 0) return NONE;
    this.lower(this.ofKind(calls, true), "review", "it waits behind another command");
    if (!context.last && this.errexitAt(context, node)) {
      this.lower(calls, "review", "under `set -e` the command before it would end the script when it fails");
    }
    return calls;
  }

  /** `set -e` holds at a node, as far as the text shows: the last switch before it; in a function or loop any switch. */
  private errexitAt(context: Context, node: SyntaxNode): boolean {
    let on = context.unit.errexit;
    for (
      let unit: Unit | undefined = context.unit;
      unit;
      unit = unit.parent?.via === "shell" ? undefined : unit.parent?.unit
    ) {
      const all = context.inFunction || context.inLoop || unit !== context.unit;
      for (const change of errexitSwitches(unit)) {
        if (all) on ||= change.on;
        else if (change.pos < node.pos) on = change.on;
      }
    }
    return on;
  }

  // Conditions

  private markCondition(list: CompoundList, context: Context): Result {
    const before = list.commands.slice(0, -1);
    const last = list.commands.at(-1);
    if (!last) return NOTHING;
    const head = this.markList(before, { ...context, last: false });
    const inner = { ...context, last: true };
    const negatedAndOr = last.command.type === "AndOr";
    const result =
      negatedAndOr && last.command.type === "AndOr"
        ? this.markAndOr(last.command, inner, true)
        : this.markNode(last.command, inner);
    const calls = new Set([...head.calls, ...result.calls]);
    if (head.calls.size > 0 && before.length > 0 && result.gone && !head.empty)
      return { ...result, gone: false, calls };
    return { ...result, gone: result.gone && (before.length === 0 || head.empty), calls };
  }

  private markIf(node: If, context: Context): Result {
    const { printers } = this.found;
    const branches = [node.then, ...node.elif.map((elif) => elif.then), ...(node.else ? [node.else] : [])];
    const conditions = node.elif.map((elif) => elif.clause);
    const condition = this.markCondition(node.clause, context);
    const results = branches.map((branch) => this.markList(branch.commands, context));
    for (const clause of conditions) this.lower(this.activeIn(clause), "none", DECIDES);
    const calls = new Set([condition, ...results].flatMap((result) => [...result.calls]));
    if (condition.calls.size > 0) {
      const restOfCondition = node.clause.commands.every((s) => this.restIsTest(s.command));
      const restHarmless = (list: CompoundList): boolean =>
        list.commands.every((s) => this.marks.gone.has(s) || (!s.background && isHarmless(s.command, printers)));
      if (
        restOfCondition &&
        branches.every(restHarmless) &&
        conditions.every((clause) => clause.commands.every((s) => isTest(s.command)))
      ) {
        this.lower(calls, "review", MESSAGE);
        return { ...NOTHING, gone: true, calls };
      }
      if (restOfCondition) this.lower(condition.calls, "none", DECIDES);
      else this.lower(condition.calls, "review", "its answer is part of a condition");
      return { ...NOTHING, calls, tail: tailsOf(results) };
    }
    if (calls.size === 0) return NOTHING;
    const clauses = [node.clause, ...conditions];
    const pure = clauses.every((clause) => clause.commands.every((s) => isTest(s.command)));
    if (pure && results.every((result) => result.empty)) return { ...NOTHING, gone: true, calls };
    this.fillBranches(
      node,
      results.map((result) => result.empty),
    );
    return { ...NOTHING, calls, tail: tailsOf(results.filter((result) => !result.empty)) };
  }

  /** `else` and last elifs without work go; another empty branch keeps its place with `:`. */
  private fillBranches(node: If, empty: readonly boolean[]): void {
    let trailing = true;
    if (node.else) {
      if (empty.at(-1)) this.marks.gone.add(node.else);
      else trailing = false;
    }
    for (const [i, elif] of [...node.elif.entries()].reverse()) {
      if (!empty[i + 1]) trailing = false;
      else if (trailing && elif.clause.commands.every((s) => isTest(s.command))) this.marks.gone.add(elif);
      else {
        this.marks.filled.add(elif.then);
        trailing = false;
      }
    }
    if (empty[0]) this.marks.filled.add(node.then);
  }

  // Loops

  private markLoop(node: SyntaxNode, clause: CompoundList | undefined, body: CompoundList, context: Context): Result {
    const calls = this.activeIn(node);
    if (calls.size === 0) return NOTHING;
    const inner = { ...context, last: false, inLoop: true };
    const inClause = clause ? this.activeIn(clause) : new Set<number>();
    if (this.isRetryLoop(node, clause, body)) return this.markRetryLoop(node, body, calls, inClause);
    if (clause && inClause.size > 0) return this.markLoopCondition(node, clause, body, inner, calls);
    const result = this.markList(body.commands, inner);
    const next = clause?.commands[0] ?? body.commands[0];
    if (result.tail.size > 0 && !result.empty && next) this.checkStatusRead(next, new Set(result.tail));
    if (!result.empty) return { ...NOTHING, calls, tail: result.tail };
    const pure = clause
      ? clause.commands.every((s) => isTest(s.command))
      : node.type !== "Select" && (node.type !== "For" || (node.wordlist ?? []).every(looksOnly));
    if (clause) this.lower(calls, "review", "a loop repeats it");
    if (pure) return { ...NOTHING, gone: true, calls };
    this.marks.filled.add(body);
    return { ...NOTHING, calls };
  }

  private markRetryLoop(node: SyntaxNode, body: CompoundList, calls: Set<number>, inClause: Set<number>): Result {
    const quits = this.ofKind(calls, false);
    const plain = node.type === "For" && inClause.size === 0 && body.commands.every((s) => this.isOnlyCalls(s.command));
    if (!plain) this.lower(quits, "review", "a loop tries it again, and goes with it");
    if (node.type === "While" && !this.endsWhenReady(node, inClause.size > 0)) {
      this.lower(calls, "review", "the loop does not end with the proxy being ready");
    }
    return { ...NOTHING, gone: true, calls };
  }

  /** The loop ends once its call succeeds, as far as its form tells: one that goes on with a ready proxy watches it. */
  private endsWhenReady(node: While, called: boolean): boolean {
    if (!called)
      return (
        !node.clause.commands.every((s) => isNeutral(s.command) || isPause(s.command)) ||
        holdsJump(node.body, /^break$/)
      );
    const last = node.clause.commands.at(-1)?.command;
    const asks = last?.type === "AndOr" ? last.commands.find((member) => this.activeIn(member).size > 0) : last;
    if (!asks || this.found.answers.has(asks)) return true;
    const negated = asks.type === "Pipeline" && asks.prefixes.some((prefix) => prefix.type === "Negation");
    return endsOnSuccess(node, negated);
  }

  /** Nothing but calls and waits, tried once. */
  private isOnlyCalls(node: SyntaxNode): boolean {
    const list = (inner: CompoundList | undefined): boolean =>
      inner?.commands.every((s) => this.isOnlyCalls(s.command)) ?? true;
    switch (node.type) {
      case "AndOr":
        return node.commands.every((member) => this.isOnlyCalls(member) || isNeutral(member) || isTest(member));
      case "BraceGroup":
      case "Subshell":
        return list(node.body);
      case "Redirected":
        return this.isOnlyCalls(node.command);
      case "If":
        return (
          [node.clause, ...node.elif.map((elif) => elif.clause)].every((clause) =>
            clause.commands.every((s) => isTest(s.command)),
          ) && [node.then, ...node.elif.map((elif) => elif.then), node.else].every(list)
        );
      case "While":
      case "For": {
        const waits = this.ofKind(this.activeIn(node), false).length === 0;
        return (
          (waits || node.type === "For") &&
          this.isRetryLoop(node, node.type === "While" ? node.clause : undefined, node.body) &&
          (waits || list(node.body))
        );
      }
      default:
        return this.isCallNode(node) && this.activeIn(node).size > 0;
    }
  }

  /** Marks inside a construct that goes whole are moot. */
  private unmark(root: SyntaxNode): void {
    walk(root, (node) => {
      this.marks.gone.delete(node);
      if (node.type === "CompoundList") this.marks.filled.delete(node);
      return true;
    });
  }

  private markLoopCondition(
    node: SyntaxNode,
    clause: CompoundList,
    body: CompoundList,
    inner: Context,
    calls: Set<number>,
  ): Result {
    const condition = this.markCondition(clause, inner);
    const result = this.markList(body.commands, inner);
    const rest = clause.commands.every((s) => this.restIsTest(s.command));
    if (!rest) {
      this.lower(condition.calls, "review", "the loop waits for something else too");
      if (result.empty) this.marks.filled.add(body);
      return { ...NOTHING, calls };
    }
    // The body runs only while the call fails, so with a proxy that is ready it never does.
    const until = node.type === "While" && endsOnSuccess(node, condition.negated);
    if (until && this.ofKind(calls, false).length === 0) {
      this.lower(calls, "review", "the loop does more than wait");
      if (!this.isReadHarmlessly(node, assignedIn(node)))
        this.lower(calls, "none", "what the loop counts is used later");
      return { ...NOTHING, gone: true, calls };
    }
    this.lower(calls, "none", DECIDES);
    return { ...NOTHING, calls };
  }

  /** A loop with no other purpose than its calls: the rest prints, pauses, counts and gives up. */
  private isRetryLoop(node: SyntaxNode, clause: CompoundList | undefined, body: CompoundList): boolean {
    if (node.type === "For" && !(node.wordlist ?? []).every(looksOnly)) return false;
    if (node.type === "Select") return false;
    const own = assignedIn(node);
    const statements = [...(clause?.commands ?? []), ...body.commands];
    if (!statements.every((statement) => this.isRetryPart(statement.command, own, undefined))) return false;
    if (
      !statements.every(
        (statement) => !leavesOnSuccess(statement.command, (part) => this.activeIn(part).size > 0, this.found.answers),
      )
    )
      return false;
    return !this.isReadOutside(node, own);
  }

  private isRetryPart(node: SyntaxNode, own: ReadonlySet<string>, guarded: true | undefined): boolean {
    const part = (inner: SyntaxNode): boolean => this.isRetryPart(inner, own, guarded);
    const list = (inner: CompoundList): boolean => inner.commands.every((s) => part(s.command));
    const active = this.found.calls.get(node)?.call;
    if (active !== undefined) return this.active.has(active);
    const answer = this.found.answers.get(node);
    if (answer) return answer.calls.every((call) => this.active.has(call));
    const use = this.found.uses.get(node);
    if (use !== undefined && this.callers.has(use)) return true;
    const unit = this.found.nested.get(node);
    if (unit) return unit.parent?.via !== "trap" && unit.script.commands.every((s) => part(s.command));
    if (node.type === "AndOr") return this.isRetryAndOr(node, own);
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
    return isLeaver(node) || isPause(node) || isPrint(node, this.found.printers) || isNeutral(node);
  }

  private isRetryAndOr(node: AndOr, own: ReadonlySet<string>): boolean {
    return node.commands.every((command) => this.isRetryPart(command, own, undefined));
  }

  private isReadOutside(node: SyntaxNode, names: ReadonlySet<string>): boolean {
    if (names.size === 0) return false;
    for (const unit of this.found.units) {
      const outside = new Set<string>();
      const skip = new Set<SyntaxNode>([node]);
      walk(unit.script, (inner) => {
        if (skip.has(inner)) return false;
        if (inner.type === "SimpleExpansion") outside.add(inner.text.slice(1));
        else if (inner.type === "ParameterExpansion") outside.add(inner.parameter);
        else if (inner.type === "ArithmeticWord") outside.add(inner.value.replace("$", ""));
        return true;
      });
      if ([...names].some((name) => outside.has(name))) return true;
    }
    return false;
  }

  /** Names set in a loop are read outside of it by messages only, and have a value without it. */
  private isReadHarmlessly(node: SyntaxNode, names: ReadonlySet<string>): boolean {
    const { units, root } = this.found;
    for (const name of names) {
      if (!this.isReadOutside(node, new Set([name]))) continue;
      if (/\bset\s+-\w*u|nounset/.test(root.text)) return false;
      if (!units.every((unit) => this.readersIn(unit.script.commands, name, node, []))) return false;
    }
    return true;
  }

  // Functions

  private markFunction(name: string): void {
    if (this.visited.has(name)) return;
    this.visited.set(name, true);
    const definitions = this.found.functions.get(name) ?? [];
    for (const definition of definitions) {
      walk(definition.body, (node) => {
        const used = this.found.uses.get(node);
        if (used !== undefined && used !== name) this.markFunction(used);
        return true;
      });
      const context: Context = { unit: this.found.root, followed: false, last: false, inLoop: false, inFunction: true };
      const body = definition.body.type === "Redirected" ? definition.body.command : definition.body;
      const list = body.type === "BraceGroup" || body.type === "Subshell" ? body.body : undefined;
      const result = list ? this.markList(list.commands, context) : this.markNode(body, context);
      const calls = this.activeIn(definition.body);
      if (calls.size === 0) continue;
      const uses = [...this.found.uses.values()].filter((used) => used === name).length;
      const alone =
        definitions.length === 1 && list !== undefined && !this.found.mentioned.has(name) && this.restIsOwn(list);
      if (alone) {
        this.unmark(list);
        if (uses !== 1)
          this.lower(
            calls,
            "review",
            uses === 0 ? "its function is never used here" : "its function is used from several places",
          );
        this.callers.set(name, calls);
        continue;
      }
      this.lower(calls, "review", "its function does more");
      if (result.gone) {
        if (list) this.marks.filled.add(list);
        else this.lower(calls, "none", "nothing would be left of its function");
      }
    }
  }

  private markDefinition(name: string): Result {
    const calls = this.callers.get(name);
    // A definition has no status and is no use: its calls are counted where it is used.
    return calls ? { ...NOTHING, gone: true } : NOTHING;
  }

  /** What stays of a function's body is nothing but `return`, `true` and variables of its own. */
  private restIsOwn(list: CompoundList): boolean {
    return list.commands.every((statement) => {
      if (this.marks.gone.has(statement)) return true;
      const { command } = statement;
      if (isNeutral(command) || nameOf(command) === "return") return true;
      if (command.type !== "Command" || !looksOnly(command)) return false;
      if (command.name && !/^(?:local|declare|typeset)$/.test(nameOf(command) ?? "")) return false;
      return !this.isReadOutside(list, assignedIn(statement));
    });
  }

  // Answers kept in variables

  /** Statements that only look at an answer kept in a variable, or at `$?` of a call, go with it. */
  private findCompanions(): void {
    for (const [node, answer] of this.found.answers) {
      const calls = new Set(answer.calls.filter((call) => this.active.has(call)));
      if (calls.size === 0 || answer.captured === undefined || this.isInRetryLoop(node)) continue;
      this.claimReaders(answer.captured, node, calls);
    }
    for (const unit of this.found.units) {
      walk(unit.script, (node) => {
        if (node.type === "Script" || node.type === "CompoundList") this.claimStatusReaders(node.commands);
        return true;
      });
    }
  }

  private isInRetryLoop(node: SyntaxNode): boolean {
    this.loops ??= this.loopsOfAnswers();
    return (this.loops.get(node) ?? []).some((loop) =>
      this.isRetryLoop(loop, loop.type === "While" ? loop.clause : undefined, loop.body),
    );
  }

  private loopsOfAnswers(): Map<SyntaxNode, Loop[]> {
    const loops = new Map<SyntaxNode, Loop[]>();
    const enter = (root: SyntaxNode, around: Loop[]): void =>
      walk(root, (node) => {
        if (this.found.answers.has(node)) loops.set(node, around);
        if (node === root || (node.type !== "While" && node.type !== "For" && node.type !== "ArithmeticFor"))
          return true;
        enter(node, [...around, node]);
        return false;
      });
    for (const unit of this.found.units) enter(unit.script, []);
    return loops;
  }

  private claimReaders(name: string, source: SyntaxNode, calls: Set<number>): void {
    const readers: Statement[] = [];
    const fits = this.found.units.every((unit) => this.readersIn(unit.script.commands, name, source, readers));
    if (!fits) return this.lower(calls, "none", "what it answers is used");
    if (readers.length > 0) this.lower(calls, "review", MESSAGE);
    for (const reader of readers) this.companions.set(reader, calls);
  }

  /** Gathers the statements that read a name; false where one does more than print. */
  private readersIn(list: readonly Statement[], name: string, source: SyntaxNode, readers: Statement[]): boolean {
    const { printers } = this.found;
    return list.every((statement) => {
      const { command } = statement;
      if (command === source || !namesRead(statement).has(name)) return true;
      if (!statement.background && isHarmless(command, printers)) {
        readers.push(statement);
        return true;
      }
      const inner = bodiesOf(command);
      return inner?.every((body) => this.readersIn(body.commands, name, source, readers)) ?? false;
    });
  }

  private claimStatusReaders(list: readonly Statement[]): void {
    list.forEach((statement, i) => {
      const call = this.found.calls.get(statement.command)?.call;
      const next = list[i + 1];
      if (call === undefined || !this.active.has(call) || !next || !readsStatusFirst(next) || isLeaver(next.command))
        return;
      const calls = new Set([call]);
      if (isHarmless(next.command, this.found.printers) && !next.background) {
        this.lower(calls, "review", MESSAGE);
        this.companions.set(next, calls);
      } else if (isStatusKept(next)) {
        for (const name of assignedIn(next)) {
          const readers: Statement[] = [];
          const fits = this.found.units.every((unit) =>
            this.readersIn(unit.script.commands, name, next.command, readers),
          );
          if (!fits || this.found.variables.assigned.get(name)?.length !== 1) continue;
          if (readers.length > 0) this.lower(calls, "review", MESSAGE);
          for (const reader of [next, ...readers]) this.companions.set(reader, calls);
        }
      }
    });
  }

  // What stays

  /** What stays of a node is nothing but tests. */
  private restIsTest(node: SyntaxNode): boolean {
    if (this.marks.gone.has(node) || this.isCallNode(node)) return true;
    if (node.type === "AndOr") return node.commands.every((command) => this.restIsTest(command));
    if (node.type === "Pipeline")
      return node.commands.length === 1 && node.commands.every((command) => this.restIsTest(command));
    return isTest(node);
  }

  private isCallNode(node: SyntaxNode): boolean {
    const call = this.found.calls.get(node)?.call;
    if (call !== undefined) return this.active.has(call);
    const answer = this.found.answers.get(node);
    if (answer) return answer.calls.every((one) => this.active.has(one));
    const use = this.found.uses.get(node);
    if (use !== undefined) return this.callers.has(use);
    const unit = this.found.nested.get(node);
    if (unit) return unit.script.commands.every((s) => this.marks.gone.has(s));
    return node.type === "BraceGroup" || node.type === "Subshell"
      ? node.body.commands.every((s) => this.marks.gone.has(s))
      : false;
  }

  /** What stays of a node is no other work: leaving, `true`, `:`, tests and kept statuses. */
  private restIsNeutral(node: SyntaxNode): boolean {
    if (this.marks.gone.has(node) || this.isCallNode(node)) return true;
    const list = (inner: CompoundList): boolean =>
      inner.commands.every((s) => this.marks.gone.has(s) || this.restIsNeutral(s.command));
    if (node.type === "AndOr" || node.type === "Pipeline")
      return node.commands.every((command) => this.restIsNeutral(command));
    if (node.type === "BraceGroup" || node.type === "Subshell") return list(node.body);
    if (node.type === "Redirected") return this.restIsNeutral(node.command);
    if (node.type === "Command" && !node.name) return node.redirects.length === 0 && looksOnly(node);
    return isLeaver(node) || isNeutral(node) || isTest(node);
  }

  /** A command that stays and does something: no setting, no assignment, no leaving. */
  private isWork(statement: SyntaxNode): boolean {
    let work = false;
    walk(statement, (node) => {
      if (work || this.marks.gone.has(node) || node.type === "Function") return false;
      if (node.type !== "Command") return true;
      if (this.isCallNode(node)) return false;
      const unit = this.found.nested.get(node);
      if (unit) {
        if (unit.parent?.via !== "trap") work ||= unit.script.commands.some((inner) => this.isWork(inner));
        return false;
      }
      const name = nameOf(node);
      if (name !== undefined && IDLE.has(name)) return false;
      if (node.name || node.redirects.length > 0) work = true;
      return !work;
    });
    return work;
  }
}

function tailsOf(results: readonly Result[]): Set<number> {
  return new Set(results.flatMap((result) => [...result.tail]));
}

type Loop = Extract<SyntaxNode, { type: "While" | "For" | "ArithmeticFor" }>;

const switches = new WeakMap<Unit, { pos: number; on: boolean }[]>();

/** Where a text turns `set -e` on and off; off counts only where it surely runs, as a statement of its own. */
function errexitSwitches(unit: Unit): { pos: number; on: boolean }[] {
  const known = switches.get(unit);
  if (known) return known;
  const found: { pos: number; on: boolean }[] = [];
  const own = new Set<SyntaxNode>(unit.script.commands.map((statement) => statement.command));
  walk(unit.script, (node) => {
    if (node.type !== "Command" || nameOf(node) !== "set") return true;
    node.args.forEach((arg, i) => {
      const named = /^[-+]\w*o$/.test(arg.text) && node.args[i + 1]?.text === "errexit";
      const on = arg.text.startsWith("-");
      if ((named || /^[-+]\w*e/.test(arg.text)) && (on || own.has(node))) found.push({ pos: node.pos, on });
    });
    return true;
  });
  switches.set(unit, found);
  return found;
}

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
