import { containerName } from "../kube/pod-template.ts";
import { decideSidecar } from "../target/index.ts";
import type { Pod, Rule, RuleContext, Site } from "./rule.ts";

const STATUS = "sidecar.istio.io/status";
const PROXY = "istio-proxy";

/** A committed injection that is not what the target would make. */
export const staleInjection: Rule = {
  meta: {
    name: "stale-injection",
    severity: "warning",
    summary: "a committed sidecar differs from what the target would inject",
    literals: [STATUS],
    effective: ["native", "regular", "none"],
    isHack: false,
    standsAlone: true,
  },
  check(pod, context) {
    if (pod.annotations[STATUS] === undefined || isCurrent(pod, context)) return [];
    const proxy = pod.template.containers.find((container) => containerName(container) === PROXY);
    if (proxy === undefined) return [];
    const site: Site = {
      path: proxy.path,
      node: proxy.node,
      level: "none",
      what: "the sidecar was injected into this manifest and committed",
      why: decideSidecar(context.target, context.cluster, pod.seen).injected
        ? "it is not what the target injects: an older version, or other settings"
        : "the target injects none here, so it stays as it is, whatever its version",
      advice: "render it again for the target (native-sidecar render), or commit the manifest without it",
      remark: "not fixed: only a render can",
      operations: [],
    };
    return [site];
  },
};

/** True also where it cannot be told: a committed injection alone is no finding. */
function isCurrent(pod: Pod, context: RuleContext): boolean {
  // A gateway has no sidecar, and is injected all the same.
  const { injected } = decideSidecar(context.target, context.cluster, pod.seen);
  return injected && context.isRendered() !== false;
}
