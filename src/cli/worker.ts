import { parentPort } from "node:worker_threads";
import type { Config } from "../config/config.ts";
import { SourceError, UsageError } from "../source/failure.ts";
import { TargetError } from "../target/index.ts";
import type { Setting } from "../transform/workload.ts";
import { type CheckFlags, checkWork } from "./check.ts";
import { type FixFlags, fixWork } from "./fix.ts";
import {
  inputsOf,
  type SliceAnswer,
  type SliceError,
  type SliceTask,
  type SliceWork,
  type WorkOrigin,
} from "./jobs.ts";
import { settingFrom } from "./open-run.ts";
import type { TargetFlags } from "./options.ts";
import { type RenderFlags, renderWork } from "./render.ts";
import { wholeSetting } from "./setting.ts";

/** Does one slice of a run's work in a thread of its own, and tells the main thread what came of it. */
export async function workOn(task: SliceTask): Promise<void> {
  parentPort?.postMessage(await answerTo(task));
}

async function answerTo({ origin, inputs }: SliceTask): Promise<SliceAnswer> {
  try {
    const work = await workFrom(origin);
    return { part: work(inputsOf(inputs)) };
  } catch (error) {
    return { error: plain(error) };
  }
}

async function workFrom({ command, flags, setting: origin, shared }: WorkOrigin): Promise<SliceWork<unknown>> {
  const { config, setting: alone } = await settingFrom(origin, flags as TargetFlags);
  const setting = shared === undefined ? alone : await wholeSetting(alone, shared);
  return WORKS[command](config, setting, flags);
}

/** The flags are those of the command. */
const WORKS: Readonly<
  Record<WorkOrigin["command"], (config: Config, setting: Setting, flags: object) => Promise<SliceWork<unknown>>>
> = {
  check: (config, setting, flags) => checkWork(config, setting, flags as CheckFlags),
  fix: async (config, setting, flags) => fixWork(config, setting, flags as FixFlags),
  render: async (_config, setting, flags) => renderWork(setting, flags as RenderFlags),
};

function plain(error: unknown): SliceError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SourceError) {
    const { file, text, offset } = error;
    return { kind: "source", message, file, text, offset };
  }
  const kind = error instanceof UsageError || error instanceof TargetError ? "usage" : "other";
  return { kind, message, file: "", text: "", offset: 0 };
}
