import { at, type Entry, effectiveEntries, type Path } from "../source/tree.ts";
import type { Pod } from "./rule.ts";

/** Annotations that the injector reads on Pods (istio.io/api annotation/annotations.yaml, 1.28). */
const INJECTOR_KEY = /^(?:(?:traffic\.)?sidecar|proxy)\.istio\.io\/./;

/** Fields between a workload and its Pod template that have metadata of their own. */
const BETWEEN: readonly Path[] = [[], ["spec", "jobTemplate"]];

/** Annotations for the injector on metadata that no Pod gets: the workload's own, or that of a CronJob's Jobs. */
export function misplacedEntries({ template }: Pod): { entry: Entry; path: Path }[] {
  const { resource, path: templatePath, metadataPath } = template;
  if (templatePath.length === 0) return [];
  const places: Path[] = BETWEEN.filter((place) => isAbove(place, templatePath)).map((place) => [...place, "metadata"]);
  // Argo copies a CronWorkflow's workflowMetadata to the Workflow itself (argo-workflows, 3.6).
  if (template.layout === "argo-workflow") places.push(["spec", "workflowMetadata"]);
  return places
    .filter((place) => place.join("\0") !== metadataPath.join("\0"))
    .flatMap((place) => {
      const annotations = [...place, "annotations"];
      return effectiveEntries(at(resource.root, annotations))
        .filter(({ name }) => name !== undefined && INJECTOR_KEY.test(name))
        .map((entry) => ({ entry, path: [...annotations, entry.name as string] }));
    });
}

function isAbove(place: Path, path: Path): boolean {
  return place.length < path.length && place.every((step, index) => step === path[index]);
}
