import { isObject, type Json, type JsonObject } from "../json.ts";
import { SourceError } from "../source/failure.ts";
import { chartMeshConfig } from "./chart-mesh-config.ts";
import {
  type Discovered,
  discoverTarget,
  kymaIstioOf,
  needsDiscovery,
  otherRevisions,
  readInjector,
  unusedNotes,
} from "./discovery.ts";
import { mergeMeshConfig, mergeValues } from "./helm-merge.ts";
import { IGNORED_NAMESPACES, revisionNames } from "./injection-policy.ts";
import { KYMA_PROFILES, profileLayers } from "./istio-profile.ts";
import { crCompatibilityMode, kymaIstioOverlay } from "./kyma-istio-cr.ts";
import { STABLE_MINOR } from "./native-default.ts";
import { type NativeSetting, nativeSetting } from "./native-setting.ts";
import {
  imageTag,
  injectorSource,
  isOfRelease,
  releaseOfTag,
  requestedInjector,
  sameInjector,
} from "./own-injector.ts";
import { checkProxyConfigs, proxyConfigNotes } from "./proxy-configs.ts";
import { istioDefaults, kymaDefaults, type ModuleRelease, type Settings } from "./releases.ts";
import { checkSettings, type OwnSettings } from "./setting-check.ts";
import type { Assumption, ClusterFacts, InjectorFacts, ResolvedTarget, TargetRequest } from "./target.ts";
import { TargetError } from "./target-error.ts";
import {
  chooseIstio,
  chooseIstioOfInjector,
  chooseModule,
  kubernetesMinor,
  parseKubernetes,
} from "./target-versions.ts";
import { unknownSettings } from "./unknown-settings.ts";
import { emptyMap, mapWith, plainText, valueAt } from "./value-path.ts";

/** Kubernetes version assumed where neither target nor Nodes say one: native sidecars are stable there. */
const ASSUMED_KUBERNETES = "1.33";
/** Kubernetes runs native sidecars by default from 1.29 on (beta); 1.28 had them behind a feature gate. */
const NATIVE_KUBERNETES_MINOR = 29;

/** An install before the request's own values: version, values, MeshConfig. */
interface Install {
  istio: string;
  factsIstio: string;
  module: ModuleRelease | undefined;
  profile: string;
  compatibilityMode: boolean;
  values: JsonObject;
  meshConfig: JsonObject;
  notes: string[];
  renderNotes?: string[];
  /** The cluster's own injector, where it is the one that renders. */
  injector?: InjectorFacts | undefined;
}

/**
 * Everything the target comes to: what was asked, else what the input's own objects say, over the release's facts.
 * Pure. Throws TargetError where the request cannot be met or nothing names a version, and what an InputObject's
 * `errorAt` makes of a fault in one of the input's own objects.
 */
export function resolveTarget(request: TargetRequest, cluster: ClusterFacts): ResolvedTarget {
  checkFamilies(request);
  const install =
    request.module === undefined ? istioInstall(request, cluster) : kymaInstall(request, request.module, cluster);
  const { istio, module, compatibilityMode, values } = install;
  const native = nativeSetting({ istio, requested: request.nativeSidecars, values, module, compatibilityMode });
  const { kubernetes, isAssumed } = kubernetesOf(request, cluster);
  const minor = kubernetesMinor(kubernetes);
  checkProxyConfigs(cluster, install.factsIstio);
  const notes = [
    ...install.notes,
    ...unusedNotes(cluster, request, install.injector),
    ...unknownRequested(request, install.factsIstio),
    ...proxyConfigNotes(cluster),
  ];
  const revisions = revisionsBeside(request, cluster, install, notes);
  notes.push(...nativeNotes(native, kubernetes, cluster));
  return {
    request,
    istio,
    factsIstio: install.factsIstio,
    module: module?.module ?? null,
    profile: install.profile,
    kubernetes,
    kubernetesMinor: minor,
    nativeSidecars: native.nativeSidecars,
    nativeSidecarsFrom: native.from,
    compatibilityMode,
    values,
    meshConfig: install.meshConfig,
    revision: plainText(valueAt(values, "revision")),
    injector: install.injector && injectorSource(install.injector),
    assumed: assumptions(isAssumed, cluster),
    ...(revisions.size > 0 && { revisions }),
    notes,
    renderNotes: install.renderNotes ?? [],
  };
}

