import { isObject, type Json, type JsonObject } from "../json.ts";
import { mergeValues } from "./helm-merge.ts";
import { differingFields } from "./kyma-istio-cr.ts";
import { imageTag, releaseOfTag } from "./own-injector.ts";
import { istioReleases } from "./releases.ts";
import { sailRevision } from "./sail-revision.ts";
import type { OwnSettings } from "./setting-check.ts";
import type { ClusterFacts, InjectorFacts, InputObject, TargetRequest } from "./target.ts";
import { TargetError } from "./target-error.ts";
import { emptyMap, mapWith, textAt, valueAt } from "./value-path.ts";
import { parseVersion } from "./version.ts";

/** A target read from the input's own objects. */
export interface Discovered {
  istio: string;
  profile: string | undefined;
  /** Helm values the object sets, lowest first; `meshConfig` may stand inside. */
  valueLayers: JsonObject[];
  meshConfig: JsonObject;
  /** Whether the values are the whole install (ConfigMaps of a cluster), not changes to a profile. */
  complete: boolean;
  /** What it was read from, for notes. */
  source: string;
  /** Its revision, "default" for the one without. */
  revision: string;
  /** What its author wrote, to be checked. */
  settings: OwnSettings;
  /** The cluster's own injector; undefined: the release's built-in one stands for it. */
  injector?: InjectorFacts | undefined;
}

/** One Istio install that the input describes. */
interface Candidate {
  /** "the Istio resource default (sailoperator.io, a.yaml:3)". */
  title: string;
  /** "default" for the one without. */
  revision: string;
  /** As written; undefined: it names none. */
  version: string | undefined;
  /** The same for objects that describe the same install. */
  key: string;
  /** The ConfigMaps of a running injector, which hold all that is needed to run it. */
  isRunnable: boolean;
  /** As of InjectorFacts. */
  rivals?: string | undefined;
  /** Throws for a version that is none. */
  read(): Discovered;
}

const VERSION_IN_TAG = /^v?(\d{1,4}\.\d{1,4}\.\d{1,4}(?:-(?:alpha|beta|rc)\.\d{1,4})?|1\.\d{2,4})(?:-[a-z]+)?$/;
const SAIL_LATEST = /^v?(\d{1,4}\.\d{1,4})-latest$/;

/**
 * Target from what the input holds: Sail's Istio, an IstioOperator, or the cluster's ConfigMaps. A Kyma Istio CR names
 * no version. Throws TargetError where nothing does, and where several installs stand that `revision` does not tell
 * apart.
 */
export function discoverTarget(cluster: ClusterFacts, revision: string | undefined): Discovered {
  const all = installsOf(cluster);
  const ofRevision = revision === undefined ? [] : all.filter((install) => install.revision === revision);
  const candidates = ofRevision.length > 0 ? ofRevision : unlessNamed(all, revision);
  const rivals = candidates.find((candidate) => candidate.rivals !== undefined)?.rivals;
  if (rivals !== undefined) throw new TargetError(rivals, ["target"]);
  if (candidates.length > 1) throw new TargetError(severalInstalls(candidates, revision), ["target"]);
  const [first] = candidates;
  if (first?.isRunnable && revision !== undefined && first.revision !== revision)
    throw new TargetError(otherRevision(first, revision), ["target", "revision"]);
  if (first?.version === undefined) throw new TargetError(noTarget(cluster), ["target"]);
  return first.read();
}

/** Of several injectors of one cluster the one without a revision serves whoever names none. */
function unlessNamed(candidates: readonly Candidate[], revision: string | undefined): readonly Candidate[] {
  if (revision !== undefined || !candidates.every(({ isRunnable }) => isRunnable)) return candidates;
  const byDefault = candidates.filter((candidate) => candidate.revision === "default");
  return byDefault.length > 0 ? byDefault : candidates;
}

/**
 * Notes on injectors of the input that serve other revisions than the one chosen.
 * @param asked the revision that the request names: Pods of others are nobody's then.
 */
export function otherRevisions(
  { injectors = [] }: ClusterFacts,
  { injector, revision }: Discovered,
  asked: string | undefined,
): string[] {
  const others = new Set(injectors.map((one) => one.revision || "default").filter((name) => name !== revision));
  if (injector === undefined || others.size === 0) return [];
  const names = [...others].join(", ");
  const [which, makes, its, it] =
    others.size === 1
      ? [`the injector of revision ${names}`, "it makes", "its", "it"]
      : [`the injectors of revisions ${names}`, "they make", "their", "them"];
  const whose =
    asked === undefined
      ? `${makes} the Pods that istio.io/rev gives to ${it}; --revision (target.revision) looks at one revision alone`
      : `${its} Pods are left alone, as the target is revision ${revision}`;
  return [`the input also holds ${which}: ${whose}`];
}

