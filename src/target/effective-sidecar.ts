import { templateNames } from "../inject/cluster/injector-config.ts";
import {
  askedRevision,
  decideInjection,
  INJECT_KEY,
  type InjectionPolicy,
  injectionPolicy,
} from "./injection-policy.ts";
import { type NativeDefault, nativeDefault } from "./native-default.ts";
import { missingTemplates, runsOwnTemplate, TemplateRun } from "./own-templates.ts";
import { type InjectedPod, renderedDecision } from "./rendered-sidecar.ts";
import { decision, once, type Sidecar, type SidecarDecision, undecided } from "./sidecar-decision.ts";
import { askingFor, NATIVE_KEY, type SidecarPod, TEMPLATES_KEY, without } from "./sidecar-pod.ts";
import type { ClusterFacts, ResolvedTarget } from "./target.ts";
import { valueAt } from "./value-path.ts";
import { isSince } from "./version.ts";

/** What is the same for all Pods of a target in a cluster. */
interface Policy {
  cluster: ClusterFacts;
  injection: InjectionPolicy;
  /** The default of Pods that may land on any node. */
  anyNode: NativeDefault;
  run: TemplateRun;
}

const policies = new WeakMap<ResolvedTarget, Policy>();

/**
 * Which sidecar a Pod gets at the target and why. Pure; what depends on the target alone is worked out once. To ask
 * "what if", pass other labels or annotations: `decideSidecar(target, cluster, without(pod, NATIVE_KEY))`.
 */
export function decideSidecar(asked: ResolvedTarget, cluster: ClusterFacts, pod: SidecarPod): SidecarDecision {
  const target = servingTarget(asked, cluster, pod);
  const policy = policyOf(target, cluster);
  const { run } = policy;
  const injection = decideInjection(policy.injection, cluster, {
    namespace: pod.namespace,
    labels: pod.podLabels,
    annotations: pod.podAnnotations,
    hostNetwork: valueAt(pod.podSpec, "hostNetwork") === true,
  });
  const nodeName = valueAt(pod.podSpec, "nodeName");
  const pinned = typeof nodeName === "string" && cluster.nodes.has(nodeName);
  const byDefault = pinned ? nativeDefault(target, cluster, nodeName) : policy.anyNode;
  const guess = sidecarByAnnotation(target, pod, byDefault.isNative) ? "native" : "none";
  const injected: InjectedPod = { target, pod, byDefault, run, guess };
  if (!injection.injected) {
    const { cause, because, flip } = injection;
    const refused = { injected: false, byDefault, decidedBy: cause, because };
    if (flip === undefined) return decision("none", { ...refused, flips: [] });
    // Most Pods of many an input are not injected, and nobody asks what else they could be.
    const turned = once(() => [`${flip} → ${certain(decideInjected(injected)) ?? "unknown"}`]);
    return Object.defineProperty(decision("none", { ...refused, flips: [] }), "flips", {
      get: turned,
      enumerable: true,
    });
  }
  return decideInjected(injected);
}

/** Which sidecar a Pod gets that the webhook sees. */
function decideInjected(asked: InjectedPod): SidecarDecision {
  const { target, pod, byDefault, guess, run } = asked;
  const refusal = run.refusalOf(pod);
  if (refusal !== undefined) return undecided(guess, byDefault, refusal);
  const templates = templatesOf(target, pod);
  const missing = missingTemplates(target, templates);
  if (missing.length > 0) return undecided(guess, byDefault, withoutTemplates(target, missing));
  if (runsOwnTemplate(target, templates) && !isGateway(templates)) return renderedDecision(asked, templates);
  return stockTemplateDecision(pod, templates, byDefault) ?? injectedDecision(target, pod, byDefault);
}

function withoutTemplates({ injector }: ResolvedTarget, missing: readonly string[]): string {
  const names = missing.map((name) => JSON.stringify(name)).join(", ");
  const who = injector?.name ?? "its injector";
  return `the injector refuses it: ${who} has no template ${names}`;
}

/** What the Pod would get without its nativeSidecar annotation; undefined where nobody can tell. */
export function sidecarWithoutOptOut(
  target: ResolvedTarget,
  cluster: ClusterFacts,
  pod: SidecarPod,
): Sidecar | undefined {
  return certain(decideSidecar(target, cluster, without(pod, NATIVE_KEY)));
}

/** What the Pod would get without its inject label and annotation; undefined where nobody can tell. */
export function sidecarWithoutInject(
  target: ResolvedTarget,
  cluster: ClusterFacts,
  pod: SidecarPod,
): Sidecar | undefined {
  return certain(decideSidecar(target, cluster, without(pod, INJECT_KEY)));
}

function certain({ sidecar, undecided: why }: SidecarDecision): Sidecar | undefined {
  return why === undefined ? sidecar : undefined;
}

/** Whether the annotation nativeSidecar is read at all at this target (since Istio 1.24). */
function readsNativeAnnotation(target: ResolvedTarget): boolean {
  return isSince(target.factsIstio, 24);
}

/** The target of the revision that a Pod is of, where the input holds its injector; else the one asked about. */
export function servingTarget(
  target: ResolvedTarget,
  { namespaces }: ClusterFacts,
  { namespace, podLabels }: SidecarPod,
): ResolvedTarget {
  if (target.revisions === undefined) return target;
  const revision = askedRevision(namespaces.get(namespace ?? "default"), podLabels);
  return (revision === undefined ? undefined : target.revisions.get(revision)) ?? target;
}

function policyOf(target: ResolvedTarget, cluster: ClusterFacts): Policy {
  const known = policies.get(target);
  if (known?.cluster === cluster) return known;
  const policy = {
    cluster,
    injection: injectionPolicy(target, cluster),
    anyNode: nativeDefault(target, cluster, undefined),
    run: new TemplateRun(target, cluster),
  };
  policies.set(target, policy);
  return policy;
}

/** Pods that ask for other stock templates than `sidecar`; undefined where the sidecar template runs. */
function stockTemplateDecision(
  pod: SidecarPod,
  templates: readonly string[],
  byDefault: NativeDefault,
): SidecarDecision | undefined {
  if (templates.includes("sidecar")) return undefined;
  const because = askingFor(pod, templates);
  const sidecar = templates.includes("grpc-agent") ? "regular" : "none";
  return decision(sidecar, { injected: true, byDefault, decidedBy: "template", because, flips: [] });
}

/** A gateway's proxy is the app itself, whatever list it stands in. */
function isGateway(templates: readonly string[]): boolean {
  return templates.includes("gateway") && !templates.includes("sidecar");
}

/** Names of the templates that run for a Pod, in order; what an alias stands for in its place. */
export function templatesOf({ injector, values }: ResolvedTarget, { podAnnotations }: SidecarPod): string[] {
  const asked = Object.hasOwn(podAnnotations, TEMPLATES_KEY) ? String(podAnnotations[TEMPLATES_KEY]) : undefined;
  if (injector !== undefined) return templateNames(injector.config, asked);
  const defaults = valueAt(values, "sidecarInjectorWebhook", "defaultTemplates");
  const named = Array.isArray(defaults) && defaults.length > 0 ? defaults.map(String) : ["sidecar"];
  return templateNames({ defaultTemplates: named, aliases }, asked);
}

const aliases: ReadonlyMap<string, string[]> = new Map();

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
