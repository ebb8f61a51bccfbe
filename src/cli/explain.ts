import { nearest } from "../config/nearest.ts";
import { WORKLOAD_KINDS } from "../kube/pod-template.ts";
import { visible } from "../report/visible.ts";
import { RULES } from "../rules/index.ts";
import { bounded } from "../source/bounded.ts";
import { UsageError } from "../source/failure.ts";
import { servingTarget, templatesOf } from "../target/index.ts";
import { type Setting, settingsOf, type Workload, workloadAt, workloadDocuments } from "../transform/workload.ts";
import type { InputFlags } from "./inputs.ts";
import type { Io } from "./io.ts";
import { NO_WORKLOADS, runNotes, tell } from "./notes.ts";
import { type OpenRun, withRun } from "./open-run.ts";
import type { TargetFlags } from "./options.ts";
import { OK } from "./run.ts";

export interface ExplainFlags extends TargetFlags, InputFlags {
  workload?: boolean;
  quiet?: boolean;
}

/** `explain RULE`, or `explain --workload FILE…`. */
export async function explainCommand(words: string[], flags: ExplainFlags, io: Io): Promise<number> {
  if (flags.workload) return withRun(words, flags, io, (run) => explainWorkloads(run, flags, io));
  const [name] = words;
  if (name === undefined || words.length > 1) throw new UsageError("give one rule's name, or --workload and files");
  const { ruleDocument } = await import("../rules/documents.ts");
  const text = ruleDocument(name);
  if (text === undefined) {
    const names = RULES.map(({ meta }) => meta.name);
    const guess = nearest(name, names);
    throw new UsageError(
      `no rule '${name}'${guess === undefined ? "" : `, did you mean ${guess}?`}; rules: ${names.join(", ")}`,
    );
  }
  io.stdout(text);
  return OK;
}

async function explainWorkloads(run: OpenRun, flags: ExplainFlags, io: Io): Promise<number> {
  const { config, inputs } = run;
  const setting = await run.setting();
  const literals = [...WORKLOAD_KINDS, ...config.podTemplates.map(({ kind }) => kind)];
  const lines: string[] = [];
  let count = 0;
  for await (const { input } of inputs.read(literals)) {
    for (const { workloads } of workloadDocuments(input, setting, () => true)) {
      count += workloads.length;
      lines.push(...workloads.map((workload) => explained(workload, setting)));
    }
  }
  for (const line of lines) io.stdout(line);
  if (count === 0) tell(io, [NO_WORKLOADS]);
  if (!flags.quiet) tell(io, runNotes(setting, count > 0, inputs.notes));
  return OK;
}

/** Which templates of the cluster's own injector run for a Pod; undefined for the built-in ones. */
function madeBy(workload: Workload, setting: Setting): string | undefined {
  const { seen } = workload.pod;
  const target = servingTarget(setting.target, setting.cluster, seen);
  const { injector } = target;
  const { decision } = workloadAt(workload, setting);
  if (injector === undefined || !decision.injected || decision.undecided !== undefined) return undefined;
  const names = templatesOf(target, seen);
  return `made by: template${names.length === 1 ? "" : "s"} ${names.join(", ")} of ${injector.name}`;
}

function explained(workload: Workload, setting: Setting): string {
  const { file, kind, namespace, name } = workload.pod.template.resource;
  const owner = `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
  const settings = settingsOf(setting);
  const lines = settings.flatMap((one) => {
    const { reason, flips } = workloadAt(workload, one).decision;
    const made = madeBy(workload, one);
    const told = [reason, ...(made === undefined ? [] : [made]), ...flips.map((flip) => `would change with: ${flip}`)];
    return one.name === undefined ? told : [`at ${one.name}`, ...told.map((line) => `  ${line}`)];
  });
  const all = [`${file}: ${owner}`, ...lines.map((line) => `  ${line}`)];
  // Names and annotations are whatever the input holds.
  return all.map((line) => `${visible(bounded(line))}\n`).join("");
}
