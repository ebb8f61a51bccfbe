import { type InjectedWorkload, InjectionError } from "../inject/model.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { stringMapAt } from "../kube/labels.ts";
import { type CustomPodTemplate, type PodTemplate, podTemplateOf, WORKLOAD_KINDS } from "../kube/pod-template.ts";
import { isPreviewCopy } from "../kube/preview-copy.ts";
import { type Resource, resourcesOf } from "../kube/resource.ts";
import type { ConfigScripts, Pod } from "../rules/rule.ts";
import { parseChunk } from "../source/parse.ts";
import { AliasBomb, at, type MapNode, type Path, toData } from "../source/tree.ts";
import {
  type ClusterFacts,
  decideSidecar,
  NATIVE_KEY,
  type ResolvedTarget,
  type SidecarDecision,
  type SidecarPod,
} from "../target/index.ts";
import type { DocumentChunk, Input } from "./input.ts";

/** One workload of an input with what the target makes of it. */
export interface Workload {
  /** Same for the same workload after edits of the input: document and position in it. */
  key: string;
  pod: Pod;
  decision: SidecarDecision;
}

/** What decides about workloads, the same for a whole run. */
export interface Setting {
  /** Short name of the target among several, for people; undefined where it is the only one. */
  name?: string | undefined;
  target: ResolvedTarget;
  cluster: ClusterFacts;
  podTemplates: readonly CustomPodTemplate[];
  /** What ConfigMaps hold for workloads, of all inputs together; undefined: each input is looked at alone. */
  scripts?: ConfigScripts | undefined;
  /** Whether the target renders a workload as it stands (see current-render.ts); undefined: it is not asked. */
  isCurrent?: ((workload: Workload, setting: Setting) => boolean | undefined) | undefined;
  /** The same for the other targets of the run: a fix must be right at all of them. */
  others?: readonly Setting[] | undefined;
}

/** One setting for each target of the run, in the order they were given. */
export function settingsOf(setting: Setting): readonly Setting[] {
  return setting.others === undefined ? [setting] : [setting, ...setting.others];
}

/** A parsed document of a kind that may hold workloads. */
export interface WorkloadDocument {
  chunk: DocumentChunk;
  root: MapNode;
  resources: Resource[];
  workloads: Workload[];
}

/** Whether a document may hold one of these kinds: only a parse tells where its kind cannot be peeked at. */
function mayHold(chunk: DocumentChunk, kinds: readonly string[]): boolean {
  if (chunk.kind === undefined) {
    const text = chunk.text.slice(chunk.start, chunk.end);
    return text.includes("kind") && kinds.some((kind) => text.includes(kind));
  }
  return chunk.kind.endsWith("List") || kinds.includes(chunk.kind);
}

/** Kinds whose Pods are injected, the user's own among them. */
export function workloadKinds({ podTemplates }: Setting): string[] {
  return [...WORKLOAD_KINDS, ...podTemplates.map(({ kind }) => kind)];
}

/**
 * Documents of an input that may hold workloads, parsed one at a time.
 * @param wanted tells from a document's text whether it is worth parsing.
 * @throws {SourceError} malformed YAML in one of them.
 */
export function workloadDocuments(
  input: Input,
  setting: Setting,
  wanted: (chunk: DocumentChunk) => boolean,
): Generator<WorkloadDocument> {
  return documentsOf(input, setting, workloadKinds(setting), wanted);
}

/** Documents of an input that may hold one of these kinds, else as `workloadDocuments`. */
export function* documentsOf(
  input: Input,
  setting: Setting,
  kinds: readonly string[],
  wanted: (chunk: DocumentChunk) => boolean,
): Generator<WorkloadDocument> {
  for (const chunk of input.chunks) {
    if (!mayHold(chunk, kinds) || !wanted(chunk)) continue;
    const root = chunk.root ?? parseChunk(chunk);
    if (root?.kind !== "map") continue;
    const resources = resourcesOf({ file: chunk.file, text: chunk.text, document: chunk.index }, root);
    const workloads = resources.flatMap((resource, n) => workloadOf(resource, `${chunk.index}:${n}`, setting));
    if (resources.length > 0) yield { chunk, root, resources, workloads };
  }
}