/** All that are not the same; what a cluster's ConfigMaps say of an install that another object describes is that one. */
function installsOf(cluster: ClusterFacts): Candidate[] {
  const sail = (cluster.sailIstio ?? []).map(fromSail);
  const operators = controlPlanes(cluster.istioOperator ?? []).map(fromIstioOperator);
  const declared = distinct([...sail, ...operators]);
  const installed = distinct((cluster.injectors ?? []).map(fromInjector)).filter(
    ({ version }) => version !== undefined,
  );
  const versioned = declared.filter(({ version }) => version !== undefined);
  if (versioned.length === 0 && installed.length > 0) return installed;
  // What runs in the cluster is exact, what declares it is not.
  const running = installed.filter(({ isRunnable }) => isRunnable);
  if (running.length > 0) {
    const missing = declared.filter((other) => !installed.some((one) => isSameInstall(one, other)));
    return [...missing, ...installed];
  }
  const others = installed.filter((one) => !versioned.some((other) => isSameInstall(one, other)));
  return [...declared, ...others];
}

function isSameInstall(installed: Candidate, declared: Candidate): boolean {
  if (installed.revision !== declared.revision) return false;
  const [inTag, named] = [installed.version, declared.version].map((tag) => VERSION_IN_TAG.exec(tag ?? "")?.[1]);
  return named === undefined || inTag === named;
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.map((candidate) => [candidate.key, candidate])).values()];
}

/** An IstioOperator of profile `empty` without pilot installs gateways, no istiod; it counts where it stands alone. */
function controlPlanes(operators: readonly InputObject[]): readonly InputObject[] {
  const isControlPlane = ({ data }: InputObject): boolean =>
    valueAt(data, "spec", "profile") !== "empty" || valueAt(data, "spec", "components", "pilot", "enabled") === true;
  const found = operators.filter(isControlPlane);
  return found.length > 0 ? found : operators;
}

function severalInstalls(candidates: readonly Candidate[], revision: string | undefined): string {
  const list = candidates.map(
    ({ title, version = "without version", revision: own }) => `${title}: ${version}, revision ${own}`,
  );
  const revisions = candidates.map(({ revision: own }) => own);
  const telling = revisions.filter((own) => revisions.indexOf(own) === revisions.lastIndexOf(own));
  const word = telling.length > 0 ? `a revision that tells them apart (--revision ${telling.join(" or ")}), ` : "";
  const advice = `give ${word}one of them alone, or a version (--istio 1.27.1)`;
  const asked = revision === undefined || revisions.includes(revision) ? "" : `, none of revision ${revision}`;
  return `the input holds several Istio installs${asked} (${list.join("; ")}); ${advice}`;
}

/** Templates and values of one revision are not those of another. */
function otherRevision({ title, revision: own }: Candidate, revision: string): string {
  const option = own === "default" ? "leave the revision out" : `give --revision ${own}`;
  return `the injector in the input is not of revision ${revision}: ${title} is of revision ${own}; ${option}, or give a version: --istio 1.27.1`;
}

function noTarget({ kymaIstio = [], istioOperator = [], injectors = [], injectorParts = [] }: ClusterFacts): string {
  const [injector] = injectors;
  if (injector !== undefined)
    return `${titleOf("ConfigMap", injector.values)} in the input has no global.tag in its values and so names no version; give one: --istio 1.27.1 or spec.target.istio`;
  if (injectorParts.length > 0)
    return `${injectorParts.join("; ")}: both are needed; add it, or give a version: --istio 1.27.1 or spec.target.istio`;
  if (istioOperator.length > 0)
    return "the IstioOperator in the input has no spec.tag and so names no version; give one: --istio 1.27.1 or spec.target.istio (its values go with --values)";
  if (kymaIstio.length > 0)
    return "the Istio CR of Kyma in the input names no version; give the module's: --module 1.25.0 or spec.target.module";
  return "no target: give --istio 1.27.1 or --module 1.25.0 (spec.target.istio or spec.target.module)";
}

