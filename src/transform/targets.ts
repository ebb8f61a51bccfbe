import type { Config } from "../config/config.ts";
import type { CreateInjector } from "../inject/inject.ts";
import { isSameData } from "../source/equal.ts";
import { UsageError } from "../source/failure.ts";
import type { Path } from "../source/tree.ts";
import {
  type ClusterFacts,
  hasOwnTemplates,
  type ResolvedTarget,
  resolveTarget,
  TargetError,
  withTemplateRunner,
} from "../target/index.ts";
import { type Setting, settingsOf } from "./workload.ts";

/** What a config's targets make of workloads. @throws {SourceError | UsageError | TargetError} as `targetsOf`. */
export function settingOf(config: Config, cluster: ClusterFacts): Setting {
  const { podTemplates } = config;
  const [target, ...others] = targetsOf(config, cluster);
  if (others.length === 0) return { target, cluster, podTemplates };
  const names = targetNames([target, ...others]);
  return {
    name: names[0],
    target,
    cluster,
    podTemplates,
    others: others.map((other, n) => ({ name: names[n + 1], target: other, cluster, podTemplates })),
  };
}

/** The setting with what runs templates of the cluster's own, where a target has some. */
export async function runningTemplates(setting: Setting, load: () => Promise<CreateInjector>): Promise<Setting> {
  const isNeeded = settingsOf(setting).some(({ target }) => hasOwnTemplates(target));
  return isNeeded ? withTemplates(setting, await load()) : setting;
}

/** The same for those who have it at hand. */
export function withTemplates(setting: Setting, createInjector: CreateInjector): Setting {
  const { target, others } = setting;
  return {
    ...setting,
    target: withTemplateRunner(target, createInjector),
    ...(others && { others: others.map((other) => withTemplates(other, createInjector)) }),
  };
}

/**
 * The targets that a config asks for, each once.
 * @throws {SourceError | UsageError | TargetError} a target that cannot be had.
 */
export function targetsOf(config: Config, cluster: ClusterFacts): [ResolvedTarget, ...ResolvedTarget[]] {
  const [first = {}, ...rest] = config.targets;
  const isOnly = rest.length === 0;
  const resolved = [first, ...rest].map((request, n) => {
    try {
      return resolveTarget(request, cluster);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      const field = isOnly ? error.field : ["targets", n, ...error.field.slice(1)];
      throw config.errorAt(field, error.message) ?? error;
    }
  });
  const [target, ...others] = distinct(resolved);
  if (target === undefined) throw new RangeError("a run without a target");
  return [target, ...others];
}

/** The only target that a config asks for. @throws as `targetsOf`, and TargetError where it asks for several. */
export function targetOf(config: Config, cluster: ClusterFacts): ResolvedTarget {
  const [target, ...others] = targetsOf(config, cluster);
  if (others.length === 0) return target;
  const message = `this works for one target, not for ${others.length + 1} at once: run it once for each of them`;
  throw config.errorAt(["targets"], message) ?? new TargetError(message, ["targets"]);
}

/**
 * Refuses a render for several targets: each would make other Pods of the same manifest.
 * @param field where the config asks for it.
 * @throws {SourceError | UsageError}
 */
export function refuseSeveral(config: Config, setting: Setting, field: Path): void {
  const { length } = settingsOf(setting);
  if (length === 1) return;
  const message = `a render makes the Pods of one target, not of ${length}: run it once for each of them`;
  throw config.errorAt(field, message) ?? new UsageError(message);
}

function distinct(targets: readonly ResolvedTarget[]): ResolvedTarget[] {
  const kept: ResolvedTarget[] = [];
  for (const target of targets) if (!kept.some((other) => isSame(target, other))) kept.push(target);
  return kept;
}

/** What tells one target from another: all that decides, and not how it was asked for. */
function isSame(one: ResolvedTarget, other: ResolvedTarget): boolean {
  const facts = ({ istio, factsIstio, module, nativeSidecars, values, meshConfig }: ResolvedTarget) => {
    return { istio, factsIstio, module, nativeSidecars, values, meshConfig };
  };
  const words = (target: ResolvedTarget): string => QUALITIES.map((quality) => quality(target)).join("\0");
  return (
    one.injector?.name === other.injector?.name && words(one) === words(other) && isSameData(facts(one), facts(other))
  );
}

/** What people tell targets of one version apart by, in the order they are looked at. */
const QUALITIES: readonly ((target: ResolvedTarget) => string)[] = [
  ({ kubernetes }) => `Kubernetes ${kubernetes}`,
  ({ compatibilityMode }) => `compatibility mode ${compatibilityMode ? "on" : "off"}`,
  ({ nativeSidecars }) => `native sidecars ${nativeSidecars}`,
  ({ profile }) => `profile ${profile}`,
  ({ revision }) => (revision === "" ? "no revision" : `revision ${revision}`),
];

/** "istio 1.26.8", "module 1.25.0 with Kubernetes 1.32": what else they differ in where several have one version. */
export function targetNames(targets: readonly ResolvedTarget[]): string[] {
  const versions = targets.map(({ istio, module }) => (module === null ? `istio ${istio}` : `module ${module}`));
  const names = versions.map((version, n) => {
    const namesakes = targets.filter((_, other) => versions[other] === version);
    const told = QUALITIES.filter((quality) => new Set(namesakes.map(quality)).size > 1);
    const qualities = told.map((quality) => quality(targets[n] as ResolvedTarget));
    return qualities.length === 0 ? version : `${version} with ${qualities.join(" and ")}`;
  });
  // Values and MeshConfig alone have no name.
  return names.map((name, n) =>
    names.some((other, m) => other === name && m !== n) ? `${name} (target ${n + 1})` : name,
  );
}

/** Notes of several targets, each once: what all of them say stands alone, the rest behind their names. */
export function sharedNotes(told: readonly { name: string | undefined; notes: readonly string[] }[]): string[] {
  const all = new Set(told.flatMap(({ notes }) => notes));
  return [...all].map((note) => {
    const names = told.filter(({ notes }) => notes.includes(note)).map(({ name }) => name);
    return names.length === told.length ? note : `${names.join("; ")}: ${note}`;
  });
}
