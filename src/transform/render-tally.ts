/** What a render has to tell of its workloads, counted: plain data, which those of other workers are added to. */
export interface RenderTally {
  /** Version as asked for. */
  istio: string;
  /** Number of workloads whose earlier render is not known, and left something behind. */
  kept: number;
  /** Fields of the workloads' Pods that the injector drops, with the number of workloads. */
  dropped: Map<string, number>;
  /** The same of Pods that other revisions inject, by their names. */
  revisions: Map<string, RenderTally>;
}

export function emptyTally(istio: string): RenderTally {
  return { istio, kept: 0, dropped: new Map(), revisions: new Map() };
}

/** The tally of another revision's Pods. */
export function tallyOf({ revisions }: RenderTally, revision: string, istio: string): RenderTally {
  const known = revisions.get(revision) ?? emptyTally(istio);
  revisions.set(revision, known);
  return known;
}

export function count(counts: Map<string, number>, name: string, more: number): void {
  counts.set(name, (counts.get(name) ?? 0) + more);
}

/** Adds what was counted of the workloads behind those of `to`. */
export function addTally(to: RenderTally, { kept, dropped, revisions }: RenderTally): void {
  to.kept += kept;
  for (const [field, workloads] of dropped) count(to.dropped, field, workloads);
  for (const [revision, tally] of revisions) addTally(tallyOf(to, revision, tally.istio), tally);
}

/** One note for each field that the injector drops, one for what earlier renders left behind. */
export function renderNotes({ istio, kept, dropped, revisions }: RenderTally): string[] {
  const notes = [...dropped].map(([field, workloads]) => {
    const whose = workloads === 1 ? "1 workload has" : `${workloads} workloads have`;
    return `${whose} ${field}, which Istio ${istio} is too old to know: its injector takes it out of the Pods`;
  });
  if (kept > 0) notes.push(keptNote(kept));
  return [...notes, ...[...revisions.values()].flatMap(renderNotes)];
}

function keptNote(workloads: number): string {
  const whose = workloads === 1 ? "1 workload was" : `${workloads} workloads were`;
  return (
    `${whose} injected before, with settings that are not known here: what stood in istio-proxy passes for its author's ` +
    "own, as the injector takes it; render the manifest as it was before to be rid of it"
  );
}