/** What people should know of how ENABLE_NATIVE_SIDECARS and the versions of Kubernetes go together. */
function nativeNotes({ nativeSidecars, note }: NativeSetting, kubernetes: string, cluster: ClusterFacts): string[] {
  const minor = kubernetesMinor(kubernetes);
  const nodes = lowestMinor(cluster);
  const isOther = nodes !== undefined && nodes >= STABLE_MINOR !== minor >= STABLE_MINOR;
  return [
    ...(note === undefined ? [] : [note]),
    ...(nativeSidecars === "auto" && isOther
      ? [
          `the Nodes in the input decide about native sidecars (lowest kubelet 1.${nodes}), not Kubernetes ${kubernetes} of the target`,
        ]
      : []),
    ...(nativeSidecars === true && minor < NATIVE_KUBERNETES_MINOR
      ? [`native sidecars are forced on, but Kubernetes ${kubernetes} does not run them by default (since 1.29)`]
      : []),
  ];
}

/**
 * Targets of the other revisions whose injectors stand in the input: each serves its own Pods, where the target runs the
 * input's injector and names no revision. What keeps one from being read is noted, and its Pods are nobody's.
 */
function revisionsBeside(request: TargetRequest, cluster: ClusterFacts, { injector }: Install, notes: string[]) {
  const revisions = new Map<string, ResolvedTarget>();
  const { injectors = [] } = cluster;
  if (request.revision !== undefined || injector === undefined || !injectors.includes(injector)) return revisions;
  for (const { revision, config } of injectors) {
    if (revision === "" || revision === injector.revision || config === undefined || revisions.has(revision)) continue;
    const own: TargetRequest = { ...request, istio: undefined, module: undefined, profile: undefined, revision };
    try {
      const target = resolveTarget(own, cluster);
      for (const name of revisionNames(revision, target.values, cluster)) revisions.set(name, target);
    } catch (error) {
      if (!(error instanceof TargetError || error instanceof SourceError)) throw error;
      notes.push(`the injector of revision ${revision} in the input serves no Pods here: ${error.message}`);
    }
  }
  return revisions;
}

function unknownFound({ title, values, meshConfig, names }: OwnSettings, defaults: JsonObject): string[] {
  const map = (value: Json | undefined) => (isObject(value) ? value : undefined);
  return unknownSettings(map(values), map(meshConfig), defaults, names).map((note) => `${title}: ${note}`);
}

function unknownRequested({ values, meshConfig }: TargetRequest, release: string): string[] {
  if (values === undefined && meshConfig === undefined) return [];
  return unknownSettings(values, meshConfig, istioDefaults(release).values);
}

/** @throws TargetError for the request's own settings, of a shape that cannot be read. */
function checkRequested({ values, meshConfig }: TargetRequest, defaults: JsonObject, istio: string): void {
  const fail: OwnSettings["fail"] = (part, field, message) => new TargetError(message, ["target", part, ...field]);
  checkSettings({ values, meshConfig, names: { values: "values", meshConfig: "meshConfig" }, fail }, defaults, istio);
}

function checkFamilies({ istio, module, profile }: TargetRequest): void {
  if (istio !== undefined && module !== undefined) {
    throw new TargetError("a target is an Istio version or a Kyma module version, not both", ["target", "module"]);
  }
  if (profile === undefined) return;
  if (module !== undefined && !KYMA_PROFILES.includes(profile)) {
    const message = `profile ${JSON.stringify(profile)} is one of Istio's; a Kyma module installs ${KYMA_PROFILES.join(" or ")}`;
    throw new TargetError(message, ["target", "profile"]);
  }
  if (module === undefined && KYMA_PROFILES.includes(profile)) {
    throw new TargetError(`profile ${profile} is Kyma's; it goes with module, not with istio`, ["target", "profile"]);
  }
}

function kymaInstall(request: TargetRequest, word: string, cluster: ClusterFacts): Install {
  const module = chooseModule(word);
  const profile = request.profile ?? "kyma";
  const { settings: defaults, note } = withoutInjectedAnnotations(kymaDefaults(module, profile));
  checkRequested(request, defaults.values, module.istio);
  const istioCr = kymaIstioOf(cluster);
  const cr = istioCr && kymaIstioOverlay(istioCr, module.module);
  const compatibilityMode = request.compatibilityMode ?? crCompatibilityMode(istioCr);
  const proxyMetadata = compatibilityMode ? module.compatibilityMode.proxyMetadata : undefined;
  const common = { istio: module.istio, factsIstio: module.istio, module, profile, compatibilityMode };
  const injector = requestedInjector(request) ?? sameInjector(cluster, request, module.istio);
  if (injector !== undefined) {
    const found = readInjector(injector, module.istio);
    checkSettings(found.settings, defaults.values, module.istio);
    const own = [...found.valueLayers, ...requestedLayers(request)];
    const notes = injector === request.installed ? filesNotes(injector, request, module.istio) : [usedNote(injector)];
    return { ...common, ...completeInstall(own, found, request), injector, notes };
  }
  const layers = profileLayers(module.istio, "default", [cr?.values ?? emptyMap(), ...requestedLayers(request)]);
  const meshLayers = [cr?.meshConfig, proxyMetadata && { defaultConfig: { proxyMetadata } }];
  return {
    ...common,
    ...settings(defaults, { release: module.istio, tag: `${module.istio}-distroless`, layers, meshLayers, request }),
    notes: cr?.notes ?? [],
    renderNotes: note === undefined ? [] : [note],
  };
}

