import { at, effectiveEntries, entryOf, type Node, resolve, type ScalarNode, textAt } from "../source/tree.ts";
import type { PodTemplate } from "./pod-template.ts";
import { groupOf, type Resource } from "./resource.ts";

/** A ConfigMap with the texts of its `data`, in document order. */
export interface ConfigMap {
  resource: Resource;
  texts: { key: string; node: ScalarNode }[];
}

/** The resource as a ConfigMap; undefined for any other kind. */
export function configMapOf(resource: Resource): ConfigMap | undefined {
  if (resource.kind !== "ConfigMap" || groupOf(resource.apiVersion) !== "") return undefined;
  const data = entryOf(resource.root, "data");
  const texts = effectiveEntries(data?.value).flatMap(({ name, value }) => {
    const node = resolve(value);
    return name !== undefined && node.kind === "scalar" ? [{ key: name, node }] : [];
  });
  return { resource, texts };
}

/** Fields that name a ConfigMap: volumes (own and projected), `envFrom`, `env` (core/v1, Kubernetes 1.33). */
const REFERENCES = new Set(["configMap", "configMapRef", "configMapKeyRef"]);

/** Names of the ConfigMaps that a workload's Pods mount or load. */
export function configMapNames({ resource, path }: PodTemplate): Set<string> {
  const names = new Set<string>();
  const seen = new Set<Node>();
  const visit = (node: Node): void => {
    const value = resolve(node);
    if (value.kind === "scalar" || seen.has(value)) return;
    seen.add(value);
    if (value.kind === "seq") for (const item of value.items) visit(item.value);
    else for (const entry of value.entries) visitEntry(entry.name, entry.value);
  };
  const visitEntry = (field: string | undefined, value: Node): void => {
    const name = field !== undefined && REFERENCES.has(field) ? textAt(value, ["name"]) : undefined;
    if (name !== undefined) names.add(name);
    visit(value);
  };
  const template = at(resource.root, path);
  if (template !== undefined) visit(template);
  return names;
}
