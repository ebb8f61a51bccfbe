import { isObject, type Json, type JsonObject } from "../json.ts";
import {
  type AnnotationValidators,
  annotationProblem,
  annotationValidators,
  RESOURCE_ANNOTATIONS,
  validateAnnotations,
} from "./annotation-validation.ts";
import { templateNames } from "./cluster/injector-config.ts";
import { type ClusterInjector, clusterInjector, runnableTemplates } from "./cluster-injector.ts";
import { orderContainers } from "./container-order.ts";
import { changeSidecarEnv, containersOf, findContainer, type Pod, PROXY } from "./containers.ts";
import {
  beforeInjection,
  injectedBefore,
  type NamedContainers,
  type Overrides,
  overridesOf,
  STATUS,
  statusOf,
} from "./earlier-injection.ts";
import { meansTheSame, removeInjection } from "./injection-removal.ts";
import { type InjectorChanges, injectorChanges } from "./injector-changes.ts";
import { type MeshFields, meshFields } from "./mesh-config.ts";
import {
  type InjectedWorkload,
  InjectionError,
  type InjectionSettings,
  type ObjectMeta,
  type PodTemplate,
} from "./model.ts";
import { newerFields, withoutFields } from "./newer-fields.ts";
import { dropSharedUser, proxyIds } from "./openshift.ts";
import { adjustInitContainerUser, reapplyOwnContainers } from "./own-containers.ts";
import { type PodProxyConfigs, podProxyConfigs } from "./pod-proxy-config.ts";
import { type ProbeRewriteSettings, rewriteProbes } from "./probe-rewrite.ts";
import { announceSecurePort, mergePrometheus } from "./prometheus-merge.ts";
import { PROXY_CONFIG } from "./proxy-config.ts";
import { isQuantity } from "./quantity.ts";
import { goJson, textOf } from "./scalars.ts";
import { copyMap } from "./strategic-merge.ts";
import type { Template, TemplateData } from "./template-data.ts";
import { mergeOutput, type TemplateOutput, templateSums } from "./template-output.ts";
import { templates } from "./templates/index.ts";
import { addDivisors, dropZeroValues, fillEmptyTexts } from "./typed-round-trip.ts";
import { withoutLeftovers } from "./undo-injection.ts";
import { workloadOwner } from "./workload-owner.ts";

const TEMPLATES = "inject.istio.io/templates";
/** Where values define templates beside the built-in ones. */
const OWN_TEMPLATES = "values.sidecarInjectorWebhook.templates";

export interface Injector {
  /**
   * The Pod template as the cluster would run it. The workload is not changed; what the injector leaves alone is shared with
   * it, value for value.
   * @throws InjectionError where the injector refuses the Pod, or where its result would be no valid Pod
   */
  inject(workload: InjectedWorkload): PodTemplate;
  /** The Pod template that this injector makes the workload's of; undefined where it makes something else of any. */
  originalOf(workload: InjectedWorkload): PodTemplate | undefined;
  /**
   * The Pod template as the templates make it of a Pod that no injector has seen: an earlier injection is taken back as far as
   * its annotations tell. @throws InjectionError as `inject`
   */
  afresh(workload: InjectedWorkload): PodTemplate;
}

/** Makes injectors: handed about where the render is not to be loaded before somebody needs it. */
export type CreateInjector = typeof createInjector;

/** What depends on the settings alone. */
interface Target {
  settings: InjectionSettings;
  changes: InjectorChanges;
  validators: AnnotationValidators;
  templates: ReadonlyMap<string, Template>;
  defaultTemplates: readonly string[];
  aliases: ReadonlyMap<string, readonly string[]>;
  mesh: MeshFields;
  proxyConfigs: PodProxyConfigs;
  cluster: string;
  network: string;
  injectedAnnotations: readonly (readonly [string, string])[];
  holdApplication: boolean;
  rewriteProbes: boolean;
  openshift: boolean;
  compliancePolicy: string;
}

/** One Pod's injection: the target as this Pod's annotations change it. */
interface Request {
  target: Target;
  original: Pod;
  /** The Pod's own annotations, as they were written. */
  annotations: JsonObject;
  proxyConfig: JsonObject;
  statusPort: number;
  /** Environment that the proxy gets whatever the templates say, by name. */
  proxyEnv: [string, string][];
  overrides: Overrides;
  injected: NamedContainers | undefined;
}

