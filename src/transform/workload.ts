import type { JsonObject } from "../json.ts";
import { stringMapAt } from "../kube/labels.ts";
import { type CustomPodTemplate, podTemplateOf, WORKLOAD_KINDS } from "../kube/pod-template.ts";
import { type Resource, resourcesOf } from "../kube/resource.ts";
import type { ConfigScripts, Pod } from "../rules/rule.ts";
import { parseChunk } from "../source/parse.ts";
import { at, type MapNode, type Path } from "../source/tree.ts";
import {
  type ClusterFacts,
  decideSidecar,
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
  const template = podTemplateOf(resource, setting.podTemplates);
  if (template === undefined) return [];
  const labels = stringMapAt(resource.root, [...template.metadataPath, "labels"]);
  const annotations = stringMapAt(resource.root, [...template.metadataPath, "annotations"]);
  const seen: SidecarPod = {
    namespace: resource.namespace,
    podLabels: labels,
    podAnnotations: annotations,
    podSpec: specFields(resource, template.specPath),
  };
  const decision = decideSidecar(setting.target, setting.cluster, seen);
  return [{ key, pod: { template, sidecar: decision.sidecar, labels, annotations, seen }, decision }];
}

/** The same workload as another target sees it. */
export function workloadAt({ key, pod }: Workload, { target, cluster }: Setting): Workload {
  const decision = decideSidecar(target, cluster, pod.seen);
  return { key, pod: { ...pod, sidecar: decision.sidecar }, decision };
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
