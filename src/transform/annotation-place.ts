import type { PodTemplate } from "../kube/pod-template.ts";
import { at, type MapNode, type ScalarNode } from "../source/tree.ts";

/** Where annotations of a Pod template go: a map that gets new entries, or a null that becomes one. */
export interface AnnotationPlace {
  node: MapNode | ScalarNode;
  /** Keys of the maps still missing below it, down to the annotations. */
  missing: string[];
  /** Key of the entry that a missing one stands before; undefined: it is the last one. */
  before: string | undefined;
}

/** The innermost map of a Pod template's metadata.annotations that stands already. */
export function annotationPlace({ resource, metadataPath }: PodTemplate): AnnotationPlace {
  const base = at(resource.root, metadataPath.slice(0, -1)) as MapNode;
  const field = metadataPath.at(-1) as string;
  const metadata = fillable(base, field);
  if (metadata === undefined) return { node: base, missing: [field, "annotations"], before: "spec" };
  const annotations = fillable(metadata, "annotations");
  if (annotations === undefined) return { node: metadata, missing: ["annotations"], before: undefined };
  return { node: annotations, missing: [], before: undefined };
}

/** A map below a key, or the null that stands for one. */
function fillable(node: MapNode | ScalarNode, key: string): MapNode | ScalarNode | undefined {
  const value = at(node, [key]);
  return value?.kind === "map" || (value?.kind === "scalar" && value.value === null) ? value : undefined;
}
