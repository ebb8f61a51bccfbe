import { type Discovery, type Level, rank } from "../discovery.ts";
import type { Unit } from "../nested.ts";
import { type CompoundList, type Statement, type SyntaxNode, walk } from "../parse.ts";

/** A loop that may be tried again. */
export type Loop = Extract<SyntaxNode, { type: "While" | "For" | "ArithmeticFor" }>;

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
  /** Calls whose own exit status was the script's where the program succeeded (`main && call`). */
  statusOnSuccess: Set<number>;
  /** Calls behind which a failure of other commands had no effect, and has one without them. */
  unhidden: Set<number>;
  /** A command that does something stays. */
  leavesWork: boolean;
}

export interface Context {
  unit: Unit;
  /** More statements follow in the same list. */
  followed: boolean;
  /** The statement is the last one that runs: its status is that of the unit. */
  last: boolean;
  inLoop: boolean;
  inFunction: boolean;
}

export interface Result {
  gone: boolean;
  calls: Set<number>;
  /** The call's answer is looked at by what goes with it: a filter, a test. */
  tested: boolean;
  /** With `!`: a call that succeeds makes this false. */
  negated: boolean;
  /** Calls whose status was that of the node, where what stays has another one. */
  tail: ReadonlySet<number>;
  /** Calls whose status was that of the node where what stays succeeds (`main && call`). */
  after: ReadonlySet<number>;
}

export const NONE: ReadonlySet<number> = new Set();
export const NOTHING: Result = {
  gone: false,
  calls: new Set(),
  tested: false,
  negated: false,
  tail: NONE,
  after: NONE,
};
export const DECIDES = "its answer decides how the script goes on";
export const MESSAGE = "its answer picks a message, which goes with it";
export const LOOKED = "its answer is looked at by what goes with it";

/** What leads on into the parts of a construct, whatever they are. */
interface Walkers {
  markNode(marking: Marking, node: SyntaxNode, context: Context): Result;
  markStatement(marking: Marking, statement: Statement, context: Context): Result;
}

/** What one marking knows and gathers. */
export class Marking {
  readonly found: Discovery;
  readonly active: ReadonlySet<number>;
  private readonly walkers: Walkers;
  readonly marks: Marks = {
    gone: new Set(),
    filled: new Set(),
    unwrapped: new Set(),
    levels: new Map(),
    statusOfScript: new Set(),
    statusOnSuccess: new Set(),
    unhidden: new Set(),
    leavesWork: false,
  };
  /** Functions that do nothing but call; their uses are calls. */
  readonly callers = new Map<string, Set<number>>();
  /** Calls whose status was that of their function, where the function stays. */
  readonly tails = new Map<string, Pick<Result, "tail" | "after">>();
  /** Statements that go with a call because they only look at its answer. */
  readonly companions = new Map<Statement, Set<number>>();
  /** Answers kept in variables that other commands than messages read. */
  readonly unclaimed: { name: string; source: SyntaxNode; calls: Set<number> }[] = [];
  /** Functions that are marked, or just being marked. */
  readonly visited = new Set<string>();
  /** Functions whose output a substitution takes; undefined until they are asked for. */
  captured: ReadonlySet<string> | undefined;
  /** Loops around each answer, outermost first; undefined until they are asked for. */
  loops: Map<SyntaxNode, Loop[]> | undefined;

  constructor(found: Discovery, active: ReadonlySet<number>, walkers: Walkers) {
    this.found = found;
    this.active = active;
    this.walkers = walkers;
    for (const call of active) {
      const { most, reason } = found.found[call] ?? { most: "none", reason: undefined };
      this.marks.levels.set(call, { level: most, reason });
    }
  }

  markNode(node: SyntaxNode, context: Context): Result {
    return this.walkers.markNode(this, node, context);
  }

  markStatement(statement: Statement, context: Context): Result {
    return this.walkers.markStatement(this, statement, context);
  }

  /** Lowers calls to a level, never up. */
  lower(calls: Iterable<number>, level: Level, reason: string): void {
    for (const call of calls) {
      const now = this.marks.levels.get(call);
      if (now && rank(level) > rank(now.level)) Object.assign(now, { level, reason });
    }
  }

  /** Gives the calls that cannot go a reason that says more. */
  explain(calls: Iterable<number>, reason: string): void {
    for (const call of calls) {
      const now = this.marks.levels.get(call);
      if (now?.level === "none") now.reason = reason;
    }
  }

  /** Notes that a failure before these calls shows once they are gone. */
  unhide(calls: Iterable<number>): void {
    for (const call of calls) this.marks.unhidden.add(call);
  }

  /** Of these calls the waits, or all but the waits. */
  ofKind(calls: Iterable<number>, wait: boolean): number[] {
    return [...calls].filter((call) => (this.found.found[call]?.kind === "wait") === wait);
  }

  /** The calls that go and stand in a node, through functions and nested scripts too. */
  activeIn(node: SyntaxNode): Set<number> {
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
}
