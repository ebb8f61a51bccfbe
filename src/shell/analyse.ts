import { applyEdits, type TextEdit } from "../source/edit.ts";
import { WRAPPER_PROGRAMS } from "./command.ts";
import { type Discovery, type DiscoveryOptions, type Found, type Level, rank } from "./discovery.ts";
import { deriveEdits } from "./editing.ts";
import { discover } from "./find/find.ts";
import { mark } from "./mark/mark.ts";
import type { Marks } from "./mark/marking.ts";
import { levelBeside, sweptBy } from "./mark/swept.ts";
import { outline } from "./outline.ts";
import type { CallKind } from "./requests.ts";
import { findTextCalls, type TextCall } from "./text-calls.ts";

/** What a script is there for: in a hook nothing needs to be left, and its exit status says little. */
export type ScriptRole = "main" | "init" | "hook";

/** A script as its shell sees it, and where it runs. */
export interface ScriptContext {
  text: string;
  /** `-e` among the shell's own options. */
  errexit: boolean;
  /** Container env with literal values, for variables and the kubelet's `$(NAME)`. */
  env: ReadonlyMap<string, string>;
  /** Tells names, positional parameters too, that the container may set to a value not known. Default: none. */
  isUntold?: (name: string) => boolean;
  role: ScriptRole;
  /** Name of the shell (`sh`, `bash`), as far as it is known. Default: one that reads bash. */
  shell?: string;
  /** Kinds to look for; the calls of others count as any command. Default: all. */
  kinds?: ReadonlySet<CallKind>;
  /** Programs that count as wrappers. Default: `WRAPPER_PROGRAMS`; add kubexit where it is tied to Istio. */
  wrappers?: ReadonlySet<string>;
  /** Programs named like the proxy's that the Pod runs itself (`envoy`). */
  ownPrograms?: ReadonlySet<string>;
}

/** A proxy call of a script. */
export interface ScriptFinding {
  kind: CallKind;
  level: Level;
  /** Why the level is not `safe`, for people, as the end of a sentence: "not safe: …". */
  reason: string | undefined;
  /** What the fix changes beyond the call itself. */
  effect: string | undefined;
  /** The call in the text; `end` exclusive. */
  start: number;
  end: number;
  /** Env variable whose value is the command: the finding belongs there. */
  variable: string | undefined;
}

/** The script without some of its calls. */
export interface ScriptFix {
  text: string;
  /** Sorted, not overlapping. */
  edits: TextEdit[];
  /** The findings that the edits deal with; a finding whose companions were not selected may be left. */
  applied: ScriptFinding[];
  /** No command is left that does anything: the hook goes (role `hook` only). There are no edits then. */
  empty: boolean;
}

export interface ScriptAnalysis {
  /** In order of their place. */
  findings: ScriptFinding[];
  /** First fault where the text does not parse. */
  error: string | undefined;
  /** One edit for a choice of findings; those of level `none` are left. */
  fix(selected: readonly ScriptFinding[]): ScriptFix;
}

const ALL_KINDS: ReadonlySet<CallKind> = new Set(["quit", "wait", "kill", "wrapper"]);
const UNPROVEN = "the edit could not be proven right";
const SWEEPS = "what goes with it holds another call, which stays";
const TOGETHER = "it goes only together with another call, which needs a look";
const EMPTY = "nothing would be left to run";
const FAILS = "its exit status was the script's; now the script fails when the program fails";
const SUCCEEDS = "where the program succeeded, the script's exit status was the call's; now it is the program's";
const SHOWS = "a failure of the script's own commands before it, which it hid, counts once it is gone";

/** Linux takes no longer word in a command line (MAX_ARG_STRLEN, include/uapi/linux/binfmts.h). */
const LONGEST = 131_072;

