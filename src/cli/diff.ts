import type { Config } from "../config/config.ts";
import { compareTargets } from "../diff/upgrade.ts";
import { WORKLOAD_KINDS } from "../kube/pod-template.ts";
import type { DiffReport } from "../report/diff-report.ts";
import { type ClusterFacts, parseTargetWords, type ResolvedTarget, TargetError } from "../target/index.ts";
import type { Input } from "../transform/input.ts";
import { targetOf } from "../transform/transform.ts";
import type { Setting } from "../transform/workload.ts";
import { clusterOf, type Inputs, openInputs } from "./inputs.ts";
import type { Io } from "./io.ts";
import { targetNotes } from "./notes.ts";
import { loadConfig, type TargetFlags } from "./options.ts";
import { FOUND, OK } from "./run.ts";

export interface DiffFlags extends TargetFlags {
  from: string;
  to: string;
  format: "text" | "json" | "markdown";
  color: boolean;
  quiet?: boolean;
}

/** `diff --from TARGET --to TARGET [PATH…]`: what an upgrade changes in the rendered Pods. Status 1: something does. */
export async function diffCommand(paths: string[], flags: DiffFlags, io: Io): Promise<number> {
  const config = await loadConfig(flags, io.cwd);
  const configs = { from: withWords(config, flags.from, "--from"), to: withWords(config, flags.to, "--to") };
  const inputs = await openInputs(paths, io);
  const cluster = await clusterOf(inputs);
  const from: Setting = { target: named("--from", configs.from, cluster), cluster, podTemplates: config.podTemplates };
  const to: Setting = { target: named("--to", configs.to, cluster), cluster, podTemplates: config.podTemplates };
  const kinds = [...WORKLOAD_KINDS, ...config.podTemplates.map(({ kind }) => kind)];
  const upgrade = await compareTargets(inputsOf(inputs, kinds), from, to);
  const report: DiffReport = { from: from.target, to: to.target, upgrade };
  io.stdout(await formatted(report, flags, io));
  if (!flags.quiet) {
    const notes = [from, to].flatMap(({ target }) => [
      ...target.renderNotes,
      ...targetNotes(target, upgrade.counts.workloads > 0, inputs.notes),
    ]);
    for (const refusal of upgrade.refused) io.stderr(`native-sidecar: refused at both targets: ${refusal}\n`);
    for (const note of new Set(notes)) io.stderr(`native-sidecar: ${note}\n`);
  }
  return upgrade.counts.changed > 0 ? FOUND : OK;
}

/** The common flags hold for both targets; what a TARGET says goes over them, a version with all that goes with it. */
function withWords(config: Config, words: string, flag: string): Config {
  const request = naming(flag, () => parseTargetWords(words));
  const [common = {}] = config.targets;
  const { module: _module, istio: _istio, profile: _profile, ...rest } = common;
  const isVersioned = request.istio !== undefined || request.module !== undefined;
  return { ...config, targets: [isVersioned ? { ...rest, ...request } : { ...common, ...request }] };
}

function named(flag: string, config: Config, cluster: ClusterFacts): ResolvedTarget {
  return naming(flag, () => targetOf(config, cluster));
}

/** Says which of the two targets cannot be had. */
function naming<T>(flag: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof TargetError ? new TargetError(`${flag}: ${error.message}`, error.field) : error;
  }
}

async function* inputsOf(inputs: Inputs, literals: readonly string[]): AsyncGenerator<Input> {
  for await (const { input } of inputs.read(literals)) yield input;
}

async function formatted(report: DiffReport, { format, color }: DiffFlags, io: Io): Promise<string> {
  if (format === "json") return (await import("../report/diff-json.ts")).diffJson(report);
  if (format === "markdown") return (await import("../report/diff-markdown.ts")).diffMarkdown(report);
  return (await import("../report/diff-text.ts")).diffText(report, io.colours && color);
}