/**
 * From 1.25.0 the module's webhook also writes annotations of its own onto every Pod (injectedAnnotations of its
 * values). The recorded output of these modules comes from istioctl, which leaves them out (pkg/kube/inject/inject.go,
 * `injectedAnnotations: nil`), and the recordings are what a render is held against; so the render leaves them out
 * too, and says so. Those that a user's own values add are honoured.
 */
function withoutInjectedAnnotations(defaults: Settings): { settings: Settings; note: string | undefined } {
  const webhook = valueAt(defaults.values, "sidecarInjectorWebhook");
  const annotations = valueAt(webhook, "injectedAnnotations");
  if (!isObject(webhook) || !isObject(annotations) || Object.keys(annotations).length === 0) {
    return { settings: defaults, note: undefined };
  }
  const values = { ...defaults.values, sidecarInjectorWebhook: { ...webhook, injectedAnnotations: emptyMap() } };
  const list = Object.entries(annotations).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const note = `Kyma's module also adds ${list.join(", ")} to every injected Pod; a render leaves that out`;
  return { settings: { ...defaults, values }, note };
}

function istioInstall(request: TargetRequest, cluster: ClusterFacts): Install {
  const { found, notes: how } = foundInstall(request, cluster);
  const choose = found?.injector === undefined ? chooseIstio : chooseIstioOfInjector;
  const choice = choose(request.istio ?? found?.istio ?? "");
  const notes = [...(choice.note ? [choice.note] : []), ...minorNote(found, request, choice.istio), ...how];
  if (request.compatibilityMode) {
    notes.push("compatibilityMode is a field of Kyma's Istio CR and changes nothing of plain Istio");
  }
  const profile = request.profile ?? found?.profile ?? "default";
  const defaults = istioDefaults(choice.facts);
  if (found) checkSettings(found.settings, defaults.values, choice.facts);
  if (found && !found.complete) notes.push(...unknownFound(found.settings, defaults.values));
  checkRequested(request, defaults.values, choice.facts);
  // The revision that was found by its name says itself how it is installed: `default` without one.
  const revision = request.revision === found?.revision ? undefined : request.revision;
  const own = [...(found?.valueLayers ?? []), ...requestedLayers({ ...request, revision })];
  const install = found?.complete
    ? completeInstall(own, found, request)
    : settings(defaults, {
        release: choice.facts,
        tag: choice.istio,
        layers: profileLayers(choice.facts, profile, own),
        meshLayers: [found?.meshConfig],
        request,
      });
  return {
    istio: choice.istio,
    factsIstio: choice.facts,
    module: undefined,
    profile,
    compatibilityMode: false,
    notes,
    ...install,
    injector: found?.injector,
  };
}

/** What the request's files or the input's own objects say of the install; undefined: the request says it all. */
function foundInstall(
  request: TargetRequest,
  cluster: ClusterFacts,
): { found: Discovered | undefined; notes: string[] } {
  const files = requestedInjector(request);
  if (files !== undefined) {
    const istio = request.istio === undefined ? undefined : chooseIstioOfInjector(request.istio).istio;
    return { found: readInjector(files, request.istio), notes: filesNotes(files, request, istio) };
  }
  if (needsDiscovery(request)) {
    const found = discoverTarget(cluster, request.revision);
    const own = found.injector === undefined ? "" : "; its own templates make the Pods";
    const note = `the target was read from ${found.source} in the input${own}`;
    return { found, notes: [note, ...otherRevisions(cluster, found, request.revision)] };
  }
  const { istio } = chooseIstioOfInjector(request.istio ?? "");
  const same = sameInjector(cluster, request, istio);
  return same === undefined
    ? { found: undefined, notes: [] }
    : { found: readInjector(same, request.istio), notes: [usedNote(same)] };
}

/** Of an image tag like "1.28" the patch is a guess. */
function minorNote(found: Discovered | undefined, { istio: asked }: TargetRequest, istio: string): string[] {
  if (found?.injector === undefined || asked !== undefined || found.istio === istio) return [];
  return [`the image tag names Istio ${found.istio} without a patch: ${istio} is assumed; name another with --istio`];
}