/** Builds the injector of one target (pkg/kube/inject, 1.20.0 to 1.31.0-rc.0); everything but the Pod is settled here. */
export function createInjector(settings: InjectionSettings): Injector {
  const target = settleTarget(settings);
  const newer = newerFields(settings.istio);
  return {
    inject: (workload) => inject(asRead(workload, newer), target),
    originalOf: (workload) => originalOf(asRead(workload, newer), target),
    afresh: (workload) => injectAfresh(asRead(workload, newer), target),
  };
}

/** The workload as the injector's API types hold it. */
function asRead(workload: InjectedWorkload, newer: readonly string[][]): InjectedWorkload {
  const { spec } = workload.template;
  const known = spec && withoutFields(spec, newer);
  return known === spec ? workload : { ...workload, template: { ...workload.template, spec: known as JsonObject } };
}

function settleTarget(settings: InjectionSettings): Target {
  const { istio, values } = settings;
  const changes = injectorChanges(istio);
  const webhook = mapAt(values, "sidecarInjectorWebhook");
  const globals = mapAt(values, "global");
  const mesh = meshFields(settings.meshConfig);
  const proxyConfigs = podProxyConfigs(settings);
  const { templates, defaultTemplates, aliases, injectedAnnotations } = injectorOf(settings);
  return {
    settings,
    changes,
    validators: annotationValidators(changes, proxyConfigs.problem),
    templates,
    defaultTemplates,
    aliases,
    mesh,
    proxyConfigs,
    cluster: textOf(mapAt(globals, "multiCluster").clusterName) ?? "",
    network: textOf(globals.network) ?? "",
    injectedAnnotations,
    holdApplication: mapAt(globals, "proxy").holdApplicationUntilProxyStarts === true,
    rewriteProbes: webhook.rewriteAppHTTPProbe === true,
    openshift: (textOf(globals.platform) || textOf(values.platform)) === "openshift",
    compliancePolicy: textOf(mapAt(mapAt(values, "pilot"), "env").COMPLIANCE_POLICY) ?? "",
  };
}

type Templates = Pick<ClusterInjector, "templates" | "defaultTemplates" | "aliases" | "injectedAnnotations">;

/** The cluster's own injector, else the built-in templates under those that the values define. */
function injectorOf({ istio, injector, values }: InjectionSettings): Templates {
  if (injector !== undefined) return clusterInjector(injector.config, { name: injector.name, istio });
  const webhook = mapAt(values, "sidecarInjectorWebhook");
  const annotations = mapAt(webhook, "injectedAnnotations");
  const defaults = Array.isArray(webhook.defaultTemplates) ? webhook.defaultTemplates : [];
  const own = mapAt(webhook, "templates");
  const texts = new Map(Object.keys(own).map((name) => [name, textOf(own[name]) ?? ""]));
  return {
    templates: new Map([...Object.entries(templates), ...runnableTemplates(texts, { name: OWN_TEMPLATES, istio })]),
    defaultTemplates: defaults.length > 0 ? defaults.map((name) => textOf(name) ?? "") : ["sidecar"],
    aliases: new Map(),
    injectedAnnotations: Object.keys(annotations).map((key) => [key, textOf(annotations[key]) ?? ""] as const),
  };
}

function inject(workload: InjectedWorkload, target: Target): PodTemplate {
  const request = readRequest(workload, target);
  return request.injected === undefined
    ? withOneProxy(injectRequest(request, workload), workload)
    : injectAgain(request, request.injected, workload);
}

function injectAfresh(workload: InjectedWorkload, target: Target): PodTemplate {
  const request = readRequest(workload, target);
  const { injected, original, overrides } = request;
  if (injected === undefined) return withOneProxy(injectRequest(request, workload), workload);
  const earlier = { injected, overrides, statusPort: String(request.statusPort) };
  const clean = { ...workload, template: removeInjection(original, earlier, proxyWays(overrides)[0] === true) };
  return withOneProxy(injectRequest(readRequest(clean, target), clean), clean);
}

function originalOf(workload: InjectedWorkload, target: Target): PodTemplate | undefined {
  const request = readRequest(workload, target);
  const { injected, original, overrides } = request;
  if (injected === undefined) return undefined;
  const found = podOf(workload.template);
  const remakes = (template: PodTemplate): boolean => {
    const again = { ...workload, template };
    return meansTheSame(podOf(injectRequest(readRequest(again, target), again)), found);
  };
  const earlier = { injected, overrides, statusPort: String(request.statusPort) };
  for (const regularProxy of proxyWays(overrides)) {
    const clean = removeInjection(original, earlier, regularProxy);
    if (remakes(clean)) return withoutLeftovers(clean, statusOf(request.annotations), remakes);
  }
  return undefined;
}