/** The Istio CR that a module reconciles. @throws TargetError where the input holds several that make other Pods. */
export function kymaIstioOf({ kymaIstio = [] }: ClusterFacts): InputObject | undefined {
  const differing = differingFields(kymaIstio);
  if (differing.length > 0) {
    const places = kymaIstio.map(({ place }) => place).join(", ");
    throw new TargetError(
      `several Istio CRs of Kyma in the input (${places}) differ in ${differing.join(", ")}; give the files of one cluster`,
      ["target"],
    );
  }
  return kymaIstio[0];
}

/** Whether a request leaves the version to discovery. */
export function needsDiscovery(request: TargetRequest): boolean {
  return request.istio === undefined && request.module === undefined;
}

/** More than these are counted. */
const MAX_NAMED = 4;

/**
 * Notes on objects of the input whose version and values the target passes over.
 * @param used the injector that the target runs, of the input or of files.
 */
export function unusedNotes(
  cluster: ClusterFacts,
  request: TargetRequest,
  used: InjectorFacts | undefined = undefined,
): string[] {
  const { kymaIstio = [], sailIstio = [], istioOperator = [], injectors = [] } = cluster;
  const passed = used !== undefined && injectors.includes(used) ? [] : injectors;
  const installs = [
    ...sailIstio.map((object) => titleOf("Istio resource", object, "sailoperator.io")),
    ...istioOperator.map((object) => titleOf("IstioOperator", object)),
    ...passed.map(({ values }) => titleOf("ConfigMap", values)),
  ];
  const crs = kymaIstio.map((object) => titleOf("Istio CR of Kyma", object));
  const isExplicit = !needsDiscovery(request) || request.installed !== undefined;
  const reason = request.installed !== undefined ? "the target names files of an injector" : whyPassed(passed);
  return [
    ...(isExplicit ? passedOver(installs, reason) : []),
    ...(request.module === undefined ? passedOver(crs, "such a CR counts for a target of Kyma's module only") : []),
  ];
}

function whyPassed(injectors: readonly InjectorFacts[]): string {
  const isRunnable = injectors.some(({ config }) => config !== undefined);
  const advice = "; to render with the cluster's own injector leave the version out, or name its release";
  return `the target names a version of its own${isRunnable ? advice : ""}`;
}

function passedOver(titles: readonly string[], because: string): string[] {
  if (titles.length === 0) return [];
  const more = titles.length > MAX_NAMED ? ` and ${titles.length - MAX_NAMED} more` : "";
  return [`${titles.slice(0, MAX_NAMED).join(", ")}${more}: not used, as ${because}`];
}

function titleOf(kind: string, { name, place }: InputObject, group?: string): string {
  return `the ${kind} ${name && `${name} `}(${group === undefined ? "" : `${group}, `}${place})`;
}

function fromSail(object: InputObject): Candidate {
  const { data } = object;
  const title = titleOf("Istio resource", object, "sailoperator.io");
  const version = textAt(data, "spec", "version");
  const revision = sailRevision(data, version ?? "");
  const read = (): Discovered => ({
    istio: SAIL_LATEST.exec(version ?? "")?.[1] ?? versionOf(version ?? "", ["spec", "version"], object),
    profile: textAt(data, "spec", "profile"),
    valueLayers: [objectAt(data, "spec", "values"), revisionLayer(revision)],
    meshConfig: emptyMap(),
    complete: false,
    source: `the Istio resource (sailoperator.io) ${version}`,
    revision: revision || "default",
    settings: ownSettings(object, title, { values: ["spec", "values"] }),
  });
  return {
    title,
    revision: revision || "default",
    version,
    isRunnable: false,
    key: JSON.stringify(["sail", object.name, data.spec ?? null]),
    read,
  };
}

function fromIstioOperator(object: InputObject): Candidate {
  const title = titleOf("IstioOperator", object);
  const spec = objectAt(object.data, "spec");
  const isOwn = scalarText(valueAt(spec, "tag")) !== undefined;
  const path = isOwn ? ["tag"] : ["values", "global", "tag"];
  const tag = scalarText(valueAt(spec, ...path));
  const revision = textAt(spec, "revision") ?? textAt(spec, "values", "revision") ?? "";
  const read = (): Discovered => ({
    istio: versionOf(tag ?? "", ["spec", ...path], object),
    profile: textAt(spec, "profile"),
    valueLayers: [translatedSpec(spec, tag ?? ""), revisionLayer(revision), objectAt(spec, "values")],
    meshConfig: objectAt(spec, "meshConfig"),
    complete: false,
    source: `the IstioOperator with tag ${tag}`,
    revision: revision || "default",
    settings: ownSettings(object, title, { values: ["spec", "values"], meshConfig: ["spec", "meshConfig"] }),
  });
  return {
    title,
    revision: revision || "default",
    version: tag,
    isRunnable: false,
    key: JSON.stringify(["operator", object.data.spec ?? null]),
    read,
  };
}

