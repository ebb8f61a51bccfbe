// Compiled, never run: src/index.ts is what fn/index.d.mts tells users that it is.

import type { KptFunc } from "kpt-functions";
import type * as Published from "../../fn/index.d.mts";
import * as source from "../../src/index.ts";

export const published: Pick<
  typeof Published,
  "transform" | "check" | "render" | "SourceError" | "UsageError" | "TargetError"
> = source as unknown as Pick<typeof source, "transform" | "check" | "render"> & {
  [Name in "SourceError" | "UsageError" | "TargetError"]: (typeof Published)[Name];
};

/** Both ways, so that neither has a field more. */
export const ways = {
  finding: (finding: Published.ReportedFinding): source.ReportedFinding => finding,
  findingBack: (finding: source.ReportedFinding): Published.ReportedFinding => finding,
  outcome: (outcome: Published.FunctionOutcome): source.FunctionOutcome => outcome,
  outcomeBack: (outcome: source.FunctionOutcome): Published.FunctionOutcome => outcome,
  error: (error: source.SourceError): Published.SourceError => error,
  kpt: (run: typeof Published.nativeSidecar): KptFunc => run,
};