function workloadOf(resource: Resource, key: string, setting: Setting): Workload[] {
  if (isPreviewCopy(resource.root)) return [];
  const template = podTemplateOf(resource, setting.podTemplates);
  if (template === undefined) return [];
  const labels = stringMapAt(resource.root, [...template.metadataPath, "labels"]);
  const annotations = annotationsAt(resource.root, template.metadataPath);
  const seen: SidecarPod = {
    namespace: resource.namespace,
    podLabels: labels,
    podAnnotations: annotations,
    podSpec: specFields(resource, template.specPath),
    workload: () => injectedWorkload(template),
  };
  const decision = decideSidecar(setting.target, setting.cluster, seen);
  return [{ key, pod: podWith(decision, { template, labels, annotations, seen }), decision }];
}

/** The Pod with what was decided of it, some of which is found out when it is asked for. */
function podWith(decision: SidecarDecision, pod: Omit<Pod, "sidecar" | "proxy">): Pod {
  const { template, labels, annotations, seen } = pod;
  return {
    template,
    labels,
    annotations,
    seen,
    get sidecar() {
      return decision.sidecar;
    },
    get proxy() {
      return decision.proxy;
    },
  };
}

/**
 * A workload as plain data, for those who run templates; Pods that are built in the cluster are told by what is the same in
 * all of them. @throws {InjectionError} for aliases that unfold too far.
 */
function injectedWorkload({ resource, layout, path, metadataPath, specPath }: PodTemplate): InjectedWorkload {
  try {
    const data = (way: Path): JsonObject => {
      const node = at(resource.root, way);
      const value: Json = node === undefined ? null : toData(node);
      return isObject(value) ? value : Object.create(null);
    };
    const isPod = layout === "pod-template";
    const template = isPod ? data(path) : { metadata: data(metadataPath), spec: appSpec(data(specPath)) };
    return {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      metadata: data(["metadata"]),
      template: template as InjectedWorkload["template"],
    };
  } catch (error) {
    if (error instanceof AliasBomb) throw new InjectionError(error.message, []);
    throw error;
  }
}

/** A Pod of Argo's: what the workflow says of all its Pods, round one container. */
function appSpec({ securityContext, serviceAccountName, volumes }: JsonObject): JsonObject {
  const said = { securityContext, serviceAccountName, volumes };
  const known = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return { ...(known as JsonObject), containers: [{ name: "main", image: "main" }] };
}

/**
 * Annotations below the metadata of Pods. The API server refuses an unquoted `false` as nativeSidecar: it counts as a
 * wrong value, not as what it would be as a string.
 */
export function annotationsAt(root: MapNode, metadataPath: Path): Record<string, string> {
  const path = [...metadataPath, "annotations"];
  const annotations = stringMapAt(root, path);
  const native = at(root, [...path, NATIVE_KEY]);
  if (native?.kind === "scalar" && typeof native.value === "boolean")
    annotations[NATIVE_KEY] = `${native.text} (no string)`;
  return annotations;
}

/** The same workload as another target sees it. */
export function workloadAt({ key, pod }: Workload, { target, cluster }: Setting): Workload {
  const decision = decideSidecar(target, cluster, pod.seen);
  return { key, pod: podWith(decision, pod), decision };
}

/** The fields of a Pod spec that decide about injection. */
function specFields(resource: Resource, specPath: Path): JsonObject {
  const fields: JsonObject = Object.create(null);
  for (const name of ["hostNetwork", "nodeName"]) {
    const node = at(resource.root, [...specPath, name]);
    if (node?.kind === "scalar") fields[name] = node.value;
  }
  return fields;
}