/** What istioctl hands on as values (operator/pkg/render/manifest.go, 1.28); its values go over it. */
function translatedSpec(spec: JsonObject, tag: string): JsonObject {
  let values = mapWith(["global", "tag"], tag);
  const hub = textAt(spec, "hub");
  if (hub) values = mergeValues(values, mapWith(["global", "hub"], hub));
  const cni = valueAt(spec, "components", "cni", "enabled");
  if (typeof cni === "boolean") {
    values = mergeValues(values, mapWith(["pilot", "cni", "enabled"], cni));
    values = mergeValues(values, mapWith(["istio_cni", "enabled"], cni));
  }
  const env = valueAt(spec, "components", "pilot", "k8s", "env");
  for (const entry of Array.isArray(env) ? env : []) {
    const [name, value] = [textAt(entry, "name"), scalarText(valueAt(entry, "value"))];
    if (name && value !== undefined) values = mergeValues(values, mapWith(["pilot", "env", name], value));
  }
  return values;
}

function fromInjector(injector: InjectorFacts): Candidate {
  const { revision, values, meshConfig, config } = injector;
  const tag = imageTag(injector);
  return {
    title: titleOf("ConfigMap", values),
    revision: revision || "default",
    version: tag,
    isRunnable: config !== undefined,
    rivals: injector.rivals,
    key: JSON.stringify(["injector", revision, values.data, meshConfig.data, config?.text ?? null]),
    read: () => readInjector(injector, undefined),
  };
}

/** The install that an injector is of. @param istio its release; undefined: its image tag tells. */
export function readInjector(injector: InjectorFacts, istio: string | undefined): Discovered {
  const { revision, values, meshConfig, config, rivals } = injector;
  if (rivals !== undefined) throw new TargetError(rivals, ["target"]);
  const tag = imageTag(injector) ?? "";
  const release = istio ?? (config && releaseOfTag(tag));
  return {
    istio: release ?? versionOf(tag, ["data", "values"], values, "global.tag in "),
    profile: undefined,
    valueLayers: [values.data],
    meshConfig: meshConfig.data,
    complete: true,
    source: `the ${config?.name ?? "ConfigMap istio-sidecar-injector"} with tag ${tag}`,
    revision: revision || "default",
    injector: config && injector,
    settings: {
      // What templates of its own read is theirs to say.
      values: config === undefined ? values.data : undefined,
      meshConfig: meshConfig.data,
      names: { values: "values", meshConfig: "mesh" },
      fail: (part, field, message) =>
        part === "values"
          ? values.errorAt(["data", "values", ...field], message)
          : meshConfig.errorAt(["data", "mesh", ...field], message),
    },
  };
}

/** What an object's author wrote, with errors at its fields. */
function ownSettings(
  object: InputObject,
  title: string,
  paths: { values: string[]; meshConfig?: string[] },
): OwnSettings {
  const { values, meshConfig = [] } = paths;
  return {
    title,
    values: valueAt(object.data, ...values),
    meshConfig: meshConfig.length === 0 ? undefined : valueAt(object.data, ...meshConfig),
    names: { values: values.join("."), meshConfig: meshConfig.join(".") },
    fail: (part, field, message) => object.errorAt([...(part === "values" ? values : meshConfig), ...field], message),
  };
}

/** The version in an image tag, "1.26.3" of "1.26.3-distroless". */
function versionOf(tag: string, field: string[], object: InputObject, what = ""): string {
  const version = VERSION_IN_TAG.exec(tag)?.[1];
  if (version) return version;
  const newest = istioReleases().findLast((release) => parseVersion(release).preRelease === "");
  const message = `${what}${field.join(".")} is ${JSON.stringify(tag)}, no version; give one: --istio ${newest}`;
  throw object.errorAt(field, message);
}

function revisionLayer(revision: string): JsonObject {
  return revision ? mapWith(["revision"], revision) : emptyMap();
}

function objectAt(root: Json | undefined, ...path: string[]): JsonObject {
  const value = valueAt(root, ...path);
  return isObject(value) ? value : emptyMap();
}

function scalarText(value: Json | undefined): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