/**
 * Whether the user's own proxy was a main container: one that is native now may have stood in either list, and from both comes
 * the same Pod. Main containers are where it is documented to stand, and where regular sidecars can take it from.
 */
function proxyWays(overrides: Overrides): boolean[] {
  return findContainer(overrides.initContainers, PROXY) === undefined ? [false] : [true, false];
}

/**
 * A Pod that is already what the target makes of it stays. Else the injector's own way with an injected Pod is followed, but
 * not into two proxies, which no cluster takes: then the earlier injection goes first.
 */
function injectAgain(request: Request, injected: NamedContainers, workload: InjectedWorkload): PodTemplate {
  const { target, original, overrides } = request;
  const earlier = { injected, overrides, statusPort: String(request.statusPort) };
  const afresh = (regularProxy: boolean) => {
    const clean = { ...workload, template: removeInjection(original, earlier, regularProxy) };
    return injectRequest(readRequest(clean, target), clean);
  };
  for (const regularProxy of proxyWays(overrides)) {
    if (meansTheSame(podOf(afresh(regularProxy)), podOf(workload.template))) return workload.template;
  }
  const again = injectRequest(request, workload);
  return countProxies(again) > 1 ? withOneProxy(afresh(true), workload) : again;
}

/** A Pod's own document has more than a template: its kind, its status. */
function podOf({ metadata, spec }: PodTemplate): JsonObject {
  return { metadata, spec };
}

function countProxies({ spec = {} }: PodTemplate): number {
  const containers = [...containersOf(spec, "containers"), ...containersOf(spec, "initContainers")];
  return containers.filter((container) => container.name === PROXY).length;
}

/** @throws InjectionError for a Pod whose own proxy stands where the target's does not, or whose templates make two */
function withOneProxy(template: PodTemplate, workload: InjectedWorkload): PodTemplate {
  if (countProxies(template) < 2) return template;
  const written = containersOf(workload.template.spec ?? {}, "initContainers");
  const at = written.findIndex((container) => container.name === PROXY);
  if (at < 0) throw twoOfTemplates(workload);
  const message =
    "the Pod has a container istio-proxy among its init containers, where the target's sidecar is no native one: " +
    "the injector would leave two containers of that name, which Kubernetes refuses; move it to the containers";
  throw new InjectionError(message, ["spec", "initContainers", at]);
}

/** A native proxy of one template and a plain one of a later template stay two (inject.go, RunTemplate). */
function twoOfTemplates({ template: { metadata = {} } }: InjectedWorkload): InjectionError {
  const asked = textOf(mapAt(metadata as JsonObject, "annotations")[TEMPLATES]);
  const which =
    asked === undefined ? "the default templates" : `the templates ${JSON.stringify(asked)} of ${TEMPLATES}`;
  const message =
    `${which} make two containers istio-proxy, a native sidecar and a plain container, and Kubernetes refuses two ` +
    'of one name; name one of the templates, or set sidecar.istio.io/nativeSidecar: "false"';
  return new InjectionError(message, asked === undefined ? [] : ["metadata", "annotations", TEMPLATES]);
}

function injectRequest(request: Request, workload: InjectedWorkload): PodTemplate {
  const { target } = request;
  const outputs = runTemplates(request, workload);
  const sums = templateSums(outputs);
  const all = sums.at(-1) ?? {};
  const template: Pod = { metadata: mapAt(all, "metadata"), spec: mapAt(all, "spec") };
  checkQuantities(template, request);
  let pod = mergeTemplates(request, outputs, sums);
  dropZeroValues(pod, template, request.original);
  const { original, overrides, injected } = request;
  pod = reapplyOwnContainers(pod, { original, template, overrides, injected }, target.changes);
  if (target.changes.ownUserReachesInitContainer) {
    adjustInitContainerUser(pod, original, request.proxyConfig.interceptionMode === "TPROXY");
  }
  postProcess(pod, template, request);
  addDivisors(pod);
  fillEmptyTexts(pod.metadata);
  return pod as PodTemplate;
}

