import { visible } from "../report/visible.ts";
import { bounded } from "../source/bounded.ts";
import type { ResolvedTarget } from "../target/index.ts";
import type { SuppressionNote } from "../transform/suppression.ts";
import { sharedNotes } from "../transform/targets.ts";
import { type Setting, settingsOf } from "../transform/workload.ts";
import type { Io } from "./io.ts";

/** Tells notes on stderr, a line each, whatever names of the input they hold. */
export function tell(io: Io, notes: readonly string[]): void {
  for (const note of notes) io.stderr(`native-sidecar: ${visible(bounded(note))}\n`);
}

/** Where a command found nothing to work on: the input may be the wrong one, or of kinds that no option names. */
export const NO_WORKLOADS = "no workloads in the input";

/** What people should know about the target: assumptions where they mattered, unknown patches and the like. */
export function targetNotes(target: ResolvedTarget, assumptionsMatter: boolean, others: readonly string[]): string[] {
  const notes = [...target.notes, ...others];
  if (assumptionsMatter && target.assumed.includes("kubernetes")) {
    notes.push(`assumed Kubernetes ${target.kubernetes}; name the cluster's with --kubernetes`);
  }
  if (assumptionsMatter && target.assumed.includes("namespaces")) {
    notes.push("assumed injection in namespaces that are not in the input; add their Namespace manifests to be sure");
  }
  return notes;
}

/** The same for all targets of a run; each is named where the others have nothing of the kind to tell. */
export function runNotes(setting: Setting, assumptionsMatter: boolean, others: readonly string[]): string[] {
  const settings = settingsOf(setting);
  return [
    ...sharedNotes(settings.map(({ name, target }) => ({ name, notes: targetNotes(target, assumptionsMatter, []) }))),
    ...others,
  ];
}

/** What is wrong with suppressions: no such rule, no reason, nothing to suppress. */
export function suppressionNotes(notes: readonly SuppressionNote[]): string[] {
  return notes.map(({ file, line, message }) => `${file}:${line}: ${message}`);
}
