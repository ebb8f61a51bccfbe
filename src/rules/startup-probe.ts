import { isObject } from "../json.ts";
import { valueAt } from "../target/index.ts";
import type { Pod, RuleContext } from "./rule.ts";

const STATUS_PORT = "status.sidecar.istio.io/port";

/**
 * Why the target's proxy has no startupProbe in this Pod, as a clause; undefined where it has one. The probe is what
 * makes the app's containers wait for a native sidecar (files/injection-template.yaml, 1.20 to 1.31).
 */
export function whyNoStartupProbe(pod: Pod, { target }: RuleContext): string | undefined {
  if (pod.proxy !== undefined)
    return isObject(pod.proxy.startupProbe) ? undefined : "the target's own template gives istio-proxy no startupProbe";
  const annotation = pod.annotations[STATUS_PORT];
  if (annotation === "0") return `${STATUS_PORT} is "0"`;
  const proxy = valueAt(target.values, "global", "proxy");
  if (annotation === undefined && String(valueAt(proxy, "statusPort")) === "0")
    return "global.proxy.statusPort is 0 in the target's values";
  const enabled = valueAt(proxy, "startupProbe", "enabled");
  return enabled === true ? undefined : "global.proxy.startupProbe.enabled is not true in the target's values";
}
