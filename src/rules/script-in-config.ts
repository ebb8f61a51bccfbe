import type { ConfigMap } from "../kube/config-map.ts";
import { decideSidecar } from "../target/index.ts";
import { configCalls } from "./config-calls.ts";
import type { Rule, RuleContext, Site } from "./rule.ts";

/** A call to the proxy in a ConfigMap, where a script of a Pod may come from. */
export const scriptInConfig: Rule = {
  meta: {
    name: "script-in-config",
    severity: "info",
    summary: "a ConfigMap holds a call to the proxy",
    literals: ["quitquitquit", "15020", "15021", "15000", "kill"],
    effective: ["native"],
    isHack: false,
  },
  check: () => [],
  checkConfigMap(configMap, context) {
    if (INJECTOR.test(configMap.resource.name) || !servesNative(configMap, context)) return [];
    return configMap.texts.flatMap(({ key, node }): Site[] => {
      const [first] = configCalls(key, node.text);
      if (first === undefined) return [];
      return [
        {
          path: ["data", key],
          node,
          offset: first.start,
          end: first.end,
          level: "none",
          what: `a text of the ConfigMap ${WORDS[first.kind]}`,
          why: "a native sidecar is ready before the app's containers and ends by itself after them",
          advice: "remove the call by hand where only Pods with a native sidecar run it",
          remark: "not fixed: who runs the text, and how, cannot be seen for certain",
          operations: [],
        },
      ];
    });
  },
};

/** The injector's own ConfigMap, whose templates hold the proxy's own commands (pkg/kube/inject, all releases). */
const INJECTOR = /^istio-sidecar-injector(?:-|$)/;

const WORDS = {
  quit: "asks the proxy to quit",
  wait: "waits for the proxy to be ready",
  kill: "kills the proxy's process",
} as const;

/** A workload with a native sidecar uses it; or none does, and Pods beside it would get a native sidecar. */
function servesNative({ resource }: ConfigMap, { target, cluster, scripts }: RuleContext): boolean {
  const users = scripts.usersOf(resource);
  if (users.length > 0) return users.includes("native");
  const pod = { namespace: resource.namespace, podLabels: {}, podAnnotations: {}, podSpec: {} };
  const { sidecar, undecided } = decideSidecar(target, cluster, pod);
  return sidecar === "native" && undecided === undefined;
}
