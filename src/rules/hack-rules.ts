import { excludeOutboundIpRanges } from "./exclude-outbound-ip-ranges.ts";
import { excludeOutboundPorts } from "./exclude-outbound-ports.ts";
import { exitWrapper } from "./exit-wrapper.ts";
import { holdApplication } from "./hold-application.ts";
import { initRunAsProxyUid } from "./init-run-as-proxy-uid.ts";
import { killProxy } from "./kill-proxy.ts";
import { quitCall } from "./quit-call.ts";
import type { Pod, Rule, RuleContext } from "./rule.ts";
import { waitForProxy } from "./wait-for-proxy.ts";

/** Rules for what works round the regular sidecar, in the order of their documentation. */
export const HACK_RULES: readonly Rule[] = [
  quitCall,
  waitForProxy,
  killProxy,
  exitWrapper,
  initRunAsProxyUid,
  excludeOutboundIpRanges,
  excludeOutboundPorts,
  holdApplication,
];

/** Rules for what makes a regular sidecar end. */
const QUITTING: readonly Rule[] = [quitCall, killProxy, exitWrapper];

/** Whether a Pod holds anything that works round the regular sidecar, in itself or in a ConfigMap that it uses. */
export function holdsHack(pod: Pod, context: RuleContext): boolean {
  return HACK_RULES.some((rule) => rule.check(pod, context).length > 0) || context.scripts.callsOf(pod).size > 0;
}

/** Whether something ends the Pod's regular sidecar, in the Pod itself or in a ConfigMap that it uses. */
export function endsSidecar(pod: Pod, context: RuleContext): boolean {
  if (QUITTING.some((rule) => rule.check(pod, context).length > 0)) return true;
  const calls = context.scripts.callsOf(pod);
  return calls.has("quit") || calls.has("kill");
}
