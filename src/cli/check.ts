import type { Config } from "../config/config.ts";
import { type Format, REPOSITORY_FORMATS, TARGET_FORMATS } from "../report/format.ts";
import {
  type Counts,
  counted,
  isFailure,
  type Report,
  type ReportItem,
  reportItems,
  type TargetSummary,
} from "../report/report.ts";
import { loadReporter } from "../report/reporters.ts";
import type { Severity } from "../rules/rule.ts";
import { type ResolvedTarget, UNKNOWN_CLUSTER } from "../target/index.ts";
import type { StripOptions } from "../transform/analyse.ts";
import { findingLiterals, inspect } from "../transform/transform.ts";
import { type Setting, settingsOf, workloadAt, workloadDocuments } from "../transform/workload.ts";
import { type InputFlags, type Inputs, inputsWith, STDIN } from "./inputs.ts";
import type { Io } from "./io.ts";
import { inJobs, type JobsFlag, type SliceWork } from "./jobs.ts";
import { runNotes, suppressionNotes, tell } from "./notes.ts";
import { type OpenRun, withRun } from "./open-run.ts";
import { isVersioned, type TargetFlags } from "./options.ts";
import { OWN_VERSION } from "./own-version.ts";
import { relativePaths } from "./relative-path.ts";
import { FOUND, OK } from "./run.ts";
import { sharedFacts, wholeSetting } from "./setting.ts";

export interface CheckFlags extends TargetFlags, InputFlags, JobsFlag {
  format: Format;
  failOn: Severity | "never";
  quiet?: boolean;
  color: boolean;
}

export async function checkCommand(paths: string[], flags: CheckFlags, io: Io): Promise<number> {
  return withRun(paths, flags, io, (run) => checkInputs(run, flags, io));
}

async function checkInputs(run: OpenRun, flags: CheckFlags, io: Io): Promise<number> {
  const { config, inputs } = run;
  const options = stripOptions(config);
  const suspects = await inputsWith(inputs, findingLiterals(options));
  // Most runs find nothing: then no file needs to be read again for what it says of the cluster.
  const isNamed = config.targets.length > 0 && config.targets.every(isVersioned);
  const isClear = suspects.length === 0 && !TARGET_FORMATS.has(flags.format) && isNamed;
  const alone = await run.setting(isClear ? UNKNOWN_CLUSTER : undefined);
  const shared = await sharedFacts(alone, suspects, inputs);
  const setting = await wholeSetting(alone, shared);
  const work = await checkWork(config, setting, flags);
  const parts = await inJobs(work, suspects, { command: "check", flags, shared }, { run, io });
  const checked = parts.flat();
  const named = REPOSITORY_FORMATS.has(flags.format) ? relativePaths(io.cwd) : (file: string) => file;
  const items = checked.flatMap(({ items }, n) => {
    const text = suspects[n]?.text ?? "";
    return items.map((item): ReportItem => ({ ...item, text, file: named(item.file) }));
  });
  const report: Report = {
    version: OWN_VERSION,
    targets: settingsOf(setting).map(({ target }) => describeTarget(target)),
    files: inputs.files?.map(({ name }) => named(name)) ?? [STDIN],
    items,
    failOn: flags.failOn,
    colours: io.colours && flags.color,
    counts: () => countAll(inputs, setting),
  };
  const write = await loadReporter(flags.format);
  io.stdout(await write(report));
  if (flags.format === "text" && items.length === 0 && !flags.quiet)
    io.stderr(`native-sidecar: no findings in ${counted(inputs.count, "file")}\n`);
  const others = [...checked.flatMap(({ notes }) => notes), ...inputs.notes];
  const notes = flags.quiet ? [] : runNotes(setting, items.length > 0, others);
  tell(io, notes);
  return items.some((item) => isFailure(item, flags.failOn)) ? FOUND : OK;
}

/** What there is to report of one input; the main thread has its text. */
interface Checked {
  items: Omit<ReportItem, "text">[];
  notes: string[];
}

export async function checkWork(config: Config, setting: Setting, flags: CheckFlags): Promise<SliceWork<Checked[]>> {
  const options = stripOptions(config);
  const fixMaker = flags.format === "sarif" ? (await import("../report/sarif-fixes.ts")).fixMaker : undefined;
  return (inputs) => {
    const checked: Checked[] = [];
    for (const input of inputs) {
      const { findings, notes } = inspect(input, setting, options);
      const items = reportItems(findings, fixMaker?.(findings)).map(({ text: _, ...item }) => item);
      checked.push({ items, notes: suppressionNotes(notes) });
    }
    return checked;
  };
}

function stripOptions({ strip }: Config): StripOptions {
  return strip ?? { level: "safe", rules: {} };
}

function describeTarget(target: ResolvedTarget): TargetSummary {
  const { istio, module, kubernetes, assumed } = target;
  return { istio, module, kubernetes, nativeSidecars: defaultIsNative(target), assumed: [...assumed] };
}

/** Whether a Pod that may run on any node and says nothing gets a native sidecar. */
function defaultIsNative({ nativeSidecars, kubernetesMinor }: ResolvedTarget): boolean {
  return nativeSidecars === "auto" ? kubernetesMinor >= 33 : nativeSidecars;
}

/** Every document counts here, also those that no rule looks at. */
async function countAll(inputs: Inputs, setting: Setting): Promise<Counts> {
  const settings = settingsOf(setting);
  const sidecars = settings.map(() => ({ native: 0, regular: 0, none: 0 }));
  const counts = { files: inputs.count, documents: 0, workloads: 0, sidecars };
  for await (const { input } of inputs.read(undefined)) {
    counts.documents += input.chunks.length;
    for (const { workloads } of workloadDocuments(input, setting, () => true)) {
      counts.workloads += workloads.length;
      for (const [n, one] of sidecars.entries()) {
        const there = settings[n] ?? setting;
        for (const workload of workloads) one[workloadAt(workload, there).pod.sidecar]++;
      }
    }
  }
  return counts;
}
