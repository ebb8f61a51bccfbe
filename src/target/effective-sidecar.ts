import { templateNames } from "../inject/cluster/injector-config.ts";
import type { JsonObject } from "../json.ts";
import { valueAt } from "./helm-merge.ts";
import {
  decideInjection,
  INJECT_KEY,
  type InjectionCause,
  type InjectionPolicy,
  injectionPolicy,
} from "./injection-policy.ts";
import { type NativeDefault, nativeDefault } from "./native-default.ts";
import type { ClusterFacts, ResolvedTarget } from "./target.ts";
import { isSince } from "./version.ts";

export type Sidecar = "native" | "regular" | "none";

type StringMap = Readonly<Record<string, string>>;

/** A Pod as the webhook sees it. */
export interface SidecarPod {
  /** Undefined: the manifest leaves it to whoever applies it. */
  namespace: string | undefined;
  podLabels: StringMap;
  podAnnotations: StringMap;
  /** Of the Pod spec only `hostNetwork` and `nodeName` count. */
  podSpec: JsonObject;
}

export interface SidecarDecision {
  sidecar: Sidecar;
  /** Whether the webhook changes the Pod at all; true with sidecar "none" for a gateway. */
  injected: boolean;
  /** What ENABLE_NATIVE_SIDECARS comes to for the Pod's nodes, its annotation not looked at. */
  nativeByDefault: boolean;
  /** What settled it: a cause of (no) injection, the template, the annotation, or the default. */
  decidedBy: InjectionCause | "template" | "annotation" | "default";
  /** One sentence: "native: Istio 1.28.10 injects native sidecars by default (auto) and Kubernetes is 1.33". */
  reason: string;
  /** What would change it: `sidecar.istio.io/nativeSidecar: "false" on the Pod template → regular`. */
  flips: string[];
}

export const NATIVE_KEY = "sidecar.istio.io/nativeSidecar";
const TEMPLATES_KEY = "inject.istio.io/templates";

/** What is the same for all Pods of a target in a cluster. */
interface Policy {
  cluster: ClusterFacts;
  injection: InjectionPolicy;
  /** The default of Pods that may land on any node. */
  anyNode: NativeDefault;
}

const policies = new WeakMap<ResolvedTarget, Policy>();

/**
 * Which sidecar a Pod gets at the target and why. Pure; what depends on the target alone is worked out once. To ask
 * "what if", pass other labels or annotations: `decideSidecar(target, cluster, without(pod, NATIVE_KEY))`.
 */
export function decideSidecar(target: ResolvedTarget, cluster: ClusterFacts, pod: SidecarPod): SidecarDecision {
  const policy = policyOf(target, cluster);
  const injection = decideInjection(policy.injection, cluster, {
    namespace: pod.namespace,
    labels: pod.podLabels,
    annotations: pod.podAnnotations,
    hostNetwork: valueAt(pod.podSpec, "hostNetwork") === true,
  });
  const nodeName = valueAt(pod.podSpec, "nodeName");
  const pinned = typeof nodeName === "string" && cluster.nodes.has(nodeName);
  const byDefault = pinned ? nativeDefault(target, cluster, nodeName) : policy.anyNode;
  if (!injection.injected) {
    const { cause, because, flip } = injection;
    const flips = flip
      ? [`${flip} → ${sidecarByAnnotation(target, pod, byDefault.isNative) ? "native" : "regular"}`]
      : [];
    return decision("none", { injected: false, byDefault, decidedBy: cause, because, flips });
  }
  return templateDecision(target, pod, byDefault) ?? injectedDecision(target, pod, byDefault);
}

/** The same Pod without a label and annotation of this key, for "what if" questions. */
export function without(pod: SidecarPod, key: string): SidecarPod {
  return { ...pod, podLabels: dropped(pod.podLabels, key), podAnnotations: dropped(pod.podAnnotations, key) };
}

