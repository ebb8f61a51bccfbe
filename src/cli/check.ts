import { type Format, TARGET_FORMATS } from "../report/format.ts";
import { counted, isFailure, type Report, type RunSummary, reportItems } from "../report/report.ts";
import { loadReporter } from "../report/reporters.ts";
import type { Severity } from "../rules/rule.ts";
import { type ResolvedTarget, UNKNOWN_CLUSTER } from "../target/index.ts";
import type { StripOptions } from "../transform/analyse.ts";
import { findingLiterals, inspect, targetOf } from "../transform/transform.ts";
import { type Setting, workloadDocuments } from "../transform/workload.ts";
import { clusterOf, type Inputs, inputsWith, openInputs, STDIN } from "./inputs.ts";
import type { Io } from "./io.ts";
import { suppressionNotes, targetNotes } from "./notes.ts";
import { loadConfig, type TargetFlags } from "./options.ts";
import { OWN_VERSION } from "./own-version.ts";
import { FOUND, OK } from "./run.ts";
import { wholeSetting } from "./setting.ts";

export interface CheckFlags extends TargetFlags {
  format: Format;
  failOn: Severity | "never";
  quiet?: boolean;
  color: boolean;
}

export async function checkCommand(paths: string[], flags: CheckFlags, io: Io): Promise<number> {
  const config = await loadConfig(flags, io.cwd);
  const inputs = await openInputs(paths, io);
  const options: StripOptions = config.strip ?? { level: "safe", rules: {} };
  const suspects = await inputsWith(inputs, findingLiterals(options));
  // Most runs find nothing: then no file needs to be read again for what it says of the cluster.
  const isClear = suspects.length === 0 && !TARGET_FORMATS.has(flags.format) && config.targets.length > 0;
  const cluster = isClear ? UNKNOWN_CLUSTER : await clusterOf(inputs);
  const target = targetOf(config, cluster);
  const setting = await wholeSetting({ target, cluster, podTemplates: config.podTemplates }, suspects, inputs);
  const inspections = suspects.map((input) => inspect(input, setting, options));
  const items = reportItems(inspections.flatMap(({ findings }) => findings));
  const report: Report = {
    version: OWN_VERSION,
    target: describeTarget(target),
    files: inputs.files?.map(({ name }) => name) ?? [STDIN],
    items,
    failOn: flags.failOn,
    colours: io.colours && flags.color,
    counts: () => countAll(inputs, setting),
  };
  const write = await loadReporter(flags.format);
  io.stdout(await write(report));
  if (flags.format === "text" && items.length === 0 && !flags.quiet)
    io.stderr(`native-sidecar: no findings in ${counted(inputs.count, "file")}\n`);
  const others = [...inspections.flatMap((inspection) => suppressionNotes(inspection.notes)), ...inputs.notes];
  const notes = flags.quiet ? [] : targetNotes(target, items.length > 0, others);
  for (const note of notes) io.stderr(`native-sidecar: ${note}\n`);
  return items.some((item) => isFailure(item, flags.failOn)) ? FOUND : OK;
}

function describeTarget(target: ResolvedTarget): RunSummary["target"] {
  const { istio, module, kubernetes, assumed } = target;
  return { istio, module, kubernetes, nativeSidecars: defaultIsNative(target), assumed: [...assumed] };
}

/** Whether a Pod that may run on any node and says nothing gets a native sidecar. */
function defaultIsNative({ nativeSidecars, kubernetesMinor }: ResolvedTarget): boolean {
  return nativeSidecars === "auto" ? kubernetesMinor >= 33 : nativeSidecars;
}

/** Every document counts here, also those that no rule looks at. */
async function countAll(inputs: Inputs, setting: Setting): Promise<RunSummary["counts"]> {
  const counts = { files: inputs.count, documents: 0, workloads: 0, native: 0, regular: 0, none: 0 };
  for await (const { input } of inputs.read(undefined)) {
    counts.documents += input.chunks.length;
    for (const { workloads } of workloadDocuments(input, setting, () => true)) {
      counts.workloads += workloads.length;
      for (const { pod } of workloads) counts[pod.sidecar]++;
    }
  }
  return counts;
}