/** Finds the proxy calls of a shell script and how far each can go. Never throws for any text. */
export function analyseScript(context: ScriptContext): ScriptAnalysis {
  const kinds = context.kinds ?? ALL_KINDS;
  if (context.text.length > LONGEST)
    return reportOnly(context.text, findTextCalls(context.text), kinds, "the script is too long for a command line");
  const { wrappers = WRAPPER_PROGRAMS, ownPrograms = new Set<string>() } = context;
  const options = {
    env: context.env,
    isUntold: context.isUntold,
    kinds,
    wrappers,
    ownPrograms,
    shell: context.shell,
    isHook: context.role === "hook",
  };
  if (context.text.includes("\r\n")) return reportCarriageReturns(context, options);
  const found = discover(context.text, context.errexit, options);
  if (found.root.error !== undefined) {
    const calls = found.found.length > 0 ? found.found : findTextCalls(context.text);
    return reportOnly(context.text, calls, kinds, "the script does not parse", found.root.error);
  }
  const levels = new Levels(found, context.role);
  const findings = found.found.map((one, call) => describe(one, levels.of(call)));
  const order = found.found.map((_, call) => call).sort((a, b) => byPlace(found, a, b));
  return {
    findings: order.map((call) => findings[call]).filter((finding) => finding !== undefined),
    error: undefined,
    fix: (selected) => {
      const calls = new Set([...findings.keys()].filter((call) => selected.includes(findings[call] as ScriptFinding)));
      const { active, marks, edits } = levels.fix(calls);
      const applied = findings.filter((_, call) => active.has(call));
      return { text: applyEdits(context.text, edits), edits, applied, empty: active.size > 0 && !marks.leavesWork };
    },
  };
}

/** The shell takes a carriage return as part of the word before it; calls are looked for as if it were a blank. */
function reportCarriageReturns({ text, errexit }: ScriptContext, options: DiscoveryOptions): ScriptAnalysis {
  const { found, root } = discover(text.replaceAll("\r\n", " \n"), errexit, options);
  const calls = root.error !== undefined && found.length === 0 ? findTextCalls(text) : found;
  const reason = "its lines end in carriage returns, which the shell takes as parts of the words";
  return reportOnly(text, calls, options.kinds, reason, root.error);
}

function byPlace(found: Discovery, a: number, b: number): number {
  const [one, other] = [found.found[a], found.found[b]];
  return (one?.start ?? 0) - (other?.start ?? 0) || (one?.end ?? 0) - (other?.end ?? 0) || a - b;
}

function reportOnly(
  text: string,
  calls: readonly TextCall[] | readonly Found[],
  kinds: ReadonlySet<CallKind>,
  reason: string,
  error = reason,
): ScriptAnalysis {
  const findings = calls
    .filter((call) => kinds.has(call.kind))
    .map(
      ({ kind, start, end }): ScriptFinding => ({
        kind,
        level: "none",
        reason,
        effect: undefined,
        start,
        end,
        variable: undefined,
      }),
    )
    .sort((a, b) => a.start - b.start);
  return { findings, error, fix: (): ScriptFix => ({ text, edits: [], applied: [], empty: false }) };
}

interface Settled {
  level: Level;
  reason: string | undefined;
  /** What the edit changes beyond the call. */
  effect: string | undefined;
}

function describe(found: Found, { level, reason, effect }: Settled): ScriptFinding {
  const { kind, start, end, variable } = found;
  return { kind, level, reason, effect: level === "none" ? undefined : effect, start, end, variable };
}

/** What the removal of a call changes beyond it; a hook's exit status says little. */
function effectOf(marks: Marks, call: number, role: ScriptRole): string | undefined {
  if (role !== "hook" && marks.statusOfScript.has(call)) return FAILS;
  if (marks.unhidden.has(call)) return SHOWS;
  return role !== "hook" && marks.statusOnSuccess.has(call) ? SUCCEEDS : undefined;
}

/** Settles the level of every call: what is `safe` must be so when only safe calls go, and so on up. */
class Levels {
  private readonly found: Discovery;
  private readonly role: ScriptRole;
  private readonly settled: Settled[];
  /** By the numbers of the calls that go: rules, plans and reports ask for the same calls again and again. */
  private readonly removals = new Map<string, Removal>();

  constructor(found: Discovery, role: ScriptRole) {
    this.found = found;
    this.role = role;
    this.settled = found.found.map(({ most, reason }) => ({ level: most, reason, effect: undefined }));
    this.settle("review");
    this.settle("safe");
    this.checkRest("safe");
    this.settle("review");
    this.checkRest("review");
  }

  of(call: number): Settled {
    return this.settled[call] ?? { level: "none", reason: undefined, effect: undefined };
  }

