import { proxyCallsOf, siteOfCall } from "./container-scripts.ts";
import type { Rule } from "./rule.ts";

/** A request to the proxy's `/quitquitquit`, so that a Job ends although its regular sidecar never would. */
export const quitCall: Rule = {
  meta: {
    name: "quit-call",
    severity: "warning",
    summary: "a script asks the proxy to quit",
    literals: ["quitquitquit", "15020", "15000"],
    effective: ["native"],
    isHack: true,
  },
  check(pod) {
    return proxyCallsOf(pod)
      .filter((call) => call.kind === "quit")
      .map((call) => {
        const isInit = call.container.role === "init";
        return siteOfCall(call, {
          what: "a request to /quitquitquit asks the proxy to quit",
          why: isInit
            ? "in an init container it stops the native sidecar before the app starts"
            : "a native sidecar ends by itself after the app's containers, and quitting it early cuts off their last requests",
          ...(isInit && { severity: "error" }),
        });
      });
  },
};