/** What the target says that an injector's files settle otherwise. @param istio the target's own release. */
function filesNotes(files: InjectorFacts, { profile }: TargetRequest, istio: string | undefined): string[] {
  const release = releaseOfTag(imageTag(files) ?? "");
  const isOther = istio !== undefined && release !== undefined && !isOfRelease(istio, release);
  return [
    ...(profile === undefined ? [] : [`profile ${profile} is not used: the injector's files say how it was installed`]),
    ...(isOther
      ? [
          `templates and images are those of the injector's files, of ${release}; what the templates ask for, and what istiod does besides them, follows the target's ${istio}`,
        ]
      : []),
  ];
}

/** Beside a version of its own the target could have meant the built-in templates. */
function usedNote(injector: InjectorFacts): string {
  const { config, values } = injector;
  const tag = imageTag(injector);
  const because =
    tag === undefined
      ? "its values name no image tag (global.tag), so it is taken for the target's"
      : releaseOfTag(tag) === undefined
        ? `its image tag ${JSON.stringify(tag)} names no release, so it is taken for the target's`
        : "it is of the target's release";
  return `the cluster's own injector is used, ${config?.name ?? values.name}: ${because}`;
}

interface Layers {
  /** Release whose chart makes MeshConfig of values. */
  release: string;
  /** Image tag unless a layer sets one. */
  tag: string;
  /** Values over the defaults, lowest first. */
  layers: JsonObject[];
  /** MeshConfig that goes over the defaults', below that of the request. */
  meshLayers: (JsonObject | undefined)[];
  request: TargetRequest;
}

/** Values and MeshConfig of an install: defaults, layers, then what the request says of MeshConfig. */
function settings(defaults: Settings, { release, tag, layers, meshLayers, request }: Layers): Settings {
  const tagged = mergeValues(defaults.values, mapWith(["global", "tag"], tag));
  const values = layers.reduce(mergeValues, tagged);
  const meshConfigs = [
    chartMeshConfig(values, release),
    defaults.meshConfig,
    ...layers.map(meshConfigIn),
    ...meshLayers,
    request.meshConfig,
  ];
  return { values: withoutMeshConfig(values), meshConfig: mergedMeshConfigs(meshConfigs) };
}

/** A cluster's own ConfigMaps hold the whole install; only the request goes over them. */
function completeInstall(layers: JsonObject[], found: Discovered, request: TargetRequest): Settings {
  const values = layers.reduce(mergeValues);
  const meshConfigs = [found.meshConfig, ...layers.map(meshConfigIn), request.meshConfig];
  return { values: withoutMeshConfig(values), meshConfig: mergedMeshConfigs(meshConfigs) };
}

/** The request's own values, lowest first. */
function requestedLayers({ values, revision }: TargetRequest): JsonObject[] {
  return [...(values ? [values] : []), ...(revision ? [mapWith(["revision"], revision)] : [])];
}

function mergedMeshConfigs(layers: (JsonObject | undefined)[]): JsonObject {
  return layers.reduce<JsonObject>((merged, layer) => (layer ? mergeMeshConfig(merged, layer) : merged), emptyMap());
}

function meshConfigIn(values: JsonObject): JsonObject | undefined {
  const meshConfig = valueAt(values, "meshConfig");
  return isObject(meshConfig) ? meshConfig : undefined;
}

function withoutMeshConfig(values: JsonObject): JsonObject {
  return mergeValues(values, mapWith(["meshConfig"], null));
}

/** The target's own version, else the lowest kubelet of the input's Nodes, else assumed. */
function kubernetesOf(request: TargetRequest, cluster: ClusterFacts): { kubernetes: string; isAssumed: boolean } {
  if (request.kubernetes !== undefined) return { kubernetes: String(request.kubernetes), isAssumed: false };
  const lowest = lowestMinor(cluster);
  if (lowest !== undefined) return { kubernetes: `1.${lowest}`, isAssumed: false };
  return { kubernetes: ASSUMED_KUBERNETES, isAssumed: true };
}

/** Of the input's Nodes that have a readable kubelet version. */
function lowestMinor({ nodes }: ClusterFacts): number | undefined {
  const minors = [...nodes.values()].flatMap(({ kubeletVersion }) => parseKubernetes(kubeletVersion)?.minor ?? []);
  const lowest = minors.reduce((low, minor) => Math.min(low, minor), Number.POSITIVE_INFINITY);
  return Number.isFinite(lowest) && lowest >= 10 ? lowest : undefined;
}

/** Namespaces matter only where a workload is in one that injection is not ruled out in. */
function assumptions(kubernetesAssumed: boolean, { namespaces, usedNamespaces }: ClusterFacts): Assumption[] {
  const unknown = usedNamespaces
    ? [...usedNamespaces].some((name) => !namespaces.has(name) && !IGNORED_NAMESPACES.includes(name))
    : namespaces.size === 0;
  return [...(kubernetesAssumed ? (["kubernetes"] as const) : []), ...(unknown ? (["namespaces"] as const) : [])];
}
