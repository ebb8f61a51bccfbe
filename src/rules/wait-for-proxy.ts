import { type ProxyCall, proxyCallsOf, siteOfCall } from "./container-scripts.ts";
import type { Rule } from "./rule.ts";
import { whyNoStartupProbe } from "./startup-probe.ts";

/** A script waits until the proxy is ready, as a regular sidecar and the app start side by side. */
export const waitForProxy: Rule = {
  meta: {
    name: "wait-for-proxy",
    severity: "warning",
    summary: "a script waits for the proxy to be ready",
    literals: ["15020", "15021", "15000"],
    effective: ["native"],
    isHack: true,
  },
  check(pod, context) {
    const calls = proxyCallsOf(pod).filter((call) => call.kind === "wait");
    const missing = calls.length === 0 ? undefined : whyNoStartupProbe(pod, context);
    return calls.map((call) =>
      siteOfCall(missing === undefined ? call : held(call, missing), {
        what: "the script waits for the proxy to be ready",
        why: "Kubernetes starts the other containers only once a native sidecar is ready",
      }),
    );
  },
};

/** Without the probe nothing else holds the app; the finding is told and its fix held back. */
function held(call: ProxyCall, missing: string): ProxyCall {
  const reason = `the proxy has no startupProbe (${missing}), so nothing else holds the app`;
  return { ...call, level: "none", reason, effect: undefined, operations: [] };
}
