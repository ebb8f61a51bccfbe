/*
 * The library: what the command line and the KRM function do, on text.
 */
import { type Config, readConfigText } from "./config/config.ts";
import { createInjector } from "./inject/inject.ts";
import { type ReportedFinding, reported } from "./report/report.ts";
import { RULE_NAMES } from "./rules/index.ts";
import { UsageError } from "./source/failure.ts";
import { readCluster } from "./transform/cluster.ts";
import type { Input } from "./transform/input.ts";
import { Renderer } from "./transform/render.ts";
import { refuseSeveral, settingOf, withTemplates } from "./transform/targets.ts";
import { check as checkInput } from "./transform/transform.ts";
import type { Setting } from "./transform/workload.ts";
import { type FunctionOutcome, runFunction } from "./wire/function.ts";
import { kptFunction } from "./wire/kpt.ts";
import { readInput } from "./wire/read-input.ts";
import { readResourceList } from "./wire/resource-list.ts";

export type { ReportedFinding } from "./report/report.ts";
export { SourceError, UsageError } from "./source/failure.ts";
export { TargetError } from "./target/index.ts";
export type { FunctionOutcome } from "./wire/function.ts";

const INPUT = "<input>";
const CONFIG = "<config>";

/**
 * The KRM function on a ResourceList's text.
 * @param config a functionConfig's text in place of the list's own.
 * @throws {SourceError | UsageError | TargetError} with one line that says what is wrong and where.
 */
export function transform(resourceList: string, config?: string): FunctionOutcome {
  const list = readResourceList(INPUT, resourceList);
  if (list === undefined) throw new UsageError("the text holds no ResourceList");
  return runFunction(list, config === undefined ? undefined : readConfigText(CONFIG, config, RULE_NAMES));
}

/** Findings in manifests (a YAML stream, JSON or a ResourceList) for the target of a functionConfig. @throws as `transform`. */
export function check(manifests: string, config: string): ReportedFinding[] {
  const { input, config: settings, setting } = open(manifests, config);
  return checkInput(input, setting, settings.strip ?? { level: "safe", rules: {} }).map(reported);
}

/** Manifests with their Pod templates as the target's injector makes them. @throws as `transform`. */
export function render(manifests: string, config: string): string {
  const { input, config: settings, setting } = open(manifests, config);
  refuseSeveral(settings, setting, ["targets"]);
  return new Renderer(setting.target, "pods").render(input, setting).input.text;
}

function open(manifests: string, config: string): { input: Input; config: Config; setting: Setting } {
  const input = readInput(INPUT, manifests);
  const settings = readConfigText(CONFIG, config, RULE_NAMES);
  const cluster = readCluster([input]);
  return { input, config: settings, setting: withTemplates(settingOf(settings, cluster), createInjector) };
}

/** The transformer for programs built on kpt-functions. */
export const nativeSidecar = kptFunction(
  (resourceList) => transform(resourceList).text,
  "Strips obsolete Istio sidecar workarounds, adds native-sidecar opt-outs, renders injected Pod templates.",
);