function readRequest(workload: InjectedWorkload, target: Target): Request {
  const original: Pod = {
    metadata: workload.template.metadata ?? Object.create(null),
    spec: workload.template.spec ?? Object.create(null),
  };
  const annotations = mapAt(original.metadata, "annotations");
  validateAnnotations(annotations, target.validators);
  if (target.openshift && target.changes.sharedUserDropped) {
    original.spec = copyMap(original.spec);
    dropSharedUser(original, target.changes.sharedUserSeesInitContainers);
  }
  const labels = mapAt(original.metadata, "labels");
  const namespace = textOf(workload.metadata.namespace) || "default";
  const proxyConfig = target.proxyConfigs.of(namespace, labels, textOf(annotations[PROXY_CONFIG]));
  return {
    target,
    original,
    annotations,
    proxyConfig,
    statusPort: Number(proxyConfig.statusPort ?? 0),
    proxyEnv: proxyEnv(labels, target),
    overrides: overridesOf(annotations),
    injected: injectedBefore(annotations),
  };
}

function proxyEnv(labels: JsonObject, target: Target): [string, string][] {
  const env: [string, string][] = [];
  if (target.cluster !== "") env.push(["ISTIO_META_CLUSTER_ID", target.cluster]);
  const network = textOf(labels["topology.istio.io/network"]) ?? target.network;
  if (network !== "") env.push(["ISTIO_META_NETWORK", network]);
  return env;
}

function runTemplates(request: Request, workload: InjectedWorkload): TemplateOutput[] {
  const { target, original, statusPort, overrides } = request;
  const stripped = beforeInjection(original, overrides, String(statusPort));
  const data: TemplateData = {
    istio: target.settings.istio,
    ...workloadOwner(workload, target.changes),
    objectMeta: withTexts(stripped.metadata),
    spec: stripped.spec,
    proxyConfig: request.proxyConfig,
    meshConfig: target.settings.meshConfig,
    values: target.settings.values,
    revision: target.settings.revision,
    nativeSidecars: target.settings.nativeByDefault,
    ...proxyIds(target.openshift ? (workload.namespaceAnnotations ?? {}) : {}),
    inboundTrafficPolicyMode: target.mesh.inboundTrafficPolicyMode,
    compliancePolicy: target.compliancePolicy,
  };
  try {
    return selectTemplates(request).map(({ name, template }) => {
      return { name, source: sourceOf(name, target), pod: template(data) as JsonObject };
    });
  } catch (error) {
    const isAsked = textOf(request.annotations[TEMPLATES]) !== undefined;
    if (!(error instanceof InjectionError) || error.path.length > 0 || !isAsked) throw error;
    const message = `${error.message} (the template is asked for by annotation ${TEMPLATES})`;
    throw new InjectionError(message, ["metadata", "annotations", TEMPLATES]);
  }
}

/** What errors call the place of a template; undefined for a built-in one. */
function sourceOf(name: string, { settings }: Target): string | undefined {
  if (settings.injector !== undefined) return settings.injector.name;
  const own = mapAt(mapAt(settings.values, "sidecarInjectorWebhook"), "templates");
  return Object.hasOwn(own, name) ? OWN_TEMPLATES : undefined;
}

/** Labels and annotations as templates read them, whatever scalar they were written as. */
function withTexts(metadata: JsonObject): ObjectMeta {
  const texts = copyMap(metadata);
  for (const field of ["labels", "annotations"]) {
    const map = texts[field];
    if (!isObject(map)) delete texts[field];
    else if (Object.keys(map).some((key) => typeof map[key] !== "string")) {
      const copy: JsonObject = Object.create(null);
      for (const key of Object.keys(map)) copy[key] = textOf(map[key]) ?? "";
      texts[field] = copy;
    }
  }
  return texts as ObjectMeta;
}

/** @throws InjectionError for a template that the injector does not have */
function selectTemplates({ target, annotations }: Request): { name: string; template: Template }[] {
  const asked = textOf(annotations[TEMPLATES]);
  return templateNames(target, asked).map((name) => {
    const template = target.templates.get(name);
    if (template !== undefined) return { name, template };
    const known = [...target.templates.keys()].join(", ");
    const where = asked === undefined ? "" : ` of annotation ${TEMPLATES}`;
    const path = asked === undefined ? [] : ["metadata", "annotations", TEMPLATES];
    throw new InjectionError(`injection template ${JSON.stringify(name)}${where} is unknown; known are ${known}`, path);
  });
}

/** An unparsable quantity that no validation saw breaks the injector's merge all the same. */
function checkQuantities(template: Pod, { annotations }: Request): void {
  for (const container of [
    ...containersOf(template.spec, "containers"),
    ...containersOf(template.spec, "initContainers"),
  ]) {
    const resources = mapAt(container, "resources");
    for (const amounts of [mapAt(resources, "limits"), mapAt(resources, "requests")]) {
      for (const name of Object.keys(amounts)) {
        const text = textOf(amounts[name]);
        if (text === undefined || isQuantity(text)) continue;
        const source = RESOURCE_ANNOTATIONS.find((annotation) => textOf(annotations[annotation]) === text);
        if (source === undefined)
          throw new InjectionError(`${name} ${JSON.stringify(text)} of the proxy is no quantity`, []);
        throw new InjectionError(annotationProblem(source, text, "no quantity"), ["metadata", "annotations", source]);
      }
    }
  }
}

