import type { Config } from "../config/config.ts";
import { type ClusterFacts, UNKNOWN_CLUSTER } from "../target/index.ts";
import { runningTemplates, settingOf } from "../transform/targets.ts";
import type { Setting } from "../transform/workload.ts";
import { namingAllBadFiles } from "./bad-files.ts";
import { configFilesOnDisk, type SeenConfigFiles, seenConfigFiles } from "./config-files.ts";
import { clusterOf, type InputFlags, type Inputs, openInputs, type ToldCluster, textsOf } from "./inputs.ts";
import type { Io } from "./io.ts";
import { loadConfig, type TargetFlags } from "./options.ts";
import { clusterFrom, loadInjector, type TellingTexts } from "./setting.ts";

/** What a command works on, and for which targets. */
export interface OpenRun {
  config: Config;
  inputs: Inputs;
  /**
   * What the targets make of workloads. Asked for last, as the inputs may have to be read for it.
   * @param cluster in place of what the inputs tell.
   */
  setting(cluster?: ClusterFacts): Promise<Setting>;
  /** What the setting comes from, once it was asked for. */
  origin(): Promise<SettingOrigin>;
}

/** What config and setting come from: plain data, of which a worker makes the same. */
export interface SettingOrigin {
  cwd: string;
  configFiles: SeenConfigFiles;
  /** undefined: nothing is known of the cluster. */
  cluster: TellingTexts | undefined;
}

/**
 * Opens what a command line names, and does a command's work with it.
 * @throws {SourceError | UsageError | TargetError | BadFilesError} also by `setting`.
 */
export async function withRun(
  paths: readonly string[],
  flags: TargetFlags & InputFlags,
  io: Io,
  work: (run: OpenRun) => Promise<number>,
): Promise<number> {
  const { files, seen } = configFilesOnDisk();
  const config = await loadConfig(flags, io.cwd, files);
  const inputs = await openInputs(paths, flags, io);
  let told: ToldCluster | undefined;
  const setting: OpenRun["setting"] = async (cluster) => {
    if (cluster === undefined) told = await clusterOf(inputs);
    return runningTemplates(settingOf(config, cluster ?? (told as ToldCluster).cluster), loadInjector);
  };
  const origin: OpenRun["origin"] = async () => ({
    cwd: io.cwd,
    configFiles: seen,
    cluster: told && { tellers: await textsOf(told.tellers), usedNamespaces: told.cluster.usedNamespaces },
  });
  return namingAllBadFiles(inputs, () => work({ config, inputs, setting, origin }));
}

/** The same config and setting again. */
export async function settingFrom(
  { cwd, configFiles, cluster }: SettingOrigin,
  flags: TargetFlags,
): Promise<{ config: Config; setting: Setting }> {
  const config = await loadConfig(flags, cwd, seenConfigFiles(configFiles));
  const facts = cluster === undefined ? UNKNOWN_CLUSTER : clusterFrom(cluster);
  return { config, setting: await runningTemplates(settingOf(config, facts), loadInjector) };
}
