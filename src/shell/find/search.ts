import type { Discovery, DiscoveryOptions, Level } from "../discovery.ts";
import { rank } from "../discovery.ts";
import { rangeInRoot, type Unit } from "../nested.ts";
import type { SyntaxNode } from "../parse.ts";
import type { CallKind, Classified } from "../requests.ts";

/** Where the search stands: the text it reads and the innermost loop around it. */
export interface Where {
  unit: Unit;
  loop: SyntaxNode | undefined;
}

/** What leads on into the parts of a construct, and into texts that are scripts of their own. */
interface Walkers {
  descend(search: Search, node: SyntaxNode, where: Where): void;
  discover(text: string, errexit: boolean, options: DiscoveryOptions): Discovery;
}

/** What one search knows and gathers. */
export class Search {
  readonly into: Discovery;
  readonly options: DiscoveryOptions;
  /** The wait of each loop: all waits of one loop are one finding. */
  readonly waitOfLoop = new Map<SyntaxNode, number>();
  /** Calls whose whole command is the text of a variable, by its name. */
  readonly commandVariables = new Map<string, number>();
  /** Commands whose success ends a loop; `status` where something else reads their answer first. */
  readonly awaited = new Map<SyntaxNode, "itself" | "status">();
  /** Commands on whose status nothing hangs. */
  readonly lookers = new Set<SyntaxNode>();
  /** Functions that run their arguments. */
  readonly forwarders = new Set<string>();
  /** Programs named like the proxy's that the script itself starts. */
  private readonly startedPrograms = new Set<string>();
  private readonly walkers: Walkers;

  constructor(into: Discovery, options: DiscoveryOptions, walkers: Walkers) {
    this.into = into;
    this.options = options;
    this.walkers = walkers;
  }

  descend(node: SyntaxNode, where: Where): void {
    this.walkers.descend(this, node, where);
  }

  /** A search of its own through another text. */
  discover(text: string, errexit: boolean, options: DiscoveryOptions): Discovery {
    return this.walkers.discover(text, errexit, options);
  }

  /** The script starts a program that is named like the proxy's. */
  addOwnProgram(name: string): void {
    this.startedPrograms.add(name);
  }

  /** The Pod or the script runs a program of this name itself: it is not the proxy's. */
  isOwnProgram(name: string): boolean {
    return this.startedPrograms.has(name) || this.options.ownPrograms.has(name);
  }

  /** Notes a finding and gives its number. */
  add(kind: CallKind, where: Where, node: { pos: number; end: number }, most: Level = "safe", reason?: string): number {
    const range = rangeInRoot(where.unit, node.pos, node.end);
    this.into.found.push({ kind, most, reason, ...range, variable: undefined });
    return this.into.found.length - 1;
  }

  /** Notes a call; all waits of one loop are one finding. */
  addCall(classified: Classified, where: Where, node: SyntaxNode): number {
    const { kind } = classified;
    const { most, reason } = limitOf(classified);
    const known = kind === "wait" && where.loop ? this.waitOfLoop.get(where.loop) : undefined;
    if (known !== undefined) {
      const found = this.into.found[known];
      if (found && rank(most) > rank(found.most)) Object.assign(found, { most, reason });
      return known;
    }
    const call = this.add(kind, where, kind === "wait" && where.loop ? where.loop : node, most, reason);
    if (kind === "wait" && where.loop) this.waitOfLoop.set(where.loop, call);
    return call;
  }

  /** Lowers the most that a call may have, never raises it. */
  lower(call: number, most: Level, reason: string): void {
    const found = this.into.found[call];
    if (found && rank(most) > rank(found.most)) Object.assign(found, { most, reason });
  }
}

/** The most that a call may have by itself. */
function limitOf({ besides, probe, otherName }: Classified): { most: Level; reason: string | undefined } {
  if (besides !== undefined) return { most: "none", reason: besides };
  if (probe)
    return { most: "review", reason: "an open port is not yet a ready proxy; it may be waited for by someone else" };
  return otherName
    ? { most: "review", reason: "the address is an unusual name of this Pod" }
    : { most: "safe", reason: undefined };
}
