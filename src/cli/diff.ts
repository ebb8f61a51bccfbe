import type { Config } from "../config/config.ts";
import { compareTargets } from "../diff/upgrade.ts";
import { createInjector } from "../inject/inject.ts";
import { WORKLOAD_KINDS } from "../kube/pod-template.ts";
import type { DiffReport } from "../report/diff-report.ts";
import { UsageError } from "../source/failure.ts";
import { type ClusterFacts, parseTargetWords, type ResolvedTarget, TargetError } from "../target/index.ts";
import type { Input } from "../transform/input.ts";
import { sharedNotes, targetOf, withTemplates } from "../transform/targets.ts";
import type { Setting } from "../transform/workload.ts";
import { namingAllBadFiles } from "./bad-files.ts";
import { clusterOf, type InputFlags, type Inputs, openInputs } from "./inputs.ts";
import type { Io } from "./io.ts";
import { NO_WORKLOADS, targetNotes, tell } from "./notes.ts";
import { isVersioned, loadCommonConfig, type TargetFlags } from "./options.ts";
import { FOUND, OK } from "./run.ts";

export interface DiffFlags extends TargetFlags, InputFlags {
  from: string;
  to: string;
  format: "text" | "json" | "markdown";
  color: boolean;
  quiet?: boolean;
}

/** `diff --from TARGET --to TARGET [PATH…]`: what an upgrade changes in the rendered Pods. Status 1: something does. */
export async function diffCommand(paths: string[], flags: DiffFlags, io: Io): Promise<number> {
  refuseVersionFlags(flags);
  const { config, differing } = await loadCommonConfig(flags, io.cwd);
  const configs = { from: withWords(config, flags, "from"), to: withWords(config, flags, "to") };
  const inputs = await openInputs(paths, flags, io);
  inputs.notes.push(...leftOut(differing, configs));
  return namingAllBadFiles(inputs, () => diffInputs(inputs, config, configs, flags, io));
}

async function diffInputs(
  inputs: Inputs,
  config: Config,
  configs: Readonly<Record<"from" | "to", Config>>,
  flags: DiffFlags,
  io: Io,
): Promise<number> {
  const { cluster } = await clusterOf(inputs);
  const targets = bothTargets(configs, cluster);
  const settingFor = (target: ResolvedTarget): Setting =>
    withTemplates({ target, cluster, podTemplates: config.podTemplates }, createInjector);
  const [from, to] = [settingFor(targets.from), settingFor(targets.to)];
  const kinds = [...WORKLOAD_KINDS, ...config.podTemplates.map(({ kind }) => kind)];
  const upgrade = await compareTargets(inputsOf(inputs, kinds), from, to);
  const report: DiffReport = { from: from.target, to: to.target, cluster, upgrade };
  io.stdout(await formatted(report, flags, io));
  if (!flags.quiet) {
    const hasWorkloads = upgrade.counts.workloads > 0;
    const told = (["from", "to"] as const).map((side) => {
      const { target } = side === "from" ? from : to;
      const notes = [...target.renderNotes, ...upgrade.notes[side], ...targetNotes(target, hasWorkloads, [])];
      return { name: `--${side}`, notes };
    });
    tell(
      io,
      upgrade.refused.map((refusal) => `refused at both targets: ${refusal}`),
    );
    tell(io, [...sharedNotes(told), ...inputs.notes, ...(hasWorkloads ? [] : [NO_WORKLOADS])]);
  }
  return upgrade.counts.changed > 0 ? FOUND : OK;
}

/** A setting of one of several targets is neither side's; both may have named their own. */
function leftOut(differing: readonly string[], { from, to }: Readonly<Record<"from" | "to", Config>>): string[] {
  const missing = [from, to].flatMap(({ targets: [request = {}] }) =>
    differing.filter((field) => !Object.hasOwn(request, field)),
  );
  if (missing.length === 0) return [];
  const fields = [...new Set(missing)].join(", ");
  return [
    `the targets of the configuration differ in ${fields}, which neither side takes from there; give it in --from and --to, or by a flag for both`,
  ];
}

/** The versions are what `diff` is about: one for both would be one for neither. */
function refuseVersionFlags({ module, istio }: DiffFlags): void {
  const flag = module !== undefined ? "module" : istio !== undefined ? "istio" : undefined;
  if (flag === undefined) return;
  const words = `${flag}=${module ?? istio}`;
  throw new UsageError(`--${flag} beside --from and --to: name it in one of them, --from ${words} or --to ${words}`);
}

/** The common flags hold for both targets; what a TARGET says goes over them, a version with all that goes with it. */
function withWords(config: Config, flags: DiffFlags, side: "from" | "to"): Config {
  const request = naming(`--${side}`, () => parseTargetWords(flags[side]));
  const [common = {}] = config.targets;
  const { module: _module, istio: _istio, profile: _profile, ...rest } = common;
  const profile = flags.profile === undefined ? {} : { profile: flags.profile };
  return {
    ...config,
    targets: [isVersioned(request) ? { ...rest, ...profile, ...request } : { ...common, ...request }],
  };
}

/**
 * Two releases are compared by the built-in templates of both: the cluster's own injector, which one of them may mean,
 * would differ from the other's in more than the upgrade.
 */
function bothTargets(
  configs: Record<"from" | "to", Config>,
  cluster: ClusterFacts,
): Record<"from" | "to", ResolvedTarget> {
  const resolved = (facts: ClusterFacts) => ({
    from: named("--from", configs.from, facts),
    to: named("--to", configs.to, facts),
  });
  const builtIn = () =>
    resolved({ ...cluster, injectors: cluster.injectors?.map(({ config: _config, ...values }) => values) });
  const isExplicit = [configs.from, configs.to].every(({ targets: [request = {}] }) => isVersioned(request));
  const isUnclear = cluster.injectors?.some(({ rivals }) => rivals !== undefined) ?? false;
  if (isExplicit && isUnclear) return builtIn();
  const targets = resolved(cluster);
  const isOneSided = (targets.from.injector === undefined) !== (targets.to.injector === undefined);
  return isExplicit && isOneSided ? builtIn() : targets;
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
