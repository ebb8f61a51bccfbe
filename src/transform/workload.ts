import type { JsonObject } from "../json.ts";
import { stringMapAt } from "../kube/labels.ts";
import { type CustomPodTemplate, podTemplateOf, WORKLOAD_KINDS } from "../kube/pod-template.ts";
import { type Resource, resourcesOf } from "../kube/resource.ts";
import type { Pod } from "../rules/rule.ts";
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
  target: ResolvedTarget;
  cluster: ClusterFacts;
  podTemplates: readonly CustomPodTemplate[];
}

/** A parsed document of a kind that may hold workloads. */
export interface WorkloadDocument {
  chunk: DocumentChunk;
  root: MapNode;
  resources: Resource[];
  workloads: Workload[];
}

/** Whether a document may hold a Pod template: only a parse tells where its kind cannot be peeked at. */
function mayHoldWorkload(chunk: DocumentChunk, custom: readonly CustomPodTemplate[]): boolean {
  if (chunk.kind === undefined) {
    const text = chunk.text.slice(chunk.start, chunk.end);
    return (
      text.includes("kind") &&
      (WORKLOAD_KINDS.some((kind) => text.includes(kind)) || custom.some((c) => text.includes(c.kind)))
    );
  }
  return (
    chunk.kind.endsWith("List") || WORKLOAD_KINDS.includes(chunk.kind) || custom.some((c) => c.kind === chunk.kind)
  );
}

/**
 * Documents of an input that may hold workloads, parsed one at a time.
 * @param wanted tells from a document's text whether it is worth parsing.
 * @throws {SourceError} malformed YAML in one of them.
 */
export function* workloadDocuments(
  input: Input,
  setting: Setting,
  wanted: (chunk: DocumentChunk) => boolean,
): Generator<WorkloadDocument> {
  for (const chunk of input.chunks) {
    if (!mayHoldWorkload(chunk, setting.podTemplates) || !wanted(chunk)) continue;
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

/** The fields of a Pod spec that decide about injection. */
function specFields(resource: Resource, specPath: Path): JsonObject {
  const fields: JsonObject = Object.create(null);
  for (const name of ["hostNetwork", "nodeName"]) {
    const node = at(resource.root, [...specPath, name]);
    if (node?.kind === "scalar") fields[name] = node.value;
  }
  return fields;
}
