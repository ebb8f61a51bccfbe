import type { Discovery, Level } from "../discovery.ts";
import { rank } from "../discovery.ts";
import { rangeInRoot, type Unit } from "../nested.ts";
import { type SyntaxNode, walk } from "../parse.ts";
import type { Marks } from "./marking.ts";

/** A finding that must stay and would go with a construct, and the calls that take the construct along. */
export interface Swept {
  /** Number of the finding that would go. */
  kept: number;
  /** Numbers of the calls that go in the same construct. */
  takers: number[];
}

/**
 * Findings that would go although they were not chosen: no edit may take away the text of one. A wrapper goes with the
 * call it stands before.
 */
export function sweptBy(found: Discovery, marks: Marks, active: ReadonlySet<number>): Swept[] {
  if (active.size === found.found.length || marks.gone.size === 0) return [];
  const swept: Swept[] = [];
  for (const unit of found.units) {
    walk(unit.script, (node) => {
      if (!marks.gone.has(node)) return true;
      const inside = callsWithin(found, unit, node);
      const takers = [...inside].filter((call) => active.has(call));
      for (const call of inside)
        if (!active.has(call) && !isWrapperToGo(found, call)) swept.push({ kept: call, takers });
      return false;
    });
  }
  return swept;
}

/** Calls whose command, or whose whole text, stands in a node. */
function callsWithin(found: Discovery, unit: Unit, root: SyntaxNode): Set<number> {
  const calls = new Set<number>();
  const { start, end } = rangeInRoot(unit, root.pos, root.end);
  found.found.forEach((one, call) => {
    if (one.variable === undefined && one.start >= start && one.end <= end) calls.add(call);
  });
  const gather = (from: SyntaxNode): void =>
    walk(from, (node) => {
      const call = found.calls.get(node)?.call;
      if (call !== undefined) calls.add(call);
      for (const one of found.answers.get(node)?.calls ?? []) calls.add(one);
      const inner = found.nested.get(node);
      if (inner) for (const statement of inner.script.commands) gather(statement);
      return true;
    });
  gather(root);
  return calls;
}

function isWrapperToGo(found: Discovery, call: number): boolean {
  const one = found.found[call];
  return one?.kind === "wrapper" && one.most !== "none";
}

/** How far the takers may go: a finding that is left for good holds them for good. */
export function levelBeside(kept: Level): Level {
  return rank(kept) > rank("review") ? "none" : "review";
}