/** The same Pod with an annotation set. */
export function withAnnotation(pod: SidecarPod, key: string, value: string): SidecarPod {
  return { ...pod, podAnnotations: { ...pod.podAnnotations, [key]: value } };
}

/** What the Pod would get without its nativeSidecar annotation. */
export function sidecarWithoutOptOut(target: ResolvedTarget, cluster: ClusterFacts, pod: SidecarPod): Sidecar {
  return decideSidecar(target, cluster, without(pod, NATIVE_KEY)).sidecar;
}

/** What the Pod would get without its inject label and annotation. */
export function sidecarWithoutInject(target: ResolvedTarget, cluster: ClusterFacts, pod: SidecarPod): Sidecar {
  return decideSidecar(target, cluster, without(pod, INJECT_KEY)).sidecar;
}

/** Whether the annotation nativeSidecar is read at all at this target (since Istio 1.24). */
export function readsNativeAnnotation(target: ResolvedTarget): boolean {
  return isSince(target.factsIstio, 24);
}

function policyOf(target: ResolvedTarget, cluster: ClusterFacts): Policy {
  const known = policies.get(target);
  if (known?.cluster === cluster) return known;
  const policy = { cluster, injection: injectionPolicy(target), anyNode: nativeDefault(target, cluster, undefined) };
  policies.set(target, policy);
  return policy;
}

/** Pods that ask for other templates than `sidecar`; undefined where the sidecar template runs. */
function templateDecision(
  target: ResolvedTarget,
  pod: SidecarPod,
  byDefault: NativeDefault,
): SidecarDecision | undefined {
  const templates = templatesOf(target, pod);
  const [name] = templates;
  if (name === undefined) return undefined;
  if (templates.includes("sidecar")) return fixedByTemplate(target, templates, byDefault);
  const isAsked = Object.hasOwn(pod.podAnnotations, TEMPLATES_KEY);
  const who = isAsked ? "the Pod asks for the template" : "the default template is";
  const because = `${who} ${templates.join(",")}${isAsked ? ` (${TEMPLATES_KEY})` : ""}`;
  const common = { injected: true, byDefault, decidedBy: "template" as const, because, flips: [] };
  if (!addsProxy(target, templates)) {
    return decision("none", { ...common, because: `${because}, which adds no istio-proxy` });
  }
  if (templates.includes("grpc-agent")) return decision("regular", common);
  if (templates.some((template) => template === "gateway" || template === "grpc-simple"))
    return decision("none", common);
  return fixedByTemplate(target, templates, byDefault);
}

