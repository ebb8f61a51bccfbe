import type { Json, JsonObject } from "../json.ts";
import { labelSelector } from "./label-selector.ts";
import type { ClusterFacts, NamespaceFacts, ResolvedTarget } from "./target.ts";
import { valueAt } from "./value-path.ts";
import { isSince } from "./version.ts";

export const INJECT_KEY = "sidecar.istio.io/inject";
const REVISION_KEY = "istio.io/rev";
const DEFAULT_REVISION = "default";
const NAMESPACE_INJECTION_KEY = "istio-injection";
const INJECTION_ENABLED = `${NAMESPACE_INJECTION_KEY}: enabled`;
const DATAPLANE_KEY = "istio.io/dataplane-mode";

/** Namespaces no Pod is injected in (pkg/kube/inject/inject.go, IgnoredNamespaces). */
export const IGNORED_NAMESPACES: readonly string[] = [
  "kube-system",
  "kube-public",
  "kube-node-lease",
  "local-path-storage",
];
/** Where a namespaced object without `metadata.namespace` goes. */
const DEFAULT_NAMESPACE = "default";

type StringMap = Readonly<Record<string, string>>;

/** What of a Pod decides its injection. */
export interface InjectionPod {
  /** Undefined: the manifest leaves it to whoever applies it. */
  namespace: string | undefined;
  labels: StringMap;
  annotations: StringMap;
  hostNetwork: boolean;
}

/** What settled whether a Pod is injected. */
export type InjectionCause =
  | "host-network"
  | "ignored-namespace"
  | "namespace"
  | "revision"
  | "inject-label"
  | "inject-annotation"
  | "selector"
  | "policy";

export interface InjectionDecision {
  injected: boolean;
  cause: InjectionCause;
  /** A clause for people: "the Namespace shop has the label istio-injection: disabled". */
  because: string;
  /** What would turn it round: 'the label istio-injection: enabled on the Namespace shop'; undefined: nothing simple. */
  flip: string | undefined;
}

/** The parts of a target that decide injection, worked out once. */
export interface InjectionPolicy {
  /** Istio ≥ 1.27 reads only exactly "true" and "false". */
  isStrict: boolean;
  /** Revision and revision tags that are ours; empty: any but those that have an injector of their own in the input. */
  revisions: ReadonlySet<string>;
  elsewhere: ReadonlySet<string>;
  /**
   * Whether our webhook is also that of the default revision: only that one looks at istio-injection and at the Pod
   * label sidecar.istio.io/inject (mutatingwebhook.yaml and revision-tags-mwc.yaml, 1.20 to 1.31).
   */
  servesDefault: boolean;
  byDefault: boolean;
  /** global.proxy.autoInject: enabled, disabled, or a word istiod does not know, which switches all injection off. */
  autoInject: "enabled" | "disabled" | "illegal";
  /** What people know that by. */
  source: string;
  never: ((labels: StringMap) => boolean)[];
  always: ((labels: StringMap) => boolean)[];
}

/** Works out a target's injection policy from its version and values. */
export function injectionPolicy(target: ResolvedTarget, cluster: ClusterFacts): InjectionPolicy {
  const { factsIstio, values, revision, injector } = target;
  const revisions = new Set(revision ? revisionNames(revision, values, cluster) : []);
  const webhook = valueAt(values, "sidecarInjectorWebhook");
  // istiod reads its own config alone, whatever the values were that it was made of.
  const policy = injector?.config.policy ?? valueAt(values, "global", "proxy", "autoInject") ?? "enabled";
  const never = injector?.config.neverInjectSelector ?? valueAt(webhook, "neverInjectSelector");
  const always = injector?.config.alwaysInjectSelector ?? valueAt(webhook, "alwaysInjectSelector");
  return {
    isStrict: isSince(factsIstio, 27),
    revisions,
    elsewhere: injector === undefined || revision !== "" ? new Set() : installedRevisions(cluster),
    servesDefault: revisions.size === 0 || revisions.has(DEFAULT_REVISION),
    byDefault: valueAt(webhook, "enableNamespacesByDefault") === true,
    autoInject: policy === "enabled" || policy === "disabled" ? policy : "illegal",
    source: injector === undefined ? "global.proxy.autoInject" : "the injector's policy",
    never: selectors(never),
    always: selectors(always),
  };
}

