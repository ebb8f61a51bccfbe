import { type ProxyCall, proxyCallsOf } from "./container-scripts.ts";
import type { Rule, Site } from "./rule.ts";

/** A request to the proxy's `/quitquitquit`, so that a Job ends although its regular sidecar never would. */
export const quitCall: Rule = {
  meta: {
    name: "quit-call",
    severity: "warning",
    summary: "a script asks the proxy to quit",
    literals: ["quitquitquit"],
    effective: ["native"],
    isHack: true,
  },
  check(pod) {
    return proxyCallsOf(pod)
      .filter((call) => call.kind === "quit")
      .map(siteOf);
  },
};

function siteOf(call: ProxyCall): Site {
  const isInit = call.container.role === "init";
  return {
    path: call.path,
    node: call.node,
    level: call.level,
    ...(isInit && { severity: "error" as const }),
    what: "a request to /quitquitquit asks the proxy to quit",
    why: isInit
      ? "in an init container it stops the native sidecar before the app starts"
      : "a native sidecar ends by itself after the app's containers, and quitting it early cuts off their last requests",
    advice: call.level === "none" ? "remove the call by hand" : "remove the call",
    ...remarkOf(call),
    operations: call.operations,
  };
}

/** Why a fix is held back, or what it changes. */
export function remarkOf({ level, reason, effect }: ProxyCall): { remark?: string } {
  if (level !== "safe" && reason !== undefined)
    return { remark: `${level === "none" ? "not fixed" : "not safe"}: ${reason}` };
  return effect === undefined ? {} : { remark: effect };
}