/** Of the cluster's own templates, those that ask nobody whether a sidecar is native: their text alone decides. */
function fixedByTemplate(
  { injector }: ResolvedTarget,
  templates: readonly string[],
  byDefault: NativeDefault,
): SidecarDecision | undefined {
  if (injector === undefined) return undefined;
  const text = templates.map((name) => injector.config.templates.get(name) ?? "").join("\n");
  if (/native_?sidecar/i.test(text) || !text.includes("istio-proxy")) return undefined;
  const isNative = /^[ \t]*(?:-[ \t]*)?restartPolicy:[ \t]*["']?Always\b/m.test(text);
  const because = `the template ${templates.join(", ")} of ${injector.name} ${isNative ? "always" : "never"} makes a native one`;
  return decision(isNative ? "native" : "regular", {
    injected: true,
    byDefault,
    decidedBy: "template",
    because,
    flips: [],
  });
}

/** Names of the templates that run for a Pod, in order; what an alias stands for in its place. */
export function templatesOf({ injector, values }: ResolvedTarget, { podAnnotations }: SidecarPod): string[] {
  const asked = Object.hasOwn(podAnnotations, TEMPLATES_KEY) ? String(podAnnotations[TEMPLATES_KEY]) : undefined;
  if (injector !== undefined) return templateNames(injector.config, asked);
  const defaults = valueAt(values, "sidecarInjectorWebhook", "defaultTemplates");
  return templateNames({ defaultTemplates: Array.isArray(defaults) ? defaults.map(String) : [], aliases }, asked);
}

const aliases: ReadonlyMap<string, string[]> = new Map();

/** Whether templates that somebody wrote himself may make the sidecar; of the built-in ones it is known. */
function addsProxy({ injector, values }: ResolvedTarget, templates: readonly string[]): boolean {
  const own = valueAt(values, "sidecarInjectorWebhook", "templates");
  return templates.some((name) => {
    const text = injector === undefined ? valueAt(own, name) : injector.config.templates.get(name);
    return typeof text !== "string" || text.includes("istio-proxy");
  });
}

function injectedDecision(target: ResolvedTarget, pod: SidecarPod, byDefault: NativeDefault): SidecarDecision {
  const isNative = sidecarByAnnotation(target, pod, byDefault.isNative);
  const sidecar = isNative ? "native" : "regular";
  const value = annotationRead(target, pod);
  if (value === undefined) {
    const flips = [...annotationFlips(target, isNative), ...byDefault.flips];
    return decision(sidecar, { injected: true, byDefault, decidedBy: "default", because: byDefault.because, flips });
  }
  const because = `the Pod has the annotation ${NATIVE_KEY}: ${JSON.stringify(value)}${misreading(target, value)}`;
  const flips =
    isNative === byDefault.isNative
      ? annotationFlips(target, isNative)
      : [`without the annotation → ${isNative ? "regular" : "native"}`];
  return decision(sidecar, { injected: true, byDefault, decidedBy: "annotation", because, flips });
}

/**
 * The template's reading of the annotation (files/injection-template.yaml): not read up to 1.23; 1.24 to 1.26 native
 * only for exactly "true"; from 1.27 on regular only for exactly "false", "" is the default.
 */
function sidecarByAnnotation(target: ResolvedTarget, pod: SidecarPod, nativeByDefault: boolean): boolean {
  const value = annotationRead(target, pod);
  if (value === undefined) return nativeByDefault;
  return isSince(target.factsIstio, 27) ? value !== "false" : value === "true";
}

/** The annotation's value where the target's template lets it decide. */
function annotationRead(target: ResolvedTarget, { podAnnotations }: SidecarPod): string | undefined {
  if (!readsNativeAnnotation(target) || !Object.hasOwn(podAnnotations, NATIVE_KEY)) return undefined;
  const value = String(podAnnotations[NATIVE_KEY]);
  return value === "" && isSince(target.factsIstio, 27) ? undefined : value;
}

function misreading({ istio, factsIstio }: ResolvedTarget, value: string): string {
  if (value === "true" || value === "false") return "";
  return isSince(factsIstio, 27)
    ? `, and Istio ${istio} takes anything but "false" for native`
    : `, and Istio ${istio} takes anything but "true" for regular`;
}

function annotationFlips(target: ResolvedTarget, isNative: boolean): string[] {
  if (!readsNativeAnnotation(target)) return [];
  return [`${NATIVE_KEY}: "${!isNative}" on the Pod template → ${isNative ? "regular" : "native"}`];
}

interface Grounds {
  injected: boolean;
  byDefault: NativeDefault;
  decidedBy: SidecarDecision["decidedBy"];
  because: string;
  flips: string[];
}

function decision(sidecar: Sidecar, { injected, byDefault, decidedBy, because, flips }: Grounds): SidecarDecision {
  const reason = `${sidecar}: ${because}`;
  return { sidecar, injected, nativeByDefault: byDefault.isNative, decidedBy, reason, flips };
}

function dropped(map: StringMap, key: string): StringMap {
  if (!Object.hasOwn(map, key)) return map;
  const kept: Record<string, string> = Object.create(null);
  for (const name of Object.keys(map)) if (name !== key) kept[name] = String(map[name]);
  return kept;
}