/** A revision and its tags: those of its values, and Sail's of the input. */
export function revisionNames(revision: string, values: JsonObject, { revisionTags }: ClusterFacts): string[] {
  const tags = valueAt(values, "revisionTags");
  const ofSail = [...(revisionTags ?? [])].flatMap(([tag, named]) => (named === revision ? [tag] : []));
  return [revision, ...(Array.isArray(tags) ? tags.map(String) : []), ...ofSail];
}

function installedRevisions(cluster: ClusterFacts): Set<string> {
  const { injectors = [] } = cluster;
  const named = injectors.filter(({ revision, config }) => revision !== "" && config !== undefined);
  return new Set(named.flatMap(({ revision, values }) => revisionNames(revision, values.data, cluster)));
}

/**
 * The revision whose webhook selects a Pod, undefined for the default one: istio-injection on the Namespace goes before
 * its istio.io/rev, and that before the Pod's (mutatingwebhook.yaml, 1.20 to 1.31).
 * @param namespace undefined: it is not in the input.
 */
export function askedRevision(namespace: NamespaceFacts | undefined, podLabels: StringMap): string | undefined {
  if (namespace !== undefined && own(namespace.labels, NAMESPACE_INJECTION_KEY) !== undefined) return undefined;
  return (namespace && own(namespace.labels, REVISION_KEY)) ?? own(podLabels, REVISION_KEY);
}

function selectors(list: Json | readonly Json[] | undefined): ((labels: StringMap) => boolean)[] {
  return (Array.isArray(list) ? list : []).flatMap((selector) => labelSelector(selector) ?? []);
}

/**
 * Whether the cluster's webhook injects a Pod: its selectors first (mutatingwebhook.yaml), then what istiod itself
 * looks at (injectRequired in pkg/kube/inject/inject.go; 1.20 to 1.31).
 */
export function decideInjection(policy: InjectionPolicy, cluster: ClusterFacts, pod: InjectionPod): InjectionDecision {
  const unseen = whyUnseen(policy, cluster, pod);
  const decided = decideByPod(policy, pod);
  if (unseen === undefined) return decided;
  // Where the Pod itself says no as well, turning the first reason round changes nothing.
  return decided.injected ? unseen : { ...unseen, flip: undefined };
}

function whyUnseen(policy: InjectionPolicy, cluster: ClusterFacts, pod: InjectionPod): InjectionDecision | undefined {
  if (pod.hostNetwork) {
    return refused("host-network", "the Pod uses the node's network (hostNetwork: true)", "hostNetwork: false");
  }
  const name = pod.namespace ?? DEFAULT_NAMESPACE;
  if (IGNORED_NAMESPACES.includes(name)) {
    return refused("ignored-namespace", `Istio injects nothing in ${name}`, undefined);
  }
  return notSelected(policy, pod, name, cluster.namespaces.get(name));
}

/** Why no webhook of ours sees the Pod; undefined where one does. */
function notSelected(
  policy: InjectionPolicy,
  pod: InjectionPod,
  name: string,
  namespace: NamespaceFacts | undefined,
): InjectionDecision | undefined {
  const podRevision = own(pod.labels, REVISION_KEY);
  if (namespace === undefined) {
    return podRevision !== undefined && !isOurs(policy, podRevision)
      ? otherRevision(policy, "the Pod", podRevision)
      : undefined;
  }
  const injection = own(namespace.labels, NAMESPACE_INJECTION_KEY);
  if (injection === "enabled")
    return policy.servesDefault ? undefined : ofDefault(policy, name, `the Namespace ${name} has ${INJECTION_ENABLED}`);
  if (injection !== undefined) return labelled(name, `${NAMESPACE_INJECTION_KEY}: ${injection}`);
  const revision = own(namespace.labels, REVISION_KEY);
  if (revision !== undefined)
    return isOurs(policy, revision) ? undefined : otherRevision(policy, `the Namespace ${name}`, revision);
  return selectedByPod(policy, pod, name, own(namespace.labels, DATAPLANE_KEY));
}

/** In a Namespace without an Istio label only the Pod's own labels select it, unless all Namespaces are enabled. */
function selectedByPod(
  policy: InjectionPolicy,
  pod: InjectionPod,
  name: string,
  dataplane: string | undefined,
): InjectionDecision | undefined {
  const inject = own(pod.labels, INJECT_KEY);
  const revision = own(pod.labels, REVISION_KEY);
  if (revision !== undefined) return isOurs(policy, revision) ? undefined : otherRevision(policy, "the Pod", revision);
  if (inject === "true" || (policy.byDefault && inject === undefined)) {
    return policy.servesDefault ? undefined : ofDefault(policy, name, "nothing names a revision for the Pod");
  }
  const enable = `the label ${INJECT_KEY}: "true" on the Pod template, or ${NAMESPACE_INJECTION_KEY}: enabled on the Namespace ${name}`;
  if (dataplane === "ambient")
    return refused("namespace", `the Namespace ${name} is in ambient mode and not enabled for sidecars`, enable);
  return refused("namespace", `the Namespace ${name} is not enabled for injection`, enable);
}

