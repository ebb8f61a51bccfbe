import { nearest } from "../config/nearest.ts";
import { WORKLOAD_KINDS } from "../kube/pod-template.ts";
import { RULES } from "../rules/index.ts";
import { UsageError } from "../source/failure.ts";
import { targetOf } from "../transform/transform.ts";
import { type Setting, type Workload, workloadDocuments } from "../transform/workload.ts";
import { clusterOf, openInputs } from "./inputs.ts";
import type { Io } from "./io.ts";
import { targetNotes } from "./notes.ts";
import { loadConfig, type TargetFlags } from "./options.ts";
import { OK } from "./run.ts";

export interface ExplainFlags extends TargetFlags {
  workload?: boolean;
  quiet?: boolean;
}

/** `explain RULE`, or `explain --workload FILE…`. */
export async function explainCommand(words: string[], flags: ExplainFlags, io: Io): Promise<number> {
  if (flags.workload) return explainWorkloads(words, flags, io);
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

async function explainWorkloads(paths: string[], flags: ExplainFlags, io: Io): Promise<number> {
  const config = await loadConfig(flags, io.cwd);
  const inputs = await openInputs(paths, io);
  const cluster = await clusterOf(inputs);
  const target = targetOf(config, cluster);
  const setting: Setting = { target, cluster, podTemplates: config.podTemplates };
  const literals = [...WORKLOAD_KINDS, ...config.podTemplates.map(({ kind }) => kind)];
  let count = 0;
  for await (const { input } of inputs.read(literals)) {
    for (const { workloads } of workloadDocuments(input, setting, () => true)) {
      count += workloads.length;
      for (const workload of workloads) io.stdout(explained(workload));
    }
  }
  if (count === 0) io.stderr("native-sidecar: no workloads\n");
  if (!flags.quiet)
    for (const note of targetNotes(target, count > 0, inputs.notes)) io.stderr(`native-sidecar: ${note}\n`);
  return OK;
}

function explained({ pod, decision }: Workload): string {
  const { file, kind, namespace, name } = pod.template.resource;
  const owner = `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
  const lines = [
    `${file}: ${owner}`,
    `  ${decision.reason}`,
    ...decision.flips.map((flip) => `  would change with: ${flip}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
