import type { ResolvedTarget } from "../target/index.ts";
import type { SuppressionNote } from "../transform/suppression.ts";

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

/** What is wrong with suppressions: no such rule, no reason, nothing to suppress. */
export function suppressionNotes(notes: readonly SuppressionNote[]): string[] {
  return notes.map(({ file, line, message }) => `${file}:${line}: ${message}`);
}