function isOurs({ revisions, elsewhere }: InjectionPolicy, revision: string): boolean {
  return revisions.size === 0 ? !elsewhere.has(revision) : revisions.has(revision);
}

function otherRevision({ revisions }: InjectionPolicy, who: string, revision: string): InjectionDecision {
  const [ours = DEFAULT_REVISION] = revisions;
  return refused(
    "revision",
    `${who} belongs to revision ${revision}, the target is ${ours}`,
    `${REVISION_KEY}: ${ours} on ${lowered(who)}`,
  );
}

/** What leaves the choice to the default revision is none of a named one's, unless that has the tag `default`. */
function ofDefault({ revisions }: InjectionPolicy, namespace: string, what: string): InjectionDecision {
  const [ours] = revisions;
  return refused(
    "revision",
    `${what}, which asks for the default revision, and the target is ${ours}`,
    `${REVISION_KEY}: ${ours} in place of ${NAMESPACE_INJECTION_KEY} on the Namespace ${namespace}, or the tag ${DEFAULT_REVISION} for ${ours} (values.revisionTags)`,
  );
}

function labelled(name: string, label: string): InjectionDecision {
  return refused(
    "namespace",
    `the Namespace ${name} has the label ${label}`,
    `${NAMESPACE_INJECTION_KEY}: enabled on the Namespace ${name}`,
  );
}

function lowered(who: string): string {
  return who === "the Pod" ? "the Pod template" : who;
}

/** What istiod decides for a Pod its webhook sees. */
function decideByPod(policy: InjectionPolicy, pod: InjectionPod): InjectionDecision {
  const label = own(pod.labels, INJECT_KEY);
  const value = label ?? own(pod.annotations, INJECT_KEY);
  const said = label === undefined ? "annotation" : "label";
  const wish = value === undefined ? undefined : injectWish(policy, value, label !== undefined);
  if (policy.autoInject === "illegal") {
    return refused("policy", `${policy.source} is neither enabled nor disabled, which istiod reads as off`, undefined);
  }
  if (wish !== undefined) {
    const because = `the Pod has the ${said} ${INJECT_KEY}: ${JSON.stringify(value)}`;
    const cause = label === undefined ? "inject-annotation" : "inject-label";
    return { injected: wish, cause, because, flip: wish ? undefined : `without the ${said} ${INJECT_KEY}` };
  }
  return decideByDefault(policy, pod.labels);
}

function decideByDefault({ never, always, autoInject, source }: InjectionPolicy, labels: StringMap): InjectionDecision {
  if (never.some((selects) => selects(labels))) {
    return refused(
      "selector",
      "the Pod's labels match a neverInjectSelector",
      `the label ${INJECT_KEY}: "true" on the Pod template`,
    );
  }
  if (always.some((selects) => selects(labels))) {
    return {
      injected: true,
      cause: "selector",
      because: "the Pod's labels match an alwaysInjectSelector",
      flip: undefined,
    };
  }
  if (autoInject === "disabled") {
    return refused("policy", `${source} is disabled`, `the label ${INJECT_KEY}: "true" on the Pod template`);
  }
  return { injected: true, cause: "policy", because: "injection is enabled", flip: undefined };
}

const YAML_TRUTHS = new Set(["y", "yes", "true", "on"]);

/** What an inject value asks for; undefined: it leaves the Pod to the default. */
function injectWish({ isStrict }: InjectionPolicy, value: string, isLabel: boolean): boolean | undefined {
  // The webhook's objectSelector keeps exactly this label from istiod, in every version.
  if (isLabel && value === "false") return false;
  if (isStrict) return value === "true" ? true : value === "false" ? false : undefined;
  return value === "" ? undefined : YAML_TRUTHS.has(value.toLowerCase());
}

function refused(cause: InjectionCause, because: string, flip: string | undefined): InjectionDecision {
  return { injected: false, cause, because, flip };
}

function own(map: StringMap, key: string): string | undefined {
  return Object.hasOwn(map, key) ? String(map[key]) : undefined;
}
