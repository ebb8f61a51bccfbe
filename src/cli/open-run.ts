import type { Config } from "../config/config.ts";
import type { CreateInjector } from "../inject/inject.ts";
import type { ClusterFacts } from "../target/index.ts";
import { runningTemplates, settingOf } from "../transform/targets.ts";
import type { Setting } from "../transform/workload.ts";
import { namingAllBadFiles } from "./bad-files.ts";
import { clusterOf, type InputFlags, type Inputs, openInputs } from "./inputs.ts";
import type { Io } from "./io.ts";
import { loadConfig, type TargetFlags } from "./options.ts";

/** What a command works on, and for which targets. */
export interface OpenRun {
  config: Config;
  inputs: Inputs;
  /**
   * What the targets make of workloads. Asked for last, as the inputs may have to be read for it.
   * @param cluster in place of what the inputs tell.
   */
  setting(cluster?: ClusterFacts): Promise<Setting>;
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
  const config = await loadConfig(flags, io.cwd);
  const inputs = await openInputs(paths, flags, io);
  const setting: OpenRun["setting"] = async (cluster) =>
    runningTemplates(settingOf(config, cluster ?? (await clusterOf(inputs))), loadInjector);
  return namingAllBadFiles(inputs, () => work({ config, inputs, setting }));
}

/** Few runs have templates that are not built in, and all have to start. */
async function loadInjector(): Promise<CreateInjector> {
  return (await import("../inject/inject.ts")).createInjector;
}