/** Lays the templates' outputs over the Pod, one after the other (inject.go, RunTemplate). */
function mergeTemplates(request: Request, outputs: TemplateOutput[], sums: JsonObject[]): Pod {
  const { target, original, annotations } = request;
  let merged = { ...original } as unknown as JsonObject;
  const own = target.changes.nativeAnnotationMovesOwnProxy ? annotations["sidecar.istio.io/nativeSidecar"] : undefined;
  const native = own === "true" || (own !== "false" && target.settings.nativeByDefault);
  for (const [index, output] of outputs.entries()) {
    const initContainers = containersOf(mapAt(sums[index] as JsonObject, "spec"), "initContainers");
    if (native && findContainer(initContainers, PROXY) !== undefined) {
      merged = withNativeProxy(merged as unknown as Pod) as unknown as JsonObject;
    }
    merged = mergeOutput(merged, output);
  }
  return { metadata: copyMap(mapAt(merged, "metadata")), spec: copyMap(mapAt(merged, "spec")) };
}

/** An istio-proxy of the user's, or of an earlier template, follows the template's into the init containers. */
function withNativeProxy(pod: Pod): Pod {
  const containers = containersOf(pod.spec, "containers");
  const proxy = findContainer(containers, PROXY);
  if (proxy === undefined) return pod;
  const spec = copyMap(pod.spec);
  spec.containers = containers.filter((container) => container !== proxy);
  spec.initContainers = [...containersOf(pod.spec, "initContainers"), proxy];
  return { ...pod, spec };
}

/** What no template can do (webhook.go, postProcessPod). Changes the Pod. */
function postProcess(pod: Pod, template: Pod, request: Request): void {
  const { target, statusPort } = request;
  const annotations = copyMap(mapAt(pod.metadata, "annotations"));
  pod.metadata.annotations = annotations;
  if (request.proxyEnv.length > 0) changeSidecarEnv(pod, (env) => withProxyEnv(env, request.proxyEnv));
  mergePrometheus(pod, annotations, {
    enabled: target.mesh.enablePrometheusMerge,
    statusPort: String(statusPort),
    scrapeTargets: target.changes.scrapeTargets,
  });
  if (target.changes.scrapeTargets) announceSecurePort(pod, annotations);
  const probes: ProbeRewriteSettings = {
    enabled: target.rewriteProbes,
    statusPort,
    lifecycleHandlers: target.changes.lifecycleHandlersRewritten,
    appendOnReinjection: target.changes.probersAppendedOnReinjection,
  };
  rewriteProbes(pod, annotations, request.injected !== undefined, probes);
  const network = request.proxyEnv.find(([name]) => name === "ISTIO_META_NETWORK")?.[1];
  if (network !== undefined) {
    const labels = copyMap(mapAt(pod.metadata, "labels"));
    labels["topology.istio.io/network"] = network;
    pod.metadata.labels = labels;
  }
  annotations[STATUS] = injectionStatus(template.spec, target.settings.revision);
  for (const [key, value] of target.injectedAnnotations) annotations[key] = value;
  orderContainers(pod, target.holdApplication || request.proxyConfig.holdApplicationUntilProxyStarts === true);
}

function withProxyEnv(env: Json[], added: [string, string][]): Json[] {
  const names = new Set(added.map(([name]) => name));
  const others = env.filter((entry) => !isObject(entry) || !names.has(textOf(entry.name) ?? ""));
  return [...others, ...added.map(([name, value]) => ({ name, value }))];
}

/** The annotation by which a later injection knows what this one added. */
function injectionStatus(spec: JsonObject, revision: string): string {
  const names = (list: string) => {
    const items = spec[list];
    return Array.isArray(items) && items.length > 0 ? items.map((item) => (isObject(item) ? item.name : null)) : null;
  };
  return goJson({
    initContainers: names("initContainers"),
    containers: names("containers"),
    volumes: names("volumes"),
    imagePullSecrets: names("imagePullSecrets"),
    revision: revision || "default",
  });
}

function mapAt(map: JsonObject, key: string): JsonObject {
  const value = map[key];
  return isObject(value) ? value : {};
}
