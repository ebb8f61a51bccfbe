import { meansTheSame } from "../inject/injection-removal.ts";
import type { JsonObject } from "../json.ts";
import type { SidecarDecision } from "../target/index.ts";
import { EFFECTS, type Effect, type EffectName } from "./change.ts";
import { type InitTraffic, type PodFacts, podFacts } from "./pod-facts.ts";

/** One workload at one target. */
export interface Side {
  decision: SidecarDecision;
  /** The Pod template as it runs; undefined where it cannot be rendered. */
  template: JsonObject | undefined;
  /** Why the injector refuses the workload. */
  refusal: string | undefined;
}

/** What changes for a workload beyond its Pod's text, in the order of `EFFECTS`. @param kind of the workload. */
export function effectsOf(kind: string, from: Side, to: Side): Effect[] {
  const effects = [...refusals(from, to), ...injection(from, to), ...endings(kind, from, to)];
  if (from.template !== undefined && to.template !== undefined) {
    const before = podFacts(from.template, from.decision.sidecar, kind);
    const after = podFacts(to.template, to.decision.sidecar, kind);
    effects.push(...initTraffic(before, after), ...probes(before, after), ...holding(before, after, to));
  }
  return effects.sort((a, b) => EFFECTS.indexOf(a.effect) - EFFECTS.indexOf(b.effect));
}

function warning(effect: EffectName, message: string, detail = ""): Effect {
  return { effect, severity: "warning", message, detail };
}

function info(effect: EffectName, message: string, detail = ""): Effect {
  return { effect, severity: "info", message, detail };
}

function refusals(from: Side, to: Side): Effect[] {
  if (from.refusal === to.refusal) return [];
  if (to.refusal !== undefined)
    return [warning("refused", "the new injector refuses the Pods: none is created any more", to.refusal)];
  return [info("accepted", "the old injector refuses the Pods, the new one takes them", from.refusal ?? "")];
}

function injection(from: Side, to: Side): Effect[] {
  if (from.decision.injected === to.decision.injected) return [];
  const [name, verb]: [EffectName, string] = to.decision.injected
    ? ["gains-injection", "Pods that were not injected are from now on"]
    : ["loses-injection", "Pods that were injected no longer are: they leave the mesh"];
  return [warning(name, verb, `${from.decision.reason}; then ${to.decision.reason}${rereading(from, to)}`)];
}

/** From 1.27 on istiod reads only "true" and "false" (pkg/kube/inject/inject.go, injectRequired). */
function rereading(from: Side, to: Side): string {
  const saidNo = from.decision.decidedBy === "inject-label" || from.decision.decidedBy === "inject-annotation";
  return saidNo && to.decision.decidedBy !== from.decision.decidedBy
    ? '; the inject value is read differently: write "true" or "false"'
    : "";
}

/** A regular proxy runs on when the Job's own containers have ended, and so does the Pod. */
function endings(kind: string, from: Side, to: Side): Effect[] {
  const template = to.template ?? from.template;
  const mustEnd = template !== undefined && podFacts(template, to.decision.sidecar, kind).isFinite;
  const runsOn = (side: Side): boolean => side.decision.sidecar === "regular" && side.refusal === undefined;
  if (!mustEnd || runsOn(from) === runsOn(to)) return [];
  return runsOn(to)
    ? [
        warning(
          "job-never-ends",
          "the Pods no longer end by themselves: a regular proxy runs on until it is told to quit",
        ),
      ]
    : [info("job-ends", "the Pods now end by themselves; calls that quit the proxy are no longer needed")];
}

const CAPTURED: Readonly<Record<InitTraffic, string>> = {
  direct:
    "init containers now run behind the proxy and their traffic is captured: hosts outside of the mesh are closed to them under REGISTRY_ONLY, and peers with STRICT mTLS open",
  blocked:
    "init containers now run behind the proxy and their traffic is captured, where the CNI plugin led it to a proxy that was not up: hosts outside of the mesh stay closed under REGISTRY_ONLY",
  captured: "",
};
const RELEASED = {
  direct:
    "init containers now run before the proxy: their traffic goes past it in plain text, which peers with STRICT mTLS refuse",
  blocked: "init containers now run before the proxy, to which the CNI plugin redirects their traffic: it fails",
} as const;

function initTraffic(from: PodFacts, to: PodFacts): Effect[] {
  if (from.initTraffic === to.initTraffic) return [];
  const affected = to.initContainers.filter(({ isExempt }) => !isExempt).map(({ name }) => name);
  if (affected.length === 0) return [];
  const detail = affected.join(", ") + exceptions(to);
  if (to.initTraffic === "captured") return [warning("init-traffic-captured", CAPTURED[from.initTraffic], detail)];
  const name = to.initTraffic === "blocked" ? "init-traffic-blocked" : "init-traffic-direct";
  return [warning(name, RELEASED[to.initTraffic], detail)];
}

function exceptions({ initContainers, excluded }: PodFacts): string {
  const exempt = initContainers
    .filter(({ isExempt }) => isExempt)
    .map(({ name }) => `${name} (runs as the proxy's user)`);
  const kept = [...exempt, ...excluded];
  return kept.length === 0 ? "" : `; not redirected: ${kept.join(", ")}`;
}

function probes(from: PodFacts, to: PodFacts): Effect[] {
  const moved = [...from.handlers.keys()].filter(
    (key) => to.handlers.has(key) && !meansTheSame(from.handlers.get(key), to.handlers.get(key)),
  );
  if (moved.length === 0) return [];
  return [info("probes-move", "probes or hooks of the app go to another port or path", moved.join(", "))];
}

function holding(from: PodFacts, to: PodFacts, { decision }: Side): Effect[] {
  if (from.isHeld === to.isHeld) return [];
  if (!to.isHeld) return [warning("app-not-held", "the app no longer waits for the proxy to be ready")];
  const also = decision.sidecar === "native" ? "the app and its init containers now wait" : "the app now waits";
  return [info("app-held", `${also} until the proxy is ready: an unready proxy keeps them from starting`)];
}
