import { configScripts, scriptConfigMaps } from "../transform/config-scripts.ts";
import type { Input } from "../transform/input.ts";
import type { Setting } from "../transform/workload.ts";
import type { Inputs } from "./inputs.ts";

/** What the status annotation of an injected Pod is named (pkg/kube/inject/inject.go): only then is a render needed. */
const STATUS = "sidecar.istio.io/status";

/**
 * The setting with what rules ask of all inputs together: who uses the ConfigMaps that hold proxy calls, and what the
 * target renders.
 * @param suspects inputs that may have findings; the others are read only where a ConfigMap is used somewhere.
 */
export async function wholeSetting(setting: Setting, suspects: readonly Input[], inputs: Inputs): Promise<Setting> {
  const configMaps = scriptConfigMaps(suspects);
  const users: Input[] = [];
  if (configMaps.length > 0) {
    const names = configMaps.map(({ name }) => name);
    for await (const { input } of inputs.read(names)) users.push(input);
  }
  const isInjected = suspects.some(({ text }) => text.includes(STATUS));
  const currentRenders = isInjected ? (await import("../transform/current-render.ts")).currentRenders : undefined;
  const whole = (one: Setting): Setting => {
    const scripts = configScripts(configMaps, users, one);
    return { ...one, scripts, ...(currentRenders && { isCurrent: currentRenders(one.target) }) };
  };
  return { ...whole(setting), ...(setting.others && { others: setting.others.map(whole) }) };
}
