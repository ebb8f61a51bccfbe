import type { CreateInjector } from "../inject/inject.ts";
import type { ClusterFacts } from "../target/index.ts";
import { clusterReader } from "../transform/cluster.ts";
import type { TextFile } from "../transform/cluster-injector-source.ts";
import { configScripts, scriptConfigMaps, type UsedConfigMap, usedConfigMaps } from "../transform/config-scripts.ts";
import type { Input } from "../transform/input.ts";
import { type Setting, settingsOf } from "../transform/workload.ts";
import { readInput } from "../wire/read-input.ts";
import type { Inputs } from "./inputs.ts";

/** What the status annotation of an injected Pod is named (pkg/kube/inject/inject.go): only then is a render needed. */
const STATUS = "sidecar.istio.io/status";

/** What rules ask of all inputs together: plain data, as workers get it too. */
export interface SharedFacts {
  /** ConfigMaps that hold proxy calls and who uses them, one list for each target. */
  scripts: UsedConfigMap[][];
  /** Whether an input may hold an injected Pod. */
  isInjected: boolean;
}

/** @param suspects inputs that may have findings; the others are read only where a ConfigMap is used somewhere. */
export async function sharedFacts(setting: Setting, suspects: readonly Input[], inputs: Inputs): Promise<SharedFacts> {
  const configMaps = scriptConfigMaps(suspects);
  const users: Input[] = [];
  if (configMaps.length > 0) {
    const names = configMaps.map(({ name }) => name);
    users.push(...suspects.filter(({ text }) => names.some((name) => text.includes(name))));
    const known = new Set(suspects.map(({ file }) => file));
    for await (const { input } of inputs.read(names, known)) users.push(input);
  }
  return {
    scripts: settingsOf(setting).map((one) => usedConfigMaps(configMaps, users, one)),
    isInjected: suspects.some(({ text }) => text.includes(STATUS)),
  };
}

/** The setting with what rules ask of all inputs together: who uses those ConfigMaps, and what the target renders. */
export async function wholeSetting(setting: Setting, { scripts, isInjected }: SharedFacts): Promise<Setting> {
  const currentRenders = isInjected ? (await import("../transform/current-render.ts")).currentRenders : undefined;
  const [whole = setting, ...others] = settingsOf(setting).map((one, n): Setting => {
    const isCurrent = currentRenders && { isCurrent: currentRenders(one.target) };
    return { ...one, scripts: configScripts(scripts[n] ?? []), ...isCurrent };
  });
  return { ...whole, ...(others.length > 0 && { others }) };
}

/** What is known of the cluster as plain data: the inputs that tell of it, and where all of the workloads are. */
export interface TellingTexts {
  tellers: TextFile[];
  usedNamespaces: ReadonlySet<string> | undefined;
}

/** The facts that all inputs together told. */
export function clusterFrom({ tellers, usedNamespaces }: TellingTexts): ClusterFacts {
  const reader = clusterReader();
  for (const { name, text } of tellers) reader.read(readInput(name, text));
  return { ...reader.facts(), usedNamespaces };
}

/** Few runs have templates that are not built in, and all have to start. */
export async function loadInjector(): Promise<CreateInjector> {
  return (await import("../inject/inject.ts")).createInjector;
}
