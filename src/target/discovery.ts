import { isObject, type Json, type JsonObject } from "../json.ts";
import { emptyMap, mapWith, mergeValues, valueAt } from "./helm-merge.ts";
import { istioReleases } from "./releases.ts";
import type { ClusterFacts, TargetRequest } from "./target.ts";
import { TargetError } from "./target-error.ts";
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
}

const VERSION_IN_TAG = /^v?(\d{1,4}\.\d{1,4}\.\d{1,4}(?:-(?:alpha|beta|rc)\.\d{1,4})?)(?:-[a-z]+)?$/;
const SAIL_LATEST = /^v?(\d{1,4}\.\d{1,4})-latest$/;

/**
 * Target from what the input holds: Sail's Istio, then IstioOperator, then the cluster's ConfigMaps. A Kyma Istio CR
 * names no version. Throws TargetError where nothing does, and where several objects differ.
 */
export function discoverTarget(cluster: ClusterFacts): Discovered {
  const kinds = [
    ["sailIstio", fromSail(cluster.sailIstio)],
    ["istioOperator", fromIstioOperator(cluster.istioOperator)],
    ["injector", fromInjector(cluster.injector)],
  ] as const;
  for (const [kind, found] of kinds) {
    if (found === undefined) continue;
    refuseConflict(cluster, kind);
    return found;
  }
  throw new TargetError(noTarget(cluster), ["target"]);
}

function noTarget({ kymaIstio, istioOperator }: ClusterFacts): string {
  if (kymaIstio)
    return "the Istio CR of Kyma in the input names no version; give the module's: --module 1.25.0 or spec.target.module";
  if (istioOperator)
    return "the IstioOperator in the input has no spec.tag and so names no version; give one: --istio 1.27.1 or spec.target.istio (its values go with --values)";
  return "no target: give --istio 1.27.1 or --module 1.25.0 (spec.target.istio or spec.target.module)";
}

const CONFLICTING = {
  kymaIstio: "Istio CRs of Kyma",
  sailIstio: "Istio resources (sailoperator.io)",
  istioOperator: "IstioOperators",
  injector: "ConfigMaps istio-sidecar-injector",
} as const;

/** A target is one installation: @throws TargetError where the input holds several that differ. */
export function refuseConflict({ conflicts = {} }: ClusterFacts, kind: keyof typeof CONFLICTING): void {
  const places = conflicts[kind];
  if (places === undefined) return;
  const advice = kind === "kymaIstio" ? "give one of them" : "give one of them, or a version: --istio 1.27.1";
  throw new TargetError(`several ${CONFLICTING[kind]} in the input differ (${places.join(", ")}); ${advice}`, [
    "target",
  ]);
}

/** Whether a request leaves the version to discovery. */
export function needsDiscovery(request: TargetRequest): boolean {
  return request.istio === undefined && request.module === undefined;
}

function fromSail(resource: JsonObject | undefined): Discovered | undefined {
  if (!resource) return undefined;
  const version = textAt(resource, "spec", "version");
  if (version === undefined)
    throw new TargetError("the Istio resource (sailoperator.io) in the input has no spec.version", ["target"]);
  const istio =
    SAIL_LATEST.exec(version)?.[1] ?? versionOf(version, "spec.version of the Istio resource (sailoperator.io)");
  return {
    istio,
    profile: textAt(resource, "spec", "profile"),
    valueLayers: [objectAt(resource, "spec", "values"), revisionLayer(sailRevision(resource, version))],
    meshConfig: emptyMap(),
    complete: false,
    source: `the Istio resource (sailoperator.io) ${version}`,
  };
}

/** Sail names the revision after the resource, with RevisionBased updates after its version too; `default` is none. */
function sailRevision(resource: JsonObject, version: string): string {
  const name = textAt(resource, "metadata", "name") ?? "default";
  const isRevisionBased = textAt(resource, "spec", "updateStrategy", "type") === "RevisionBased";
  if (isRevisionBased) return `${name}-${version.replaceAll(".", "-")}`;
  return name === "default" ? "" : name;
}

function fromIstioOperator(resource: JsonObject | undefined): Discovered | undefined {
  if (!resource) return undefined;
  const spec = objectAt(resource, "spec");
  const tag = scalarText(valueAt(spec, "tag")) ?? scalarText(valueAt(spec, "values", "global", "tag"));
  if (tag === undefined) return undefined;
  const revision = revisionLayer(textAt(spec, "revision") ?? "");
  return {
    istio: versionOf(tag, "spec.tag of the IstioOperator"),
    profile: textAt(spec, "profile"),
    valueLayers: [translatedSpec(spec, tag), revision, objectAt(spec, "values")],
    meshConfig: objectAt(spec, "meshConfig"),
    complete: false,
    source: `the IstioOperator with tag ${tag}`,
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

function fromInjector(injector: ClusterFacts["injector"]): Discovered | undefined {
  if (!injector) return undefined;
  const tag = scalarText(valueAt(injector.values, "global", "tag"));
  if (tag === undefined) return undefined;
  return {
    istio: versionOf(tag, "global.tag in the ConfigMap istio-sidecar-injector"),
    profile: undefined,
    valueLayers: [injector.values],
    meshConfig: injector.meshConfig,
    complete: true,
    source: `the ConfigMap istio-sidecar-injector with tag ${tag}`,
  };
}

/** The version in an image tag, "1.26.3" of "1.26.3-distroless". */
function versionOf(tag: string, place: string): string {
  const version = VERSION_IN_TAG.exec(tag)?.[1];
  if (version) return version;
  const newest = istioReleases().findLast((release) => parseVersion(release).preRelease === "");
  throw new TargetError(`${place} is ${JSON.stringify(tag)}, no version; give one: --istio ${newest}`, ["target"]);
}

function revisionLayer(revision: string): JsonObject {
  return revision ? mapWith(["revision"], revision) : emptyMap();
}

function objectAt(root: Json | undefined, ...path: string[]): JsonObject {
  const value = valueAt(root, ...path);
  return isObject(value) ? value : emptyMap();
}

function textAt(root: Json | undefined, ...path: string[]): string | undefined {
  const value = valueAt(root, ...path);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function scalarText(value: Json | undefined): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
