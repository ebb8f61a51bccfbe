import { isObject, type JsonObject } from "../json.ts";
import { stringMapAt } from "../kube/labels.ts";
import { groupOf, type Resource, resourcesOf } from "../kube/resource.ts";
import { parseChunk } from "../source/parse.ts";
import { at, textAt, toData } from "../source/tree.ts";
import type { ClusterFacts, NamespaceFacts } from "../target/index.ts";
import type { DocumentChunk, Input } from "./input.ts";

/** Kinds whose objects tell about the cluster; no file without one of these words is read for it. */
export const CLUSTER_KINDS = ["Namespace", "Node", "Istio", "IstioOperator"] as const;

/** What the inputs' own objects tell about the cluster. @throws {SourceError} malformed YAML in one of them. */
export function readCluster(inputs: Iterable<Input>): ClusterFacts {
  const namespaces = new Map<string, NamespaceFacts>();
  const nodes = new Map<string, { kubeletVersion: string }>();
  const facts: { -readonly [K in keyof ClusterFacts]: ClusterFacts[K] } = { namespaces, nodes };
  for (const resource of clusterResources(inputs)) {
    const group = groupOf(resource.apiVersion);
    if (resource.kind === "Namespace" && group === "") {
      const { root } = resource;
      const [labels, annotations] = ["labels", "annotations"].map((field) => stringMapAt(root, ["metadata", field]));
      namespaces.set(resource.name, { labels: labels ?? {}, annotations: annotations ?? {} });
    } else if (resource.kind === "Node" && group === "") {
      const kubeletVersion = textAt(resource.root, ["status", "nodeInfo", "kubeletVersion"]) ?? "";
      nodes.set(resource.name, { kubeletVersion });
    } else if (resource.kind === "Istio" && group === "operator.kyma-project.io") {
      facts.kymaIstio ??= dataOf(resource);
    } else if (resource.kind === "Istio" && group === "sailoperator.io") {
      facts.sailIstio ??= dataOf(resource);
    } else if (resource.kind === "IstioOperator" && group === "install.istio.io") {
      facts.istioOperator ??= dataOf(resource);
    }
  }
  return facts;
}

function* clusterResources(inputs: Iterable<Input>): Generator<Resource> {
  for (const input of inputs) {
    for (const chunk of input.chunks) {
      if (!mayTell(chunk)) continue;
      const root = chunk.root ?? parseChunk(chunk);
      yield* resourcesOf({ file: chunk.file, text: chunk.text, document: chunk.index }, root);
    }
  }
}

function mayTell(chunk: DocumentChunk): boolean {
  const isList = chunk.kind?.endsWith("List") === true;
  if (chunk.kind !== undefined && !isList) return (CLUSTER_KINDS as readonly string[]).includes(chunk.kind);
  const text = chunk.text.slice(chunk.start, chunk.end);
  return text.includes("kind") && CLUSTER_KINDS.some((kind) => text.includes(kind));
}

function dataOf(resource: Resource): JsonObject {
  const root = at(resource.root, []);
  const data = root === undefined ? null : toData(root);
  return isObject(data) ? data : {};
}