  /** What goes when these calls go; those that cannot go without others are left. */
  fix(selected: ReadonlySet<number>): { active: Set<number>; marks: Marks; edits: TextEdit[] } {
    const level: Level = [...selected].some((call) => this.of(call).level === "review") ? "review" : "safe";
    let active = new Set([...selected].filter((call) => this.of(call).level !== "none"));
    for (;;) {
      const removal = this.removalOf(active);
      const { marks } = removal;
      const swept = sweptBy(this.found, marks, active);
      const held = new Set(swept.flatMap(({ takers }) => (takers.length > 0 ? takers : [...active])));
      const left = [...active].filter(
        (call) => !held.has(call) && rank(marks.levels.get(call)?.level ?? "none") <= rank(level),
      );
      const empty = !marks.leavesWork && this.role !== "hook";
      if (left.length === active.size && !(empty && active.size > 0)) {
        // Levels were proven for all calls of a level; a choice of them is another edit.
        if (marks.leavesWork && active.size > 0 && !removal.isProven) return this.fix(new Set());
        return { active, marks, edits: marks.leavesWork ? removal.edits : [] };
      }
      active = empty && left.length === active.size ? new Set() : new Set(left);
    }
  }

  private removalOf(active: ReadonlySet<number>): Removal {
    const key = [...active].sort((a, b) => a - b).join();
    const removal = this.removals.get(key) ?? new Removal(this.found, active);
    this.removals.set(key, removal);
    return removal;
  }

  private at(level: Level): Set<number> {
    return new Set([...this.settled.keys()].filter((call) => rank(this.of(call).level) <= rank(level)));
  }

  /** Marks with all calls up to a level, takes over what falls, and repeats until none does. */
  private settle(level: "safe" | "review"): void {
    for (let active = this.at(level); active.size > 0; active = this.at(level)) {
      const { marks } = this.removalOf(active);
      let fell = false;
      for (const call of active) {
        const now = marks.levels.get(call);
        const known = this.settled[call];
        if (!now || !known) continue;
        known.effect = effectOf(marks, call, this.role);
        if (rank(now.level) <= rank(known.level)) continue;
        // With the calls that need a look it goes, as the round before has shown.
        if (level === "safe" && now.level === "none") Object.assign(known, { level: "review", reason: TOGETHER });
        else Object.assign(known, now);
        fell ||= rank(now.level) > rank(level);
      }
      if (!fell && !this.holdTakers(marks, active)) return;
    }
  }

  /** Lowers the calls whose edit would take away a finding that stays; true where there is one. */
  private holdTakers(marks: Marks, active: ReadonlySet<number>): boolean {
    const swept = sweptBy(this.found, marks, active);
    for (const { kept, takers } of swept) {
      const level = levelBeside(this.of(kept).level);
      for (const call of takers.length > 0 ? takers : active) {
        const known = this.settled[call];
        if (known && rank(level) > rank(known.level)) Object.assign(known, { level, reason: SWEEPS });
      }
    }
    return swept.length > 0;
  }

  /** Something must be left to run, and the edit must give exactly the tree it was meant to give. */
  private checkRest(level: "safe" | "review"): void {
    const active = this.at(level);
    if (active.size === 0) return;
    const removal = this.removalOf(active);
    if (!removal.marks.leavesWork) {
      if (this.role !== "hook") this.drop(level, EMPTY);
      return;
    }
    if (!removal.isProven) this.drop(level, UNPROVEN);
  }

  private drop(level: "safe" | "review", reason: string): void {
    for (const settled of this.settled) if (settled.level === level) Object.assign(settled, { level: "none", reason });
  }
}

/** What goes of a script when some calls go. The edits, and the proof of them, are worked out when first asked for. */
class Removal {
  readonly marks: Marks;
  private readonly found: Discovery;
  private derived: TextEdit[] | undefined;
  private proven: boolean | undefined;

  constructor(found: Discovery, active: ReadonlySet<number>) {
    this.found = found;
    this.marks = mark(found, active);
  }

  get edits(): TextEdit[] {
    this.derived ??= deriveEdits(this.found, this.marks);
    return this.derived;
  }

  get isProven(): boolean {
    this.proven ??= isProven(this.found, this.marks, this.edits);
    return this.proven;
  }
}

/** Reads the edited text and compares its tree with what was meant to be left. */
function isProven(found: Discovery, marks: Marks, edits: readonly TextEdit[]): boolean {
  const edited = applyEdits(found.root.text, edits);
  const again = discover(edited, found.root.errexit, { ...found.options, kinds: new Set() });
  if (again.root.error !== undefined) return false;
  const meant = outline(found.root, found.nested, { found, marks });
  const given = outline(again.root, again.nested);
  return meant.length === given.length && meant.every((token, i) => token === given[i]);
}
