import type { Rule } from "../rules/rule.ts";
import { analyse, type DocumentFindings, isApplied, type StripOptions } from "./analyse.ts";
import type { Finding } from "./finding.ts";
import type { Input } from "./input.ts";
import type { SuppressionNote } from "./suppression.ts";
import type { Setting } from "./workload.ts";

const MAX_ROUNDS = 10;

export interface Stripped {
  /** The input after all fixes; the very same object where nothing was fixed. */
  input: Input;
  applied: Finding[];
  /** What stands after the last round. */
  remaining: Finding[];
  /** What is wrong with suppressions, as things stand after the last round. */
  notes: SuppressionNote[];
  rounds: number;
}

/**
 * Applies fixes until none is left to apply: what a fix uncovers is fixed in the same run.
 * @param keep workloads that are opted out and keep their hacks.
 */
export function strip(
  input: Input,
  setting: Setting,
  rules: readonly Rule[],
  options: StripOptions,
  keep: ReadonlySet<string>,
): Stripped {
  const applied: Finding[] = [];
  let current = input;
  let open: ReadonlySet<number> | undefined;
  for (let round = 0; ; round++) {
    const documents = [...analyse(current, setting, rules, keep, open)];
    const chosen = documents.map(({ findings }) => findings.filter((finding) => isApplied(finding, options)));
    const plans = documents.map((document, n) => document.edits(chosen[n] ?? []));
    const edits = plans.flatMap((plan) => plan.edits);
    const fixed = plans.flatMap(({ carriedOut }) => carriedOut);
    if (edits.length === 0) {
      const remaining = documents.flatMap(({ findings }) => findings);
      return { input: current, applied, remaining, notes: documents.flatMap(({ notes }) => notes), rounds: round };
    }
    if (round === MAX_ROUNDS) {
      const names = [...new Set(fixed.map((finding) => finding.rule.name))].join(", ");
      throw new Error(`${input.file}: the fixes of ${names} did not come to an end after ${MAX_ROUNDS} rounds`);
    }
    applied.push(...fixed);
    const { length } = current.chunks;
    current = current.edited(edits);
    open = current.chunks.length === length ? stillOpen(documents) : undefined;
  }
}

/** Documents are read each by itself: where nothing stood, no edit to another one brings anything up. */
function stillOpen(documents: readonly DocumentFindings[]): Set<number> {
  const told = documents.filter(({ findings, notes }) => findings.length > 0 || notes.length > 0);
  return new Set(told.map(({ chunk }) => chunk.index));
}
